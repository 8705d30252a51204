"""The same features on bars 5, 15 or 60 times as long, of which a bar sees only those that are complete."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from tailproof.core.records import Bars
from tailproof.features.feature import Feature

FIRST, HIGHEST, LOWEST, TOTAL = ("open",), ("high",), ("low",), ("volume",)


@dataclass(frozen=True, kw_only=True)
class LongerBars:
    """Longer bars, and for each short bar the row of the last one that was complete by then."""

    bars: Bars
    last_complete: pl.Series
    """Row in ``bars.frame`` for each short bar; null before the segment's first complete one."""


def on_longer_bars(feature: Feature, times: int) -> Feature:
    """``feature`` computed on bars ``times`` times as long, as ``NAME_x5``.

    Bars in between see the value of the last complete longer bar, so up to ``times - 1`` more bars are read, and the
    same again for the longer bar at which the history begins.
    """
    assert feature.look_back is not None
    sessions = feature.look_back_sessions
    return replace(
        feature,
        name=f"{feature.name}_x{times}",
        formula=f"{feature.formula} [on completed bars {times} times as long]",
        look_back=0 if sessions and not feature.look_back else (feature.look_back + 2) * times,
        known=f"when the bar {times} times as long is complete",
        stationary_twin=f"{feature.stationary_twin}_x{times}" if feature.stationary_twin else None,
        family=f"{feature.family}, longer bars",
        times=times,
    )


def lengthen(bars: Bars, times: int) -> LongerBars:
    """Bars ``times`` times as long, inside segments, on whole multiples of their length since midnight UTC.

    A longer bar is complete when the clock has passed its end: the last bars of a session may never complete one. Open
    is the first, high the highest, low the lowest, volume the sum; every other column has its last value.
    """
    length = bars.bar_length * times
    seconds = int(length.total_seconds())
    start = pl.col("time").dt.truncate(f"{seconds}s")
    marked = bars.frame.with_columns(longer_start=start)
    begins = (pl.col("longer_start") != pl.col("longer_start").shift(1)) | (
        pl.col("segment") != pl.col("segment").shift(1)
    )
    marked = marked.with_columns(longer=begins.fill_null(value=True).cast(pl.Int64).cum_sum() - 1)
    frame = _aggregate(marked)
    ended = (marked["longer_start"] + length).dt.cast_time_unit("ns") <= marked["known_at"]
    row = marked["longer"] - (~ended).cast(pl.Int64)
    row = row.set(row < 0, None)
    inside = frame["segment"].gather(row) == marked["segment"]
    return LongerBars(
        bars=Bars(frame=frame, bar_length=length, source=bars.source),
        last_complete=row.set(~inside.fill_null(value=False), None),
    )


def _aggregate(marked: pl.DataFrame) -> pl.DataFrame:
    """One row a longer bar; bars of one are neighbours, so first and last rows are found by where it changes."""
    others = [name for name in marked.columns if name not in ("longer", "longer_start", "time")]
    rules = []
    for name in others:
        column = pl.col(name)
        if name in FIRST:
            rules.append(column.first())
        elif name in HIGHEST:
            rules.append(column.max())
        elif name in LOWEST:
            rules.append(column.min())
        elif name in TOTAL:
            rules.append(column.sum())
        else:
            rules.append(column.last())
    grouped = marked.group_by("longer", maintain_order=True).agg(pl.col("longer_start").first().alias("time"), *rules)
    return grouped.drop("longer")
