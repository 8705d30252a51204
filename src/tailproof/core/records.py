"""The records that travel between the stages, and the legend of array shapes.

Arrays carry their shape in the name:

- N rows of a design, F features, T target columns, M members of a population, O outputs of a network, I inputs,
  K classes or knots, P parameters, S sessions.
- ``x_NF`` is therefore (rows, features), ``weight_OI`` (outputs, inputs), ``y_N`` one value per row.

Times in arrays are int64 nanoseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
import polars as pl

from tailproof.arrays.scratch import gathered
from tailproof.arrays.times import last_known, to_nanoseconds

PRICES = ("open", "high", "low", "close")
"""The columns of prices of every bar."""


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Validated bars of one instrument, in time order.

    ``frame`` has the columns ``time`` (bar start, UTC), ``known_at`` (when the bar is complete, UTC), ``open``,
    ``high``, ``low``, ``close`` (float64), ``volume`` (float64, where the file has it), ``session`` (int32, one number
    a trading session), ``segment`` (int32, one number an unbroken stretch of bars: returns, windows and labels stay
    inside it) and whatever other columns came with the file or by merging.
    """

    frame: pl.DataFrame
    bar_length: timedelta
    source: str
    notes: tuple[str, ...] = ()
    """Sentences for the log: what was assumed, what was counted."""
    series: Mapping[str, JoinedSeries] = field(default_factory=dict)
    """The other series that were joined to these bars, by name."""

    @property
    def daily(self) -> bool:
        """Whether a bar is a day or longer, so that its row is named by a date."""
        return self.bar_length >= timedelta(days=1)

    def __len__(self) -> int:
        return self.frame.height

    def __repr__(self) -> str:
        joined = f", series={list(self.series)}" if self.series else ""
        return f"Bars(source={self.source!r}, rows={len(self)}, bar_length={str(self.bar_length)!r}{joined})"


@dataclass(frozen=True, kw_only=True)
class JoinedSeries:
    """Another series beside the bars, on rows of its own: bars of another instrument, or values as they were published.

    At a bar, the last of its rows with known_at <= the bar's known_at is in force, unless it has become stale.
    """

    name: str
    rows: Bars
    """Its own rows, ``known_at`` rising: of another instrument its bars, with their own sessions and segments."""
    values: tuple[str, ...]
    """Columns of ``rows`` that hold published values; none where the rows are bars."""
    columns: tuple[str, ...]
    """The columns that the join added to the bars."""
    stale_after: timedelta
    """A row known longer ago than this is not in force."""
    published: pl.DataFrame | None = None
    """Its rows as they were published, vintages among them, of which ``rows`` are made."""
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    """Where it came from, and hashes of its files and of its rows."""

    def rows_at(self, known_at: pl.Series) -> pl.Series:
        """The row in force at each of some instants (rising); null where there is none."""
        at_N, known_K = (times.cast(pl.Int64) for times in (known_at, self.rows.frame["known_at"]))
        row_N = last_known(known_K, at_N)
        stale_N = at_N - known_K.gather(row_N) > to_nanoseconds(self.stale_after)
        return row_N.set(stale_N.fill_null(value=False), None)

    def __repr__(self) -> str:
        return f"JoinedSeries(name={self.name!r}, rows={len(self.rows)}, columns={list(self.columns)})"


