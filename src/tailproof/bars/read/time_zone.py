"""Converts local clock times to UTC through the changes of daylight saving."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tailproof.settings.read_options import Ambiguous


@dataclass(frozen=True, kw_only=True)
class UtcTimes:
    """Converted times, and masks of the rows that have no single instant."""

    time: pl.Series
    repeated: pl.Series
    """Clock times that daylight saving shows twice and for which no rule was given."""
    skipped: pl.Series
    """Clock times that daylight saving leaves out."""
    ruled: int
    """Repeated clock times that the rule decided."""


def to_utc(naive: pl.Series, *, zone: str, ambiguous: Ambiguous, previous: int | None) -> UtcTimes:
    """The instants of naive datetimes read on the clocks of ``zone``.

    Args:
        naive: datetimes (ns) without zone; null stays null.
        zone: IANA name.
        ambiguous: the rule for clock times that occur twice.
        previous: nanoseconds UTC of the row before, for the rule "order".
    """
    nothing = pl.repeat(value=False, n=len(naive), dtype=pl.Boolean, eager=True)
    if zone == "UTC":
        return UtcTimes(time=naive.dt.replace_time_zone("UTC"), repeated=nothing, skipped=nothing, ruled=0)
    first = _instants(naive, zone, "earliest")
    skipped = first.is_null() & naive.is_not_null()
    last = _instants(naive, zone, "latest")
    twice = (first != last).fill_null(value=False)
    ruled = int(twice.sum())
    if not ruled:
        return UtcTimes(time=first, repeated=nothing, skipped=skipped, ruled=0)
    if ambiguous == "error":
        return UtcTimes(time=first.set(twice, None), repeated=twice, skipped=skipped, ruled=0)
    if ambiguous == "latest":
        return UtcTimes(time=last, repeated=nothing, skipped=skipped, ruled=ruled)
    if ambiguous == "order":
        first = _by_order(first, last, twice, previous)
    return UtcTimes(time=first, repeated=nothing, skipped=skipped, ruled=ruled)


def _instants(naive: pl.Series, zone: str, which: str) -> pl.Series:
    local = naive.dt.replace_time_zone(zone, ambiguous=which, non_existent="null")  # type: ignore[arg-type]
    return local.dt.convert_time_zone("UTC")


def _by_order(first: pl.Series, last: pl.Series, twice: pl.Series, previous: int | None) -> pl.Series:
    """The first reading while it keeps the times rising, then the second."""
    chosen = first.cast(pl.Int64).to_list()
    second = last.cast(pl.Int64)
    for row in twice.arg_true().to_list():
        before = chosen[row - 1] if row else previous
        if before is not None and chosen[row] <= before:
            chosen[row] = second[row]
    return pl.Series(first.name, chosen, dtype=pl.Int64).cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")
