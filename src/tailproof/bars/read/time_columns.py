"""Which column is the time of the rows, where several hold times or none is called so."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import polars as pl

from tailproof.arrays.times import MINUTE_NS
from tailproof.bars.read.aliases import ALIASES, CLOCK_NAMES, DATE_NAMES, PUBLICATION_NAMES, variants
from tailproof.bars.read.recognised import IGNORED, Recognised
from tailproof.bars.read.time_format import TimeFormat, parse_times, recognise_time
from tailproof.bars.read.time_parts import CLOCKS, TIME_PARTS, holds_time, time_in_parts, unread_parts

QUARTER_NS = 15 * MINUTE_NS
MIN_TIMES = 2
"""Cells of a column without a telling name that must be times before it is taken for the time."""


def find_time(recognised: Recognised, *, chosen: Mapping[str, str], sample: pl.DataFrame | None) -> None:
    """Add to ``recognised`` the time, where it stands in several columns or in one of another name.

    Args:
        recognised: the meanings so far.
        chosen: columns with the meanings that the user chose.
        sample: the first rows.
    """
    parts = time_in_parts(recognised.meanings, recognised.named("time"), sample)
    if parts and "time" not in chosen.values():
        recognised.meanings.update(parts)
        recognised.notes.append(f"The time is put together from {', '.join(map(repr, parts))}.")
        return
    if not chosen and (fault := unread_parts(recognised.meanings, recognised.named("time"))):
        recognised.faults.append(fault)
    both = [name for name in recognised.named("time") if name not in chosen]
    if len(both) > 1 and not _part_date_and_clock(recognised, both, sample):
        _one_time_of_several(recognised, both, sample)
    if holds_time(recognised.meanings.values()) or sample is None:
        return
    free = [name for name, meaning in recognised.meanings.items() if meaning not in ALIASES and IGNORED not in meaning]
    times = [name for name in free if _holds_times(sample[name])]
    if len(times) > 1:  # of a period and its publication, the period names the row
        times = [name for name in times if not set(variants(name)) & set(PUBLICATION_NAMES)]
    if len(times) == 1:
        recognised.meanings[times[0]] = "time"
        column = f"'{times[0]}'" if times[0].strip() else "the column without a name"
        recognised.notes.append(f"The time is taken from {column}, the only one that holds times.")


def _part_date_and_clock(recognised: Recognised, both: list[str], sample: pl.DataFrame | None) -> bool:
    """Whether two time columns, one with dates and the other with times of day, form one time."""
    if len(both) != 2:
        return False
    for date, clock in (both, both[::-1]):
        names = any(form in DATE_NAMES for form in variants(date)) and any(
            form in CLOCK_NAMES for form in variants(clock)
        )
        if names and (sample is None or _holds_clocks(sample[clock])):
            recognised.meanings[date], recognised.meanings[clock] = TIME_PARTS
            return True
    return False


def _holds_clocks(column: pl.Series) -> bool:
    if column.dtype == pl.Time or column.dtype.is_integer():
        return True
    return all(re.fullmatch(CLOCKS, cell) for cell in _cells(column))


def _one_time_of_several(recognised: Recognised, names: list[str], sample: pl.DataFrame | None) -> None:
    """The one of several columns naming the same instants that needs no assumption."""
    if sample is None:
        return
    forms = {name: recognise_time(_cells(sample[name])) for name in names}
    days = [name for name, form in forms.items() if form and form.date_only and sample[name].is_duplicated().any()]
    others = [name for name in names if name not in days]
    if len(others) == 1 and forms[others[0]] is not None:
        for name in days:
            recognised.demote(name)
        recognised.notes.append(f"{' and '.join(map(repr, days))} holds only the date of each row: it is not the time.")
        return
    times = [time for time in (_parsed(sample[name], forms[name]) for name in names) if time is not None]
    if len(times) < len(names) or not all(_agree(time, times[0]) for time in times):
        return
    with_offset = [name for name in names if (form := forms[name]) is not None and form.has_offset]
    best = (with_offset or names)[0]
    for name in names:
        if name != best:
            recognised.demote(name)
    recognised.notes.append(f"{' and '.join(map(repr, names))} name the same times: '{best}' is taken.")


def _parsed(column: pl.Series, form: TimeFormat | None) -> pl.Series | None:
    if column.dtype.is_temporal():
        return column.cast(pl.Datetime("ns")).cast(pl.Int64)
    if form is None:
        return None
    return parse_times(column.cast(pl.String).str.strip_chars(), form).cast(pl.Int64)


def _agree(first: pl.Series, second: pl.Series) -> bool:
    """Whether two columns differ by one constant of whole quarters of an hour, a zone's offset, if at all."""
    apart_N = (first - second).drop_nulls().to_numpy()
    if not len(apart_N):
        return False
    over_N = apart_N % QUARTER_NS
    return bool((np.minimum(over_N, QUARTER_NS - over_N) < 10**9).all() and np.ptp(apart_N) <= 4 * QUARTER_NS)


def _holds_times(column: pl.Series) -> bool:
    """Whether every cell is a time, in one form; numbers since 1970 must rise or fall."""
    if column.dtype.is_temporal():
        return True
    cells = list(dict.fromkeys(_cells(column)))
    form = recognise_time(cells)
    if form is None or len(cells) < MIN_TIMES:
        return False
    parsed = parse_times(pl.Series(cells, dtype=pl.String), form)
    if parsed.null_count():
        return False
    steps = parsed.cast(pl.Int64).diff().drop_nulls()
    return bool((steps > 0).all() or (steps < 0).all()) or (form.kind == "text" and not re.fullmatch(r"\d+", cells[0]))


def _cells(column: pl.Series) -> list[str]:
    return [cell for cell in column.cast(pl.String, strict=False).str.strip_chars().drop_nulls().to_list() if cell]
