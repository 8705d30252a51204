"""The time column of a chunk as UTC, whatever it was: text, epoch numbers, dates or typed datetimes."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tailproof.bars.faults import Fault
from tailproof.bars.read.columns import TIME_PARTS
from tailproof.bars.read.csv_careful import shown
from tailproof.bars.read.table_plan import LINE, TablePlan, join_time_parts
from tailproof.bars.read.time_format import NANOSECONDS, epoch_unit, in_nanoseconds, parse_times
from tailproof.bars.read.time_zone import to_utc
from tailproof.settings.read_options import ReadOptions

REPAIR = ("drop-unreadable",)
DAY = 86_400 * 10**9


@dataclass(frozen=True, kw_only=True)
class TimedChunk:
    """A chunk whose ``time`` is in UTC nanoseconds, null in the rows that ``faults`` name."""

    frame: pl.DataFrame
    faults: tuple[Fault, ...]
    naive: bool
    """Whether the times name no instant by themselves."""
    ruled: int
    """Repeated clock times decided by the rule of the options."""


def with_utc_times(
    frame: pl.DataFrame, *, plan: TablePlan, options: ReadOptions, previous: int | None, file: str
) -> TimedChunk:
    """Replace the time column, or the date and clock columns, by UTC datetimes.

    Dates without a time of day stay what they are: midnight UTC of that date names the day, in whatever zone.
    """
    if "time" not in plan.meanings.values():
        frame = _joined_parts(frame).drop(TIME_PARTS)
    written = frame["time"]
    parsed = _parsed(written, plan)
    naive = parsed.dtype.time_zone is None  # type: ignore[attr-defined]
    dates = written.dtype == pl.Date or (plan.time_format is not None and plan.time_format.date_only)
    dates = dates or (naive and _all_midnight(parsed))
    faults = []
    if parsed.null_count():
        faults.append(_fault("unreadable time", frame, parsed.is_null(), _expected(plan), file))
    ruled = 0
    if not naive:
        parsed = parsed.dt.convert_time_zone("UTC")
    elif dates:
        parsed = parsed.dt.replace_time_zone("UTC")
    else:
        zone = options.timezone
        utc = to_utc(parsed, zone=zone, ambiguous=options.ambiguous, previous=previous)
        parsed, ruled = utc.time, utc.ruled
        if utc.repeated.any():
            expected = f"a time that occurs once in {zone}; --ambiguous order, earliest or latest gives a rule"
            faults.append(_fault("ambiguous time (daylight saving repeats it)", frame, utc.repeated, expected, file))
        if utc.skipped.any():
            expected = f"a time that exists in {zone}; is --tz right?"
            faults.append(_fault("time that daylight saving skips", frame, utc.skipped, expected, file))
    timed = frame[[name for name in frame.columns if name != "time"]].hstack([parsed.alias("time")])
    return TimedChunk(frame=timed, faults=tuple(faults), naive=naive and not dates, ruled=ruled)


def _joined_parts(frame: pl.DataFrame) -> pl.DataFrame:
    """Typed dates and clocks become text first: a joined time is read like one of text."""
    return frame.with_columns(
        pl.col("date").cast(pl.Date).cast(pl.String) if frame["date"].dtype.is_temporal() else pl.col("date"),
        pl.col("clock").cast(pl.String).str.split(".").list.first()
        if frame["clock"].dtype.is_temporal()
        else pl.col("clock").cast(pl.String),
    ).with_columns(join_time_parts())


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
    known = column.drop_nulls()
    unit = epoch_unit(float(known[0])) if len(known) else None
    if unit is None:
        return pl.Series("time", [None] * len(column), dtype=pl.Datetime("ns"))
    nanoseconds = (column * NANOSECONDS[unit]).cast(pl.Int64, strict=False)
    return nanoseconds.cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")


def _all_midnight(parsed: pl.Series) -> bool:
    whole = parsed.cast(pl.Int64)
    if len(whole) and whole[0] is not None and whole[0] % DAY:
        return False
    whole = whole.drop_nulls()
    return len(whole) > 0 and bool((whole % DAY == 0).all())


def _expected(plan: TablePlan) -> str:
    if plan.time_format is not None:
        form = plan.time_format.describe().removeprefix("times are ")
        return f"the form of the first time, {form}, and a date between 1678 and 2261"
    return "a time such as 2024-03-01T14:30:00Z, 2024-03-01 14:30, 2024-03-01, or seconds since 1970"


def _fault(kind: str, frame: pl.DataFrame, mask: pl.Series, expected: str, file: str) -> Fault:
    rows = frame.filter(mask)
    found = rows["time"][0]
    text = shown(found) if isinstance(found, str) else repr(None) if found is None else str(found)
    return Fault(kind, rows[LINE].to_list(), text, expected, repairs=REPAIR, file=file)
