"""Whether later rows still look like the training rows: PSI and a two-sample statistic, month by month."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tailproof.arrays.times import as_datetimes
from tailproof.core.records import Design
from tailproof.statistics.stability_index import LARGE_SHIFT, Stability

FEWEST_ROWS = 200
"""Equal distributions of n rows give a PSI of about 9 / n: with fewer rows than this, chance alone passes for a
shift."""
MOST_ROWS = 5_000


@dataclass(frozen=True, kw_only=True)
class Drift:
    """One column against its training rows in one month, or year of bars that are few a month."""

    name: str
    month: str
    """Such as 2024-03, or 2024 for a year."""
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
        return self.rows >= FEWEST_ROWS and self.psi > LARGE_SHIFT


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
    found = []
    for month in np.unique(month_N):
        rows_N = later_N[month_N == month]
        thin_N = _thin(rows_N)
        for column, name in enumerate(names):
            before_N, after_N = values_NF[train_N, column], values_NF[thin_N, column]
            found.append(
                Drift(
                    name=name,
                    month=str(month),
                    rows=len(rows_N),
                    psi=Stability.against(before_N).index(after_N),
                    ks=largest_distance(before_N, after_N),
                    outside=float(((after_N < before_N.min()) | (after_N > before_N.max())).mean()),
                )
            )
    return tuple(found)


def drift_of_run(
    design: Design, train: range, prediction_R: np.ndarray, known_at_R: np.ndarray, *, first_judged: int
) -> tuple[Drift, ...]:
    """Drift of every feature against the training rows, and of the forecasts against the first fold that was judged.

    Args:
        design: all rows.
        train: training rows of the first fold.
        prediction_R: forecasts of the judged rows, in time order.
        known_at_R: when each was known.
        first_judged: forecasts of the first fold; where there is only one fold, its first quarter is compared with the
            rest of it.
    """
    features = drift_by_month(design.names, design.x_NF, design.known_at_N, train=train)
    start = first_judged if first_judged < len(prediction_R) else len(prediction_R) // 4
    forecasts = drift_by_month(("prediction",), prediction_R[:, None], known_at_R, train=range(start))
    return (*features, *forecasts)


def drift_lines(found: tuple[Drift, ...]) -> list[str]:
    """One line for each column that shifted, its worst month named; none where nothing did."""
    worst: dict[str, Drift] = {}
    months: dict[str, int] = {}
    for one in found:
        if one.large:
            months[one.name] = months.get(one.name, 0) + 1
            if one.psi > worst.get(one.name, one).psi or one.name not in worst:
                worst[one.name] = one
    total = len({one.month for one in found})
    return [
        f"'{name}' drifts in {months[name]} of {total} {_unit(one)} after training: PSI {one.psi:.2f} in {one.month} "
        f"(above {LARGE_SHIFT} is a shift), {one.outside:.0%} of its values outside the range seen in training."
        for name, one in sorted(worst.items(), key=lambda item: -item[1].psi)
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
    return month_N.astype("datetime64[Y]") if np.median(rows_M) < FEWEST_ROWS else month_N


def _thin(rows_N: np.ndarray) -> np.ndarray:
    return rows_N[:: max(1, math.ceil(len(rows_N) / MOST_ROWS))]
