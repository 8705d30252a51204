"""Forecasts that were made elsewhere, read from a file or a frame and matched with the bars that they are about."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tailproof.bars.clean.table import read_frame, read_table
from tailproof.bars.read.aliases import KNOWN_AT
from tailproof.bars.read.arrow_chunks import read_frame_chunks
from tailproof.bars.read.frames import as_polars
from tailproof.bars.read.sources import find_source, read_source
from tailproof.bars.read.table_plan import LINE
from tailproof.core.counted import counted
from tailproof.core.errors import ConfigError, DataError
from tailproof.core.records import Bars
from tailproof.core.surface import setting
from tailproof.settings.read_options import ReadOptions

PREDICTION, HORIZON = "prediction", "horizon"
TIME = ("time",)
MAX_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class GivenForecasts:
    """One forecast for each of some bars, in time order."""

    source: str
    bar_N: np.ndarray
    """int64 row of the bar in Bars.frame after whose end the forecast counts, rising."""
    prediction_N: np.ndarray
    """float64, finite."""
    horizon: int
    """Bars from the close of the row's bar to the close that is forecast."""

    @property
    def digest(self) -> str:
        """Fingerprint of the forecasts: others are another trial."""
        content = self.bar_N.tobytes() + self.prediction_N.tobytes() + str(self.horizon).encode()
        return hashlib.sha256(content).hexdigest()


def read_forecasts(forecasts: Any, bars: Bars, *, reading: ReadOptions, horizon: int | None) -> GivenForecasts:
    """Forecasts from a file (CSV, Parquet, Arrow) or a polars or pandas frame.

    Columns: ``known_at`` (the end of the bar after which the forecast was made) or ``time`` (the start of that bar),
    ``prediction``, and ``horizon`` unless it is given here.

    Args:
        forecasts: the file or the frame.
        bars: the bars that the forecasts are about.
        reading: how the bars are read; its ``timezone``, ``ambiguous`` and ``day_first`` hold for these times too.
        horizon: bars from a forecast to the close that it is about; None takes the column.

    Raises:
        DataError: the forecasts cannot be read, are not one finite number for each of different bars, or are about
            none of these bars.
        ConfigError: nobody says what the horizon is.
    """
    source = str(forecasts) if isinstance(forecasts, str | Path) else "the frame of forecasts"
    options = ReadOptions(timezone=reading.timezone, ambiguous=reading.ambiguous, day_first=reading.day_first)
    table, by_end = _table(forecasts, source, options)
    if PREDICTION not in table.columns:
        columns = ", ".join(name for name in table.columns if name != LINE)
        raise DataError(
            f"{source}: forecasts must have a column 'prediction' of numbers, got {columns}. Give each row's forecast "
            "as a return, or as any number that is above 0 where the price is expected to rise."
        )
    faults = [*_unreadable(table), *_repeated(table)]
    bar_N, unmatched = _matched(table, bars, by_end=by_end, timezone=options.timezone, source=source)
    faults += unmatched
    if faults:
        raise DataError("\n".join([f"{source}: forecasts that cannot be judged:", *(f"  - {each}" for each in faults)]))
    order_N = np.argsort(bar_N, kind="stable")
    return GivenForecasts(
        source=source,
        bar_N=bar_N[order_N],
        prediction_N=table[PREDICTION].to_numpy()[order_N].astype(np.float64),
        horizon=_horizon(table, horizon, source=source),
    )


def _table(forecasts: Any, source: str, options: ReadOptions) -> tuple[pl.DataFrame, bool]:
    """The columns as they are, and whether ``time`` is the end of the bars."""
    if isinstance(forecasts, str | Path):
        path = Path(forecasts)
        plan = next(iter(read_source(find_source(path), options=options, required=TIME)))[0]
        by_end = _has_known_at(plan.meanings)
        return read_table(path, required=TIME, options=_as_time(options, by_end=by_end), strict_rows=False), by_end
    frame = as_polars(forecasts, name=source)
    plan = next(iter(read_frame_chunks(frame, source=source, options=options, required=TIME)))[0]
    by_end = _has_known_at(plan.meanings)
    wanted = frame.drop("time", strict=False) if by_end else frame
    named = _as_time(options, by_end=by_end)
    return read_frame(wanted, source=source, required=TIME, options=named, strict_rows=False), by_end


