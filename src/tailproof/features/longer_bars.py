"""The same features on bars 5, 15 or any number of times as long, or as long as a session, of which a bar sees only
those that are complete."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import polars as pl

from tailproof.core.errors import ConfigError
from tailproof.core.records import PRICES, Bars
from tailproof.features.feature import Feature, Times

RULES = {"open": pl.Expr.first, "high": pl.Expr.max, "low": pl.Expr.min, "volume": pl.Expr.sum}
"""How bars are joined into a longer one; every other column keeps its last value."""
IN_DOLLARS = ("amihud_60", "dollar_ratio_60")
"""Families that add prices to something else, so that they need unscaled prices."""


@dataclass(frozen=True, kw_only=True)
class LongerBars:
    """Longer bars, and for each short bar the row of the last one that was complete by then."""

    bars: Bars
    last_complete: pl.Series
    """Row in the frame of the bars for each short bar; null before the segment's first complete one."""


def on_longer_bars(feature: Feature, times: Times) -> Feature:
    """``feature`` computed on bars ``times`` times as long, as ``NAME_x5``, or on whole sessions, as ``NAME_x1s``.

    Bars in between see the value of the last complete longer bar, so up to ``times - 1`` more bars are read, and the
    same again for the longer bar at which the history begins. During a session the last complete one is the one before.

    Raises:
        ConfigError: on sessions, of a feature that is a price level or itself reads whole sessions.
    """
    if times == "session":
        return _on_sessions(feature)
    sessions, back = feature.look_back_sessions, feature.look_back
    return replace(
        feature,
        name=f"{feature.name}_x{times}",
        formula=f"{feature.formula} [on completed bars {times} times as long]",
        look_back=back if back is None or (sessions and not back) else (back + 2) * times,
        known=f"when the bar {times} times as long is complete",
        stationary_twin=f"{feature.stationary_twin}_x{times}" if feature.stationary_twin else None,
        family=f"{feature.family}, longer bars",
        times=times,
    )


def _on_sessions(feature: Feature) -> Feature:
    if feature.level or feature.name in IN_DOLLARS or feature.look_back_sessions or feature.crosses:
        raise ConfigError(
            f"feature '{feature.name}_x1s': only what neither depends on the price level nor reads whole sessions can "
            "be computed on sessions as bars. Choose another feature, or bars a number of times as long, such as "
            f"'{feature.name}_x60'."
        )
    return replace(
        feature,
        name=f"{feature.name}_x1s",
        formula=f"{feature.formula} [on completed sessions, what happened between them left out]",
        look_back=None if feature.look_back is None else 0,
        look_back_sessions=(feature.look_back or 0) + 2,
        known="when the session is over",
        family=f"{feature.family}, longer bars",
        times="session",
    )


def lengthen(bars: Bars, times: Times) -> LongerBars:
    """Bars ``times`` times as long, inside segments, on whole multiples of their length since midnight UTC.

    A longer bar is complete when the clock has passed its end: the last bars of a session may never complete one. Open
    is the first, high the highest, low the lowest, volume the sum; every other column has its last value.
    """
    if times == "session":
        return _sessions(bars)
    length = bars.bar_length * times
    start = pl.col("time").dt.truncate(f"{int(length.total_seconds())}s")
    marked = bars.frame.with_columns(longer_start=start)
    marked = marked.with_columns(longer=pl.struct("segment", "longer_start").rle_id().cast(pl.Int64))
    frame = _aggregate(marked.with_columns(time="longer_start").drop("longer_start"))
    ended = (marked["longer_start"] + length).dt.cast_time_unit("ns") <= marked["known_at"]
    row = marked["longer"] - (~ended).cast(pl.Int64)
    row = row.set(row < 0, None)
    inside = frame["segment"].gather(row) == marked["segment"]
    return LongerBars(
        bars=Bars(frame=frame, bar_length=length, source=bars.source),
        last_complete=row.set(~inside.fill_null(value=False), None),
    )


def _sessions(bars: Bars) -> LongerBars:
    """One bar per session, its prices chained: each segment opens at 1 or where the one before it closed.

    So a return from session to session is made of what could be earned inside them; gaps between, where contracts
    roll, are left out. A session counts as complete when a bar of the next one is.
    """
    segments = _aggregate(bars.frame.with_columns(longer=pl.col("segment").rle_id()))
    growth = (pl.col("close") / pl.col("open")).cum_prod().shift(1, fill_value=1.0)
    chained = segments.with_columns(pl.col(PRICES) * (growth / pl.col("open")))
    frame = _aggregate(chained.with_columns(longer=pl.col("session").rle_id()))
    row = bars.frame.select(pl.col("session").rle_id().cast(pl.Int64) - 1).to_series()
    return LongerBars(
        bars=Bars(
            frame=frame.with_columns(segment=pl.lit(0, pl.Int32)), bar_length=timedelta(days=1), source=bars.source
        ),
        last_complete=row.set(row < 0, None),
    )


def _aggregate(marked: pl.DataFrame) -> pl.DataFrame:
    """One row for each number of the column ``longer``, which rises; ``time`` is the first."""
    rules = [RULES.get(name, pl.Expr.last)(pl.col(name)) for name in marked.columns if name not in ("longer", "time")]
    grouped = marked.with_columns(pl.col("longer").set_sorted()).group_by("longer", maintain_order=True)
    return grouped.agg(pl.col("time").first(), *rules).drop("longer")
