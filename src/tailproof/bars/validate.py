"""Checks that must hold before any return is computed."""

from __future__ import annotations

import polars as pl

from tailproof.bars.columns import PRICES
from tailproof.bars.faults import Fault, raise_faults


def validate(frame: pl.DataFrame, *, source: str) -> None:
    """Raise one DataError that lists every fault of prices, volume and times; return nothing where there is none.

    Checked: prices present, finite and above zero; high >= low; open and close inside [low, high]; volume present,
    finite and not negative; times strictly increasing.
    """
    faults = [*_value_faults(frame), *_range_faults(frame), *_time_faults(frame)]
    raise_faults(faults, source=source)


def _value_faults(frame: pl.DataFrame) -> list[Fault]:
    faults = []
    for name in (*PRICES, "volume"):
        if name not in frame.columns:
            continue
        column = pl.col(name)
        allowed = column >= 0 if name == "volume" else column > 0
        bounds = "a number of at least 0" if name == "volume" else "a price above 0"
        faults += _fault(frame, f"missing '{name}'", column.is_null(), name, bounds)
        faults += _fault(frame, f"'{name}' is not finite", column.is_nan() | column.is_infinite(), name, bounds)
        faults += _fault(frame, f"'{name}' out of range", column.is_finite() & ~allowed, name, bounds)
    return faults


def _range_faults(frame: pl.DataFrame) -> list[Fault]:
    faults = _fault(frame, "high below low", pl.col("high") < pl.col("low"), "high", "high >= low")
    for name in ("open", "close"):
        outside = (pl.col("high") >= pl.col("low")) & ~pl.col(name).is_between(pl.col("low"), pl.col("high"))
        faults += _fault(
            frame, f"'{name}' outside low-high", outside & pl.col(name).is_finite(), name, "low <= it <= high"
        )
    return faults


def _time_faults(frame: pl.DataFrame) -> list[Fault]:
    step = pl.col("time").diff()
    return [
        *_fault(frame, "time before the row above", step < pl.duration(), "time", "times in rising order"),
        *_fault(frame, "time of the row above repeated", step == pl.duration(), "time", "one row a time"),
    ]


def _fault(frame: pl.DataFrame, kind: str, bad: pl.Expr, column: str, expected: str) -> list[Fault]:
    rows = frame.filter(bad.fill_null(value=False)).select("line", column)
    if rows.height == 0:
        return []
    return [Fault(kind, rows["line"].to_list(), found=f"{column} = {rows[column][0]}", expected=expected)]