@dataclass(frozen=True, kw_only=True)
class Design:
    """The rows that a network can learn from: features and forward return known, warm-up and gap rows left out."""

    names: tuple[str, ...]
    x_NF: np.ndarray
    """float32 feature values, unscaled, finite; of many rows in a mapped file (see ``rows_array``)."""
    return_N: np.ndarray
    """float64 return from the close of the row's bar to the close ``horizon`` bars later."""
    last_return_N: np.ndarray
    """float64 return of the row's own bar, close to close; 0 for the first bar of a segment."""
    close_N: np.ndarray
    """float64 close of the row's bar."""
    known_at_N: np.ndarray
    """int64 nanoseconds UTC; every feature of the row is known then, and no later."""
    label_end_N: np.ndarray
    """int64 nanoseconds UTC at which the forward return is known."""
    session_N: np.ndarray
    """int32 session number."""
    bar_N: np.ndarray
    """int64 row of the bar in Bars.frame."""
    stretch_N: np.ndarray
    """int64 number of the stretch of bars over which one position can be held (``core/stretches.py``)."""
    open_return_N: np.ndarray
    """float64 return from the open of the next bar, the first price an order can have, to the close ``horizon`` bars
    after the row's."""
    dropped: dict[str, int] = field(default_factory=dict)
    """Bars that gave no row, counted by reason."""

    def __len__(self) -> int:
        return len(self.return_N)

    def take(self, rows: slice | np.ndarray) -> Design:
        """The design of some rows: views for a slice, copies for row numbers."""
        return replace(
            self,
            x_NF=self.x_NF[rows] if isinstance(rows, slice) else gathered(self.x_NF, rows),
            return_N=self.return_N[rows],
            last_return_N=self.last_return_N[rows],
            close_N=self.close_N[rows],
            known_at_N=self.known_at_N[rows],
            label_end_N=self.label_end_N[rows],
            session_N=self.session_N[rows],
            bar_N=self.bar_N[rows],
            stretch_N=self.stretch_N[rows],
            open_return_N=self.open_return_N[rows],
        )


@dataclass(frozen=True, kw_only=True)
class Fold:
    """Row ranges of a Design; ``train``, ``validation`` and ``test`` follow each other in time."""

    train: range
    validation: range
    test: range
    purged: int
    """Rows left out because their label ends after the next part begins."""
    embargoed: int = 0
    """Further rows left out by the embargo."""

    @property
    def judged_on_validation(self) -> bool:
        """Whether the rows that choose the best epoch are also those that are reported."""
        return len(self.test) > 0 and self.test == self.validation


@dataclass(frozen=True, kw_only=True)
class CombinatorialFold:
    """Row ranges of a Design; training rows lie before, between and after the tested groups."""

    train: tuple[range, ...]
    validation: tuple[range, ...]
    test: tuple[range, ...]
    """One range per tested group, in time order."""
    groups: tuple[int, ...]
    """Numbers of the tested groups."""
    paths: tuple[int, ...]
    """The backtest path that each tested group's forecasts belong to."""
    purged: int
    """Rows left out because their label interval meets one of another part."""
    embargoed: int
    """Further rows left out by the embargo."""


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Predictions for rows of a Design, beside the outcomes."""

    prediction_N: np.ndarray
    """float64, in units of the target (a rank in [0, 1] by default): the mean over the members."""
    predicted_return_N: np.ndarray
    """float64, the prediction carried back to a return by the inverse of the target's transform."""
    target_N: np.ndarray
    """float64, the value that the loss compares the prediction with."""
    return_N: np.ndarray
    open_return_N: np.ndarray
    """float64, from the open of the next bar to the same close as ``return_N``."""
    known_at_N: np.ndarray
    label_end_N: np.ndarray
    session_N: np.ndarray
    bar_N: np.ndarray
    """int64 row of the bar in Bars.frame."""
    stretch_N: np.ndarray
    """int64 number of the stretch of bars over which one position can be held."""

    @classmethod
    def of_rows(
        cls,
        design: Design,
        row_N: np.ndarray,
        *,
        prediction_N: np.ndarray,
        predicted_return_N: np.ndarray,
        target_N: np.ndarray,
    ) -> Forecast:
        """Predictions for the rows ``row_N`` of a design, beside what it says of them."""
        return cls(
            prediction_N=prediction_N,
            predicted_return_N=predicted_return_N,
            target_N=target_N,
            return_N=design.return_N[row_N],
            open_return_N=design.open_return_N[row_N],
            known_at_N=design.known_at_N[row_N],
            label_end_N=design.label_end_N[row_N],
            session_N=design.session_N[row_N],
            bar_N=design.bar_N[row_N],
            stretch_N=design.stretch_N[row_N],
        )
