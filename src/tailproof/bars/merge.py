"""Values of another series joined to bars backward on the time they were known, never on the time they describe."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from tailproof.bars.known_series import KnownSeries
from tailproof.core.durations import describe_duration
from tailproof.core.records import Bars

STALE_AFTER = timedelta(days=10)
"""Longer than any closure of an exchange in a century of daily values; older values are not carried on."""
AGE = "age_hours"


def merge_known(bars: Bars, series: KnownSeries, *, stale_after: timedelta = STALE_AFTER, age: bool = False) -> Bars:
    """Add the columns of ``series``: at each bar the last value known when it is complete, null before the first.

    Backward as-of join on ``known_at``: a value with known_at <= the bar's known_at is seen, a later one never.

    Args:
        bars: what to add to.
        series: what to add.
        stale_after: a value known longer ago than this is null, and counted.
        age: also add ``NAME_age_hours``, how long the value had been known when the bar was complete.
    """
    known = "__known_at"
    right = series.frame.sort("known_at").with_columns(pl.col("known_at").alias(known))
    left = bars.frame.drop(*series.columns, f"{series.name}_{AGE}", strict=False)
    joined = left.join_asof(right, on="known_at", strategy="backward")
    waited = pl.col("known_at") - pl.col(known)
    stale = (waited > stale_after).fill_null(value=False)
    counted = joined.select(
        reached=pl.col(known).is_not_null().sum(), stale=stale.sum(), matched=pl.col(series.name).is_not_null().sum()
    ).row(0, named=True)
    values = [pl.when(~stale).then(pl.col(name)).alias(name) for name in series.columns]
    ages = [(waited.dt.total_seconds() / 3600).alias(f"{series.name}_{AGE}")] if age else []
    frame = joined.with_columns(*values, *ages).drop(known)
    return Bars(
        frame=frame,
        bar_length=bars.bar_length,
        source=bars.source,
        notes=(*bars.notes, *series.notes, *_notes(series, frame, counted, stale_after)),
    )


def _notes(series: KnownSeries, frame: pl.DataFrame, counted: dict[str, int], stale_after: timedelta) -> list[str]:
    rows, matched = frame.height, int(frame[series.name].is_not_null().sum())
    notes = [f"{series.name} matched to {matched:,} of {rows:,} bars ({matched / rows:.1%})."]
    before = rows - counted["reached"]
    if before:
        notes.append(f"{before:,} bars lie before the first value of {series.name}: it is empty there.")
    if counted["stale"]:
        limit = describe_duration(stale_after)
        notes.append(f"{counted['stale']:,} bars have no value of {series.name} younger than {limit}: empty there.")
    return notes
