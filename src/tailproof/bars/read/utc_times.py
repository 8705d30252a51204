"""The time column of a chunk as UTC, whatever it was: text, epoch numbers, dates or typed datetimes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from tailproof.arrays.times import DAY_NS
from tailproof.bars.faults import Fault
from tailproof.bars.read.csv_careful import shown
from tailproof.bars.read.table_plan import LINE, TablePlan
from tailproof.bars.read.time_format import epoch_unit, in_nanoseconds, parse_times
from tailproof.bars.read.time_parts import TIME_COLUMNS, TIME_PARTS, join_time_parts
from tailproof.bars.read.time_text import ABBREVIATED_ZONES
from tailproof.bars.read.time_zone import to_utc
from tailproof.core.new_york import NEW_YORK
from tailproof.core.surface import setting
from tailproof.settings.read_options import ReadOptions

REPAIR = ("drop-unreadable",)
UNITS_A_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9}
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_800
"""Seconds since 1970 of the dates that Python knows, from year 1 to the end of 9999."""
OWN_OFFSET = "the offset of each time"
OFFSET = r" ?(?:GMT|UTC)?[+-]\d{2}(?::?\d{2})?$"


@dataclass(frozen=True, kw_only=True)
class TimedChunk:
    """A chunk whose ``time`` is in UTC nanoseconds, null in the rows that ``faults`` name."""

    frame: pl.DataFrame
    faults: tuple[Fault, ...]
    dates: Dates
    """The decisions made for this chunk, or before it."""
    naive: bool
    """Whether the times name no instant by themselves."""
    ruled: int
    """Repeated clock times decided by the rule of the options."""


@dataclass(frozen=True, kw_only=True)
class Dates:
    """Whether the times of a file are dates, decided once from its first rows."""

    named: bool
    """Whether each time names a date: midnight UTC of that date stands for it, in whatever zone."""
    zone: str = ""
    """The zone at whose midnights the instants lie that were taken as dates; empty where the file wrote dates."""


def with_utc_times(
    frame: pl.DataFrame,
    *,
    plan: TablePlan,
    options: ReadOptions,
    previous: int | None,
    file: str,
    dates: Dates | None = None,
) -> TimedChunk:
    """Replace the time column, or the date and clock columns, by UTC datetimes.

    Dates without a time of day stay what they are: midnight UTC of that date names the day, in whatever zone. So are
    local midnights with an offset, of days without weekends.

    Args:
        frame: the rows.
        plan: what their columns are.
        options: the zone and the rule for clock times that occur twice.
        previous: nanoseconds UTC of the row before.
        file: for messages.
        dates: the decision of the rows before; None where there are none.
    """
    if "time" not in plan.meanings.values():
        frame = _joined_parts(frame).drop(TIME_COLUMNS[1:], strict=False)
    written, form = frame["time"], plan.time_format
    parsed = _parsed(written, plan)
    zone = form.zone if form is not None and form.zone else options.timezone
    naive = parsed.dtype.time_zone is None  # type: ignore[attr-defined]
    if dates is None:
        dates = _dates(written, parsed, plan, options)
    faults = []
    if parsed.null_count():
        faults.append(_unreadable(frame, parsed, plan, file))
    ruled = 0
    if dates.named:
        parsed, others = _as_dates(written, parsed, dates, plan)
        if others.any():
            expected = "a date or a midnight, as in the first rows"
            faults.append(_fault("time of day among dates", frame, others, expected, file))
    elif not naive:
        parsed = parsed.dt.convert_time_zone("UTC")
    else:
        utc = to_utc(parsed, zone=ABBREVIATED_ZONES.get(zone, zone), ambiguous=options.ambiguous, previous=previous)
        parsed, ruled = utc.time, utc.ruled
        if utc.repeated.any():
            rule = setting("ambiguous", "order")
            expected = f"a time that occurs once in {zone}; {rule}, or earliest or latest, gives a rule"
            kind = "ambiguous time (daylight saving repeats it)"
            faults.append(_fault(kind, frame, utc.repeated, expected, file, repairs=()))
        if utc.skipped.any():
            expected = f"a time that exists in {zone}; is {setting('timezone')} right?"
            faults.append(_fault("time that daylight saving skips", frame, utc.skipped, expected, file, repairs=()))
    timed = frame[[name for name in frame.columns if name != "time"]].hstack([parsed.alias("time")])
    assumed = naive and not dates.named and not (form is not None and form.zone)
    return TimedChunk(frame=timed, faults=tuple(faults), dates=dates, naive=assumed, ruled=ruled)


def _dates(written: pl.Series, parsed: pl.Series, plan: TablePlan, options: ReadOptions) -> Dates:
    """Whether the first rows of a file are named by dates."""
    if written.dtype == pl.Date or (plan.time_format is not None and plan.time_format.date_only):
        return Dates(named=True)
    if parsed.dtype.time_zone is None:  # type: ignore[attr-defined]
        return Dates(named=_all_midnight(parsed))
    candidates = [(OWN_OFFSET, _wall_times(written, parsed, plan))]
    candidates += [(zone, parsed.dt.convert_time_zone(zone).dt.replace_time_zone(None)) for zone in _zones(options)]
    for zone, wall in candidates:
        if wall is not None and len(wall) > 1 and _all_midnight(wall) and not _all_midnight(parsed):
            return Dates(named=not _has_weekend_days(wall), zone=zone)
    return Dates(named=False)


def _zones(options: ReadOptions) -> tuple[str, ...]:
    return (NEW_YORK,) if options.timezone in ("UTC", NEW_YORK) else (options.timezone, NEW_YORK)


def _wall_times(written: pl.Series, parsed: pl.Series, plan: TablePlan) -> pl.Series | None:
    """The clock times of the file: its times without their offsets; None where they have none."""
    if isinstance(written.dtype, pl.Datetime):
        return parsed.dt.replace_time_zone(None)
    form = plan.time_format
    if written.dtype != pl.String or form is None or not form.pattern.endswith("%z"):
        return None
    cells = written.str.strip_chars().str.replace(OFFSET, "")
    bare = replace(form, pattern=form.pattern.removesuffix("%z"), has_offset=False)
    return parse_times(cells, bare)


def _as_dates(written: pl.Series, parsed: pl.Series, dates: Dates, plan: TablePlan) -> tuple[pl.Series, pl.Series]:
    """Dates as midnights UTC, and a mask of the rows that have a time of day."""
    if not dates.zone:
        return parsed.dt.replace_time_zone("UTC"), pl.repeat(value=False, n=len(parsed), dtype=pl.Boolean, eager=True)
    wall = _wall_times(written, parsed, plan) if dates.zone == OWN_OFFSET else None
    if wall is None:
        wall = parsed.dt.convert_time_zone(dates.zone).dt.replace_time_zone(None)
    others = (wall.cast(pl.Int64) % DAY_NS != 0).fill_null(value=False)
    return wall.set(others, None).dt.replace_time_zone("UTC"), others


def _has_weekend_days(wall: pl.Series) -> bool:
    """Whether bars of at most a day lie on a Saturday or Sunday: those of a market that never closes."""
    day_N = wall.drop_nulls().cast(pl.Int64).to_numpy() // DAY_NS
    return bool(np.median(np.abs(np.diff(day_N))) <= 1) and on_weekends(day_N)


def _joined_parts(frame: pl.DataFrame) -> pl.DataFrame:
    """Typed dates and clocks become text first: a joined time is read like one of text."""
    typed = {name: frame[name] for name in TIME_PARTS if name in frame.columns and frame[name].dtype.is_temporal()}
    as_text = {"date": pl.col("date").cast(pl.Date, strict=False).cast(pl.String)}
    as_text["clock"] = pl.col("clock").cast(pl.String).str.split(".").list.first()
    return frame.with_columns(as_text[name] for name in typed).with_columns(join_time_parts(frame.columns))


def _parsed(column: pl.Series, plan: TablePlan) -> pl.Series:
    if isinstance(column.dtype, pl.Datetime):
        return in_nanoseconds(column)
    if column.dtype == pl.Date:
        return in_nanoseconds(column)
    if column.dtype.is_numeric():
        return _parsed_numbers(column, plan)
    nothing = pl.Series("time", [None] * len(column), dtype=pl.Datetime("ns"))
    if column.dtype != pl.String or plan.time_format is None:
        return nothing
    parsed = parse_times(column, plan.time_format)
    if parsed.null_count():
        parsed = parse_times(column.str.strip_chars(), plan.time_format)
    return parsed


def _parsed_numbers(column: pl.Series, plan: TablePlan) -> pl.Series:
    if plan.time_format is not None:
        whole = column.cast(pl.Int64, strict=False)
        exact = (whole.cast(pl.Float64) == column.cast(pl.Float64)).all()
        return parse_times((whole if exact else column).cast(pl.String), plan.time_format)
    return pl.Series("time", [None] * len(column), dtype=pl.Datetime("ns"))


def on_weekends(day_N: np.ndarray) -> bool:
    """Whether a Saturday or a Sunday is among days counted from 1970-01-01, a Thursday.

    >>> [on_weekends(np.array([day])) for day in range(7)]
    [False, False, True, True, False, False, False]
    """
    return bool(((day_N + 3) % 7 >= 5).any())


def _all_midnight(parsed: pl.Series) -> bool:
    whole = parsed.cast(pl.Int64)
    if len(whole) and whole[0] is not None and whole[0] % DAY_NS:
        return False
    whole = whole.drop_nulls()
    return len(whole) > 0 and bool((whole % DAY_NS == 0).all())


def _unreadable(frame: pl.DataFrame, parsed: pl.Series, plan: TablePlan, file: str) -> Fault:
    """Cells that are no time of the file's form; a time of another unit is named as one, and no repair is offered."""
    form, bad = plan.time_format, parsed.is_null()
    first = _first(frame["time"].filter(bad))
    if isinstance(first, str) and re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", first.strip()):
        expected = "all digits of the time; a program rounded them: export the column as text or as whole numbers"
        return _fault("time of rounded digits", frame, bad, expected, file, repairs=())
    if form is not None and form.kind == "epoch" and first is not None:
        number = pl.Series([first]).cast(pl.String).cast(pl.Float64, strict=False)[0]
        unit = epoch_unit(number) if number is not None else None
        if unit is not None and unit != form.pattern:
            expected = f"{form.pattern} since 1970, as in the first row; split the file where the unit changes"
            return _fault(f"time in {unit} and not in {form.pattern}", frame, bad, expected, file, repairs=())
    repairs = REPAIR if bad.sum() < len(bad) / 2 else ()
    return _fault("unreadable time", frame, bad, _expected(plan), file, repairs=repairs)


