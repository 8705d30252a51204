"""How far later values have moved from earlier ones: over bins of the earlier, by distribution function, by month."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tailproof.arrays.parallel import map_in_threads
from tailproof.arrays.times import as_datetimes
from tailproof.statistics.deciles import decile_edges

LARGE_SHIFT = 0.25
"""A population stability index above this is a shift, by the customary reading."""
LARGE_DISTANCE = 0.2
"""A larger distance of two distribution functions is a shift too; half a standard deviation causes both."""
MIN_ROWS = 200
"""Equal distributions of n rows give a PSI of about 9 / n: with fewer rows than this, chance alone passes for a
shift."""
MAX_ROWS = 5_000
MIN_SHARE = 1e-4
"""Share that an empty bin counts as, so that its logarithm exists."""
MASS = 0.05
"""A value that holds this share of the earlier values has a bin of its own."""


@dataclass(frozen=True, kw_only=True)
class ReferenceBins:
    """Earlier values in bins, which later values are compared with."""

    edge_K: np.ndarray
    share_B: np.ndarray
    """Share of the earlier values in each bin; bin k holds values above edge k - 1 up to edge k."""

    @classmethod
    def of(cls, earlier_N: np.ndarray) -> ReferenceBins:
        """Ten bins that hold a tenth of the earlier values each, fewer where values repeat.

        A value that alone holds a twentieth of them or more is parted from what lies below and above it, so that a
        mass that moves off it, to either side, is seen.

        >>> ReferenceBins.of(np.arange(11.0)).edge_K.round(9).tolist()
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
        """
        sorted_N = np.sort(earlier_N)
        candidate_K = np.unique(np.quantile(sorted_N, np.linspace(0.0, 1.0, round(1.0 / MASS) + 1)))
        first_K, last_K = (np.searchsorted(sorted_N, candidate_K, side=side) for side in ("left", "right"))
        mass_K = candidate_K[last_K - first_K >= max(2.0, MASS * len(sorted_N))]
        edge_K = np.unique(np.concatenate([decile_edges(sorted_N), mass_K, np.nextafter(mass_K, -np.inf)]))
        return cls(edge_K=edge_K, share_B=np.maximum(_shares(edge_K, sorted_N), MIN_SHARE))

    @classmethod
    def from_json(cls, stored: Mapping[str, Sequence[float]]) -> ReferenceBins:
        """The inverse of ``as_json``."""
        return cls(edge_K=np.array(stored["edges"], dtype=np.float64), share_B=np.array(stored["shares"]))

    def as_json(self) -> dict[str, list[float]]:
        """Inner edges, and the share of the earlier values in each bin.

        >>> ReferenceBins.of(np.arange(100.0)).as_json()["shares"][:2]
        [0.1, 0.1]
        """
        return {"edges": self.edge_K.tolist(), "shares": self.share_B.tolist()}

    def psi(self, later_N: np.ndarray) -> float:
        """Population stability index: sum over bins of (q - p) ln(q / p), p the share of the earlier values, q of the
        later (Siddiqi 2006).

        Customary reading: below 0.1 stable, above 0.25 a shift. Equal distributions of n values give about 9 / n.

        >>> values_N = np.arange(1000.0)
        >>> ReferenceBins.of(values_N).psi(values_N)
        0.0
        """
        later_B = np.maximum(_shares(self.edge_K, later_N), MIN_SHARE)
        return float(((later_B - self.share_B) * np.log(later_B / self.share_B)).sum())

    def distance(self, later_N: np.ndarray) -> float:
        """Largest distance of the two distribution functions at the edges, 0 to 1: at most ``largest_distance``.

        >>> round(ReferenceBins.of(np.arange(1000.0)).distance(np.arange(500.0)), 3)
        0.5
        """
        return float(np.abs(np.cumsum(_shares(self.edge_K, later_N) - self.share_B)).max())


def reference_bins(names: Sequence[str], train_NF: np.ndarray) -> dict[str, ReferenceBins]:
    """The bins of every column of the training rows, by its name.

    >>> list(reference_bins(["x"], np.arange(100.0)[:, None]))
    ['x']
    """
    return dict(zip(names, map_in_threads(ReferenceBins.of, train_NF.T), strict=True))


def _shares(edge_K: np.ndarray, values_N: np.ndarray) -> np.ndarray:
    count_B = np.bincount(np.searchsorted(edge_K, values_N), minlength=len(edge_K) + 1)
    return np.asarray(count_B / len(values_N))


def is_shift(psi: float, distance: float) -> bool:
    """Whether either of the two is large."""
    return psi > LARGE_SHIFT or distance > LARGE_DISTANCE


@dataclass(frozen=True, kw_only=True)
class Drift:
    """One column against its training rows in one month, or in one year where months hold few bars."""

    name: str
    month: str
    """The period, such as 2024-03, or 2024 for a year."""
    rows: int
    psi: float
    """Population stability index over the ten equally filled bins of the training rows."""
    ks: float
    """Largest distance of the two distribution functions (Kolmogorov and Smirnov), 0 to 1."""
    outside: float
    """Share of values beyond the range seen in training."""

    @property
    def large(self) -> bool:
        """Whether the period no longer looks like the training rows, and has rows enough to say so."""
        return self.rows >= MIN_ROWS and is_shift(self.psi, self.ks)


def drift_by_month(
    names: tuple[str, ...], values_NF: np.ndarray, known_at_N: np.ndarray, *, train: range
) -> tuple[Drift, ...]:
    """Every column of every month after the training rows, against the training rows.

    Training rows are thinned evenly to at most 5,000 and a month's too: equal distributions then give a PSI of about
    0.004 and a Kolmogorov-Smirnov distance of about 0.02.

    Args:
        names: of the columns: features, or "prediction".
        values_NF: finite values; the rows of ``train`` are what the others are compared with.
        known_at_N: nanoseconds UTC.
        train: rows that something was fitted on.
    """
    train_N = _thin(np.arange(train.start, train.stop))
    later_N = np.arange(train.stop, len(values_NF))
    month_N = _periods(known_at_N[later_N])
    bins = [ReferenceBins.of(values_NF[train_N, column]) for column in range(len(names))]
    drifts = []
    for month in np.unique(month_N):
        rows_N = later_N[month_N == month]
        thin_N = _thin(rows_N)
        for column, name in enumerate(names):
            before_N, after_N = values_NF[train_N, column], values_NF[thin_N, column]
            drifts.append(
                Drift(
                    name=name,
                    month=str(month),
                    rows=len(rows_N),
                    psi=bins[column].psi(after_N),
                    ks=largest_distance(before_N, after_N),
                    outside=float(((after_N < before_N.min()) | (after_N > before_N.max())).mean()),
                )
            )
    return tuple(drifts)


def stability_indices(names: Sequence[str], train_NF: np.ndarray, later_NF: np.ndarray) -> list[dict[str, Any]]:
    """Population stability index of every column's later rows against its training rows, as plain values.

    >>> stability_indices(["x"], np.arange(100.0)[:, None], np.arange(100.0)[:, None])
    [{'name': 'x', 'stability_index': 0.0}]
    """
    bins = reference_bins(names, train_NF)
    return [{"name": name, "stability_index": bins[name].psi(later_NF[:, column])} for column, name in enumerate(names)]


def drift_lines(drifts: tuple[Drift, ...]) -> list[str]:
    """How many columns shifted, then one line for each, its worst month named; none where nothing did."""
    worst: dict[str, Drift] = {}
    months: dict[str, int] = {}
    for one in drifts:
        if one.large:
            months[one.name] = months.get(one.name, 0) + 1
            if one.psi > worst.get(one.name, one).psi or one.name not in worst:
                worst[one.name] = one
    if not worst:
        return []
    total, columns = len({one.month for one in drifts}), len({one.name for one in drifts})
    ordered = sorted(worst.items(), key=lambda item: -item[1].psi)
    name, first = ordered[0]
    return [
        f"Drift: {len(worst)} of {columns} columns shift after training, '{name}' the furthest (PSI {first.psi:.2f} in "
        f"{first.month}; above {LARGE_SHIFT} is a shift).",
        *(
            f"  '{name}' drifts in {months[name]} of {total} {_unit(one)} after training: PSI {one.psi:.2f} and KS "
            f"{one.ks:.2f} in {one.month} (above {LARGE_SHIFT} or {LARGE_DISTANCE} is a shift), {one.outside:.0%} of "
            "its values outside the range seen in training."
            for name, one in ordered
        ),
    ]


def largest_distance(first_N: np.ndarray, second_N: np.ndarray) -> float:
    """Largest distance of two empirical distribution functions (Smirnov 1939), 0 to 1.

    >>> largest_distance(np.array([1.0, 2.0]), np.array([1.5, 3.0]))
    0.5
    """
    all_N = np.concatenate([first_N, second_N])
    share_first_N = np.searchsorted(np.sort(first_N), all_N, side="right") / len(first_N)
    share_second_N = np.searchsorted(np.sort(second_N), all_N, side="right") / len(second_N)
    return float(np.abs(share_first_N - share_second_N).max())


def _unit(one: Drift) -> str:
    return "months" if "-" in one.month else "years"


def _periods(known_at_N: np.ndarray) -> np.ndarray:
    """Calendar months, UTC; years where half of the months have fewer rows than a PSI needs."""
    month_N = as_datetimes(known_at_N).astype("datetime64[M]")
    _, rows_M = np.unique(month_N, return_counts=True)
    return month_N.astype("datetime64[Y]") if np.median(rows_M) < MIN_ROWS else month_N


def _thin(rows_N: np.ndarray) -> np.ndarray:
    return rows_N[:: max(1, math.ceil(len(rows_N) / MAX_ROWS))]