def _has_known_at(meanings: dict[str, str]) -> bool:
    """Whether the file says when each forecast was made: that decides, whatever other times stand beside it."""
    return KNOWN_AT in meanings.values() or KNOWN_AT in (name.strip().lower() for name in meanings)


def _as_time(options: ReadOptions, *, by_end: bool) -> ReadOptions:
    return options.model_copy(update={"columns": {"time": KNOWN_AT}}) if by_end else options


def _horizon(table: pl.DataFrame, horizon: int | None, *, source: str) -> int:
    if HORIZON not in table.columns:
        if horizon is None:
            raise ConfigError(
                f"{source}: nobody says how far ahead the forecasts look. Give {setting('horizon')}, or a "
                "column 'horizon': the bars from each forecast to the close that it is about."
            )
        return horizon
    values = table[HORIZON].unique(maintain_order=True).to_list()
    if len(values) > 1:
        raise DataError(
            f"{source}: all forecasts must have one horizon, got {', '.join(f'{each}' for each in values[:5])}. Judge "
            "each horizon on its own."
        )
    (value,) = values
    if value is None or value != value or value < 1 or value != int(value):
        raise DataError(f"{source}: the horizon must be a whole number of bars from 1, got {value}.")
    if horizon is not None and horizon != int(value):
        raise ConfigError(
            f"{source}: the column 'horizon' says {int(value)} bars, but {setting('horizon')} says {horizon}. "
            "Leave out one."
        )
    return int(value)


def _unreadable(table: pl.DataFrame) -> list[str]:
    """Predictions that are no finite number."""
    bad = table.filter(~pl.col(PREDICTION).is_finite().fill_null(value=False))
    if not bad.height:
        return []
    shown = ", ".join(f"{value} in {_row(line)}" for line, value in bad.select(LINE, PREDICTION).head(MAX_SHOWN).rows())
    return [f"{counted(bad.height, 'prediction')} not finite: {shown}. Leave out rows without a forecast."]


def _repeated(table: pl.DataFrame) -> list[str]:
    """Several forecasts for one time."""
    again = table.filter(~pl.col("time").is_first_distinct())
    if not again.height:
        return []
    line, time = again.select(LINE, "time").row(0)
    return [
        f"{counted(again.height, 'time')} repeated, first {_shown(time)} UTC in {_row(line)}. Keep the "
        "forecast that would have been traded."
    ]


def _matched(
    table: pl.DataFrame, bars: Bars, *, by_end: bool, timezone: str, source: str
) -> tuple[np.ndarray, list[str]]:
    """The row of the bar of each forecast, and what to say of forecasts that belong to no bar.

    Raises:
        DataError: none belongs to a bar.
    """
    name, where = (KNOWN_AT, "end") if by_end else ("time", "start")
    time_N = table["time"].dt.cast_time_unit("ns").to_physical().to_numpy()
    time_B = bars.frame[name].dt.cast_time_unit("ns").to_physical().to_numpy()
    place_N = np.minimum(np.searchsorted(time_B, time_N), len(time_B) - 1)
    alone_N = time_B[place_N] != time_N
    if not alone_N.any():
        return place_N, []
    spans = [f"{_shown(each.min())} to {_shown(each.max())}" for each in (table["time"], bars.frame[name])]
    if alone_N.all():
        raise DataError(
            f"{source}: none of {len(time_N):,} forecasts is about one of these bars: they are from {spans[0]} UTC, "
            f"the {where}s of the bars from {spans[1]} UTC. Times without an offset are read in {timezone}: give "
            f"{setting('timezone')} where that is wrong, and name the column {'time' if by_end else 'known_at'} where "
            f"it holds the {'start' if by_end else 'end'} of bars."
        )
    line, time = table.filter(pl.Series(alone_N)).select(LINE, "time").row(0)
    return place_N, [
        f"{int(alone_N.sum()):,} of {len(time_N):,} times are no {where} of a bar, first {_shown(time)} UTC "
        f"in {_row(line)} (bars: {spans[1]} UTC). Give each forecast the {where} of the last bar that it knew."
    ]


def _row(line: int) -> str:
    return f"row {line}"


def _shown(time: object) -> str:
    """A time to the second, or to the minute where that is all of it."""
    return format(time, "%Y-%m-%d %H:%M:%S").removesuffix(":00")