def _first(cells: pl.Series) -> Any:
    """The first cell; a time before year 1 or after 9999, which no date of Python holds, as its number in words."""
    if isinstance(cells.dtype, pl.Datetime) and (count := cells.to_physical()[0]) is not None:
        seconds = count / UNITS_A_SECOND[cells.dtype.time_unit]
        if not FIRST_SECOND <= seconds < LAST_SECOND:
            return f"{count} {cells.dtype.time_unit} since 1970"
    return cells[0]


def _expected(plan: TablePlan) -> str:
    if plan.time_format is not None:
        form = plan.time_format.describe().removeprefix("times are ")
        return f"the form of the first time, {form}, and a date between 1678 and 2261"
    other = setting("time_format", "%d.%m.%Y %H:%M")
    return f"a time such as 2024-03-01T14:30:00Z, 2024-03-01 14:30 or seconds since 1970; name another form: {other}"


def _fault(
    kind: str, frame: pl.DataFrame, mask: pl.Series, expected: str, file: str, *, repairs: tuple[str, ...] = REPAIR
) -> Fault:
    rows = frame.filter(mask)
    cell = _first(rows["time"])
    text = shown(cell) if isinstance(cell, str) else repr(None) if cell is None else str(cell)
    return Fault(kind, rows[LINE].to_list(), text, expected, repairs=repairs, file=file)
