"""Bars of a longer time frame, and what a short bar may see of them: completed ones only."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import polars as pl

from tailproof.arrays.times import to_nanoseconds
from tailproof.bars.merge.join import merge_known
from tailproof.bars.merge.known_series import KnownSeries
from tailproof.bars.sessions.known_at import DAY
from tailproof.bars.sessions.marker import SEGMENT_BARS
from tailproof.core.errors import ConfigError
from tailproof.core.instrument_columns import instrument_columns
from tailproof.core.records import Bars
from tailproof.settings.durations import describe_duration, parse_duration

WEEK = timedelta(days=7)
Every = timedelta | Literal["session"]


def resample(bars: Bars, every: Every | str) -> Bars:
    """Bars of ``every`` (5 minutes, an hour, a session): first open, highest high, lowest low, last close, all volume.

    Windows start at whole multiples of ``every`` since midnight UTC and never hold bars of two sessions or contracts. A
    window is known at its end by the clock, also where its last bars are missing. A session is known only when the next
    one has begun: that it was over could not be seen before. A last window that ends after the last bar is left out; so
    is the last session, which may not be over.

    Raises:
        ConfigError: ``every`` is not a whole multiple of the bar length.
    """
    rule = every if every == "session" or isinstance(every, timedelta) else parse_duration(every)
    if isinstance(rule, timedelta):
        return _by_clock(bars, rule)
    return _by_session(bars)


def add_timeframe(bars: Bars, every: Every | str) -> Bars:
    """Add open, high, low, close and volume of the last *completed* longer bar to each bar.

    The columns are named like ``close_1h`` or ``close_session``; empty until the first longer bar is complete.

    Raises:
        ConfigError: see ``resample``.
    """
    longer = resample(bars, every)
    label = "session" if every == "session" else describe_duration(longer.bar_length).replace(" ", "")
    names = [name for name in ("close", "open", "high", "low", "volume") if name in longer.frame.columns]
    frame = longer.frame.select("known_at", *(pl.col(name).alias(f"{name}_{label}") for name in names))
    note = f"Bars of {label}: {frame.height:,}, each seen only once complete."
    series = KnownSeries(name=f"close_{label}", frame=frame, notes=(note,))
    return merge_known(bars, series)


def _by_clock(bars: Bars, every: timedelta) -> Bars:
    whole_days = every % DAY == timedelta(0) and (every <= DAY or every == WEEK)
    divides = whole_days and _never_closes(bars) if every >= DAY else not DAY % every
    if every <= bars.bar_length or every % bars.bar_length or not divides:
        raise ConfigError(
            f"a longer time frame must be a whole multiple of the bars of {describe_duration(bars.bar_length)} and "
            f"divide a day (1d and 1w are for markets that never close), got {describe_duration(every)}. Give "
            "'session' for whole sessions."
        )
    window = pl.col("__window")
    grouped = _aggregate(bars, pl.col("time").dt.truncate(_polars_duration(every)))
    shared = window == window.shift()
    breaks = (
        (pl.col("session").diff() != 0) | (pl.col("__run").diff() != 0) | (window.diff() > SEGMENT_BARS * every)
    ).fill_null(value=False)
    frame = grouped.with_columns(
        pl.when(shared).then(pl.col("__first")).otherwise(window).alias("time"),
        (window + every).dt.cast_time_unit("ns").alias("known_at"),
        breaks.cast(pl.Int32).cum_sum().alias("segment"),
    )
    last_ns = bars.frame["known_at"].cast(pl.Int64)[-1]  # a Python datetime has no nanoseconds
    complete = frame.filter(pl.col("known_at").cast(pl.Int64) <= last_ns)
    torn = bool(frame.height and _began_before(bars, frame))
    complete = complete[1:] if torn else complete
    note = f"Resampled {len(bars):,} bars of {describe_duration(bars.bar_length)} to {complete.height:,} of "
    note += f"{describe_duration(every)}, each known at its end by the clock; none spans sessions or contracts"
    note += "; the first began before the bars and is left out" if torn else ""
    note += "; the last was not complete and is left out." if complete.height + torn < frame.height else "."
    return Bars(frame=_in_form(complete), bar_length=every, source=bars.source, notes=(*bars.notes, note))


def _began_before(bars: Bars, frame: pl.DataFrame) -> bool:
    """Whether the first bar starts later than its window, so that the window's beginning is unknown."""
    into_ns = frame["__first"].cast(pl.Int64)[0] - frame["__window"].cast(pl.Int64)[0]
    return bool(into_ns >= to_nanoseconds(bars.bar_length))


def _never_closes(bars: Bars) -> bool:
    """Whether there are bars on Saturdays and Sundays: days of UTC are then the days of the market."""
    weekday = bars.frame["time"].dt.weekday()
    return bool((weekday == 6).any() and (weekday == 7).any())


def _polars_duration(every: timedelta) -> str:
    """A duration for polars; weeks begin on Monday."""
    return "1w" if every == WEEK else f"{to_nanoseconds(every)}ns"


def _by_session(bars: Bars) -> Bars:
    grouped = _aggregate(bars, pl.lit(0))
    starts = bars.frame.group_by("session", maintain_order=True).agg(pl.col("known_at").first())
    following = starts.with_columns(pl.col("known_at").shift(-1))
    known = grouped.join(following, on="session", how="left", maintain_order="left")
    frame = known.filter(pl.col("known_at").is_not_null()).with_columns(
        pl.col("__first").alias("time"), pl.col("__run").alias("segment")
    )
    spans = bars.frame.group_by("session").agg((pl.col("time").max() - pl.col("time").min()).alias("span"))["span"]
    usual = spans.median()
    assert isinstance(usual, timedelta)
    note = f"Resampled {len(bars):,} bars of {describe_duration(bars.bar_length)} to {frame.height:,} sessions, "
    note += "each known when the next has begun; the last is left out."
    length = usual + bars.bar_length
    return Bars(frame=_in_form(frame), bar_length=length, source=bars.source, notes=(*bars.notes, note))


def _aggregate(bars: Bars, window: pl.Expr) -> pl.DataFrame:
    """One row per session, contract run and window, in time order."""
    frame = bars.frame
    run = pl.lit(0, dtype=pl.Int32)
    names = instrument_columns(frame)
    if names:
        changes = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in names)
        run = (changes & (pl.int_range(pl.len()) > 0)).cast(pl.Int32).cum_sum()
    sums = [pl.col("volume").sum()] if "volume" in frame.columns else []
    firsts = [pl.col(name).first() for name in names]
    return (
        frame.with_columns(run.alias("__run"), window.alias("__window"))
        .group_by("session", "__run", "__window", maintain_order=True)
        .agg(
            pl.col("time").first().alias("__first"),
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            *sums,
            *firsts,
        )
    )


def _in_form(frame: pl.DataFrame) -> pl.DataFrame:
    first = ["time", "known_at", "open", "high", "low", "close", "volume", "session", "segment"]
    first += instrument_columns(frame)
    return frame.select(name for name in first if name in frame.columns)
