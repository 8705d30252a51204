"""How the times of a file are written, inferred from its first cells; the same form must hold to the last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from tailproof.bars.read.counted_times import (
    UNIX_DAY,
    WINDOWS_YEAR,
    origin_of_days,
    origin_of_ticks,
    parse_days,
    parse_ticks,
)
from tailproof.bars.read.counted_years import TAIWAN_YEARS, Country, country_of_years, gregorian
from tailproof.bars.read.short_years import YEAR_FIRST, date_parts, year_place
from tailproof.bars.read.time_text import ABBREVIATED_ZONES, ends_at_24, plain_time, plain_times
from tailproof.core.surface import switch

DATE_FORMS = {
    r"\d{4}-\d{1,2}-\d{1,2}": "%Y-%m-%d",
    r"\d{4}/\d{1,2}/\d{1,2}": "%Y/%m/%d",
    r"\d{4}\.\d{1,2}\.\d{1,2}": "%Y.%m.%d",
    r"\d{1,2}/\d{1,2}/\d{4}": "%m/%d/%Y",
    r"\d{1,2}-\d{1,2}-\d{4}": "%m-%d-%Y",
    r"\d{1,2}\.\d{1,2}\.\d{4}": "%d.%m.%Y",
    r"\d{1,2}/\d{1,2}/\d{2}": "%m/%d/%y",
    r"\d{1,2}-\d{1,2}-\d{2}": "%m-%d-%y",
    r"\d{1,2}\.\d{1,2}\.\d{2}": "%d.%m.%y",
    r"\d{1,2}-[A-Za-z]{3,9}-\d{4}": "%d-%B-%Y",
    r"\d{1,2}-[A-Za-z]{3,9}-\d{2}": "%d-%B-%y",
    r"\d{1,2} [A-Za-z]{3,9} \d{4}": "%d %B %Y",
    r"\d{1,2} [A-Za-z]{3,9} \d{2}": "%d %B %y",
    r"[A-Za-z]{3,9} \d{1,2}, \d{4}": "%B %d, %Y",
    r"[A-Za-z]{3,9} \d{1,2} \d{4}": "%B %d %Y",
    r"\d{1,2}[A-Za-z]{3}\d{4}": "%d%B%Y",
    r"\d{4}-[A-Za-z]{3,9}-\d{1,2}": "%Y-%B-%d",
    r"(?:19|20)\d{6}": "%Y%m%d",
    r"\d{4}-W\d{2}-\d": "%G-W%V-%u",
    r"\d{4}-\d{3}": "%Y-%j",
}
CLOCK_FORMS = {
    r"\d{1,2}:\d{2}:\d{2}\.\d+": "%H:%M:%S%.f",
    r"\d{1,2}:\d{2}:\d{2}": "%H:%M:%S",
    r"\d{1,2}:\d{2}": "%H:%M",
    r"\d{6}\.\d+": "%H%M%S%.f",
    r"\d{6}": "%H%M%S",
    r"\d{4}": "%H%M",
}
ZONE_FORMS = {r"Z": "Z", r"[+-]\d{2}:?\d{2}": "%z", r" UTC": " UTC", r" GMT": " GMT"}
EPOCH_UNITS = (("s", 1e8, 1e11), ("ms", 1e11, 1e14), ("us", 1e14, 1e17), ("ns", 1e17, 1e20))
"""A number of this size is a time of this unit: seconds from 1973 to 5138, and so on."""
NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
DATE_DIGITS = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-4])"
"""A date and an hour as ten digits; as seconds since 1970 they would all be times after 2029."""
DAY_MS = 86_400_000
MIDNIGHT = r"[ T]?00:?00(?::?00(?:\.0+)?)? ?(?:GMT|UTC)?[+-]\d{2}(?::?\d{2})?$"


@dataclass(frozen=True, kw_only=True)
class TimeFormat:
    """One way to write a time."""

    kind: Literal["text", "epoch", "clock", "serial", "steps", "ticks"]
    pattern: str
    """For text: strptime directives. For an epoch: its unit. For a clock: the date whose milliseconds are counted.
    For a serial number or ticks: the day from which they are counted. For steps: the seconds of one."""
    has_offset: bool
    """Whether each time names its instant, so that no time zone need be assumed."""
    date_only: bool = False
    order: str = ""
    """Whether day or month comes first and why, where that is open."""
    zone: str = ""
    """IANA name that stands behind each time."""
    midnights: bool = False
    """Whether every time that was looked at is a midnight on the clocks of its own offset."""
    years_of: Country = ""
    """The country whose count of years is used, where it is not the usual one."""
    plain: bool = True
    """Whether the cells are read as they stand; if not, they are brought into the form of ``plain_time`` first."""

    def describe(self) -> str:
        """The form as text for the log."""
        if self.kind == "epoch":
            return f"times are {self.pattern} since 1970 UTC"
        if self.kind == "clock":
            return f"times are milliseconds of {self.pattern}, the date in the name of the file"
        if self.kind == "serial":
            program = "R" if self.pattern == UNIX_DAY.isoformat() else "a spreadsheet"
            return f"times are days since {self.pattern}, as {program} counts them"
        if self.kind == "ticks":
            return f"times are ticks of 100 ns since {self.pattern}, as .NET and Windows count them"
        if self.kind == "steps":
            return f"times are steps of {self.pattern} s from the last time written a1262304000, seconds since 1970 UTC"
        return f"times are written {self.pattern}{self.order and ', '}{self.order}"


def given_format(pattern: str, cells: Sequence[str] = ()) -> TimeFormat | None:
    """The form that a user gives in the directives of ``strptime``, or by the name of Taiwan's years.

    >>> given_format("%d.%m.%Y %H:%M:%S.%f").pattern
    '%d.%m.%Y %H:%M:%S%.f'
    """
    if pattern == TAIWAN_YEARS:
        return _in_counted_years(cells, "Taiwan", day_first=False)
    clock = re.search(r"%[HIMSTRXcs]|%-[HI]", pattern) is not None
    return TimeFormat(
        kind="text", pattern=pattern.replace(".%f", "%.f"), has_offset="%z" in pattern, date_only=not clock
    )


def recognise_time(cells: Sequence[str], *, day_first: bool = False) -> TimeFormat | None:
    """The form of the first cell that is a time; None where no cell is.

    Dates such as 1/3/2024 or 1-3-2024 are month first unless ``day_first`` holds or one of ``cells`` begins with a
    number above 12.

    >>> recognise_time(["2024-03-01T14:30:00Z"]).pattern
    '%Y-%m-%dT%H:%M:%SZ'
    >>> recognise_time(["1709303400"]).pattern
    's'
    >>> recognise_time(["1/3/2024 9:30", "13/3/2024 9:30"]).pattern
    '%d/%m/%Y %H:%M'
    >>> recognise_time(["20240102  09:30:00 US/Eastern"]).zone
    'US/Eastern'
    """
    if country := country_of_years(cells):
        return _in_counted_years(cells, country, day_first=day_first)
    if (ticks := _ticks_of(cells)) is not None:
        return ticks
    for cell in cells:
        form = _epoch_format(cell) or _text_format(cell) or _plain_format(cell)
        if form is not None:
            midnights = form.pattern.endswith("%z") and all(re.search(MIDNIGHT, cell) for cell in cells)
            return replace(_in_order(form, cells, day_first=day_first), midnights=midnights)
    return None


def _in_counted_years(cells: Sequence[str], country: Country, *, day_first: bool) -> TimeFormat | None:
    usual = gregorian(pl.Series(cells, dtype=pl.String), country).drop_nulls().to_list()
    form = recognise_time(usual, day_first=day_first)
    order = f"after years counted as in {country} were brought to the usual count"
    if form is not None and form.order:
        order = f"{form.order}, {order}"
    return None if form is None else replace(form, years_of=country, plain=False, order=order)


def clock_of(cells: Sequence[str], day: date) -> TimeFormat | None:
    """Milliseconds of one day, in exchange time, as Lean has them; None where a cell is something else."""
    if not cells or not all(re.fullmatch(r"\d{1,8}", cell) and int(cell) < DAY_MS for cell in cells):
        return None
    return TimeFormat(kind="clock", pattern=day.isoformat(), has_offset=False)


def serial_of(cells: Sequence[str]) -> TimeFormat | None:
    """Days as spreadsheets or R count them, 45293.5 for noon of 2 January 2024; None where a cell is something else."""
    origin = origin_of_days(cells)
    if origin is None:
        return None
    whole = all("." not in cell for cell in cells)
    return TimeFormat(kind="serial", pattern=origin.isoformat(), has_offset=False, date_only=whole)


def _ticks_of(cells: Sequence[str]) -> TimeFormat | None:
    """Ticks of .NET, which name no zone, or of Windows, which are counted in UTC."""
    origin = origin_of_ticks(cells)
    if origin is None:
        return None
    return TimeFormat(kind="ticks", pattern=origin.isoformat(), has_offset=origin.year == WINDOWS_YEAR)


def steps_of(cells: Sequence[str], seconds: int) -> TimeFormat | None:
    """Steps from times such as a1262304000, as Google wrote them; None where the first cell is no such time."""
    if not cells or not re.fullmatch(r"a\d{9,10}", cells[0]):
        return None
    return TimeFormat(kind="steps", pattern=str(seconds), has_offset=True)


def _plain_format(cell: str) -> TimeFormat | None:
    text, zone = plain_time(cell)
    form = None if text == cell and not zone else _text_format(text)
    if form is None or (zone and not _is_zone(zone)):
        return None
    return replace(form, plain=False, zone=zone, has_offset=form.has_offset or bool(zone))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(ABBREVIATED_ZONES.get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _in_order(form: TimeFormat, cells: Sequence[str], *, day_first: bool) -> TimeFormat:
    """A form of numbers alone, in the order of day, month and year that the user or the cells give."""
    short = re.match(r"%[md](.)%[md]\1%y", form.pattern)
    if short is not None and year_place(cells) == "first":
        year_first = YEAR_FIRST[short[0]]
        return replace(form, pattern=form.pattern.replace(short[0], year_first), order="read year before month")
    if not form.pattern.startswith("%m"):
        return form
    if day_first or any(_number_above_12(cell, place=0) for cell in cells):
        pattern = re.sub(r"^%m(.)%d", r"%d\1%m", form.pattern)
        return replace(form, pattern=pattern, order="read day before month")
    order = "read month before day"
    if not any(_number_above_12(cell, place=1) for cell in cells):
        order += f", a guess, since no date seen shows which ({switch('day_first')} reads day before month)"
    return replace(form, order=order)


def _number_above_12(cell: str, *, place: int) -> bool:
    numbers = date_parts(cell)
    return numbers is not None and numbers[place] > 12


def epoch_unit(value: float) -> str | None:
    """The unit in which ``value`` is a plausible time since 1970."""
    return next((unit for unit, low, high in EPOCH_UNITS if low <= abs(value) < high), None)


def _epoch_format(cell: str) -> TimeFormat | None:
    if not re.fullmatch(r"\d{9,19}(\.\d+)?", cell):
        return None
    if re.fullmatch(rf"{DATE_DIGITS}(\d{{2}}|[0-5]\d[0-5]\d\d*)?", cell):
        return None  # digits that are a date and a time of day
    unit = epoch_unit(float(cell))
    return None if unit is None else TimeFormat(kind="epoch", pattern=unit, has_offset=True)


def _text_format(cell: str) -> TimeFormat | None:
    date, clock, zone = _any_of(DATE_FORMS), _any_of(CLOCK_FORMS), _any_of(ZONE_FORMS)
    match = re.fullmatch(rf"({date})(?:(T| |)({clock})( ?[AaPp][Mm])?({zone})?)?", cell)
    if match is None:
        return None
    day, separator, time_of_day, half_day, offset = match.groups()
    pattern = _form_of(DATE_FORMS, day)
    if time_of_day:
        hours = _form_of(CLOCK_FORMS, time_of_day)
        if half_day:
            hours = hours.replace("%H", "%I") + (" %p" if half_day[0] == " " else "%p")
        pattern += separator + hours + (_form_of(ZONE_FORMS, offset) if offset else "")
    return TimeFormat(kind="text", pattern=pattern, has_offset=bool(offset), date_only=not time_of_day)


def _any_of(forms: dict[str, str]) -> str:
    return "|".join(forms)


def _form_of(forms: dict[str, str], text: str) -> str:
    return next(form for shape, form in forms.items() if re.fullmatch(shape, text))


def parse_times(text: pl.Series, form: TimeFormat) -> pl.Series:
    """Nanosecond datetimes: UTC where the form names an offset, naive where not; null where a cell has another form.

    Text is read to the microsecond. Where the form has a ``zone``, the times are naive, on the clocks of that zone.
    """
    if form.years_of:
        return _parse_plain(gregorian(text, form.years_of), form)
    if form.kind == "epoch":
        return _parse_epoch(text, form.pattern)
    if form.kind == "clock":
        return _parse_clock(text, date.fromisoformat(form.pattern))
    if form.kind == "serial":
        return in_nanoseconds(parse_days(text, date.fromisoformat(form.pattern)))
    if form.kind == "ticks":
        ticks = parse_ticks(text, date.fromisoformat(form.pattern))
        return ticks.dt.replace_time_zone("UTC") if form.has_offset else ticks
    if form.kind == "steps":
        return _parse_steps(text, int(form.pattern))
    parsed = _parse_text(text, form) if form.plain else _parse_plain(text, form)
    if form.plain and parsed.null_count() > text.null_count():
        parsed = parsed.fill_null(_parse_plain(text, form))
    return parsed


def _parse_plain(text: pl.Series, form: TimeFormat) -> pl.Series:
    """Cells with odd blanks, names of zones, or 24:00 for the end of a day."""
    plain = plain_times(text, zone=form.zone)
    late = ends_at_24(plain)
    if not late.any():
        return _parse_text(plain, form)
    midnight = plain.str.replace(r"([ T]?)24(:?00)", "${1}00${2}")
    parsed = _parse_text(midnight.zip_with(late, plain), form)
    return (parsed + timedelta(days=1)).zip_with(late, parsed)


def _parse_text(text: pl.Series, form: TimeFormat) -> pl.Series:
    if form.date_only:
        return in_nanoseconds(text.str.to_date(form.pattern, strict=False).cast(pl.Datetime("us")))
    fixed_zone = next((zone for zone in ("Z", " UTC", " GMT") if form.pattern.endswith(zone)), None)
    parsed = text.str.to_datetime(form.pattern, time_unit="us", strict=False, exact=True, cache=False)
    if parsed.null_count() > text.null_count() and "%S" in form.pattern:
        parsed = _with_fractions(text, parsed, form.pattern)
    parsed = in_nanoseconds(parsed)
    return parsed.dt.replace_time_zone("UTC") if fixed_zone else parsed


def in_nanoseconds(times: pl.Series) -> pl.Series:
    """Datetimes or dates in nanoseconds; null where the year is one that nanoseconds since 1970 cannot hold.

    64 bits of nanoseconds reach from 1677 to 2262, and a plain cast wraps around without a word: 2999 becomes 1829.
    """
    if times.dtype == pl.Date:
        times = times.cast(pl.Datetime("us"))
    if times.dtype.time_unit == "ns":  # type: ignore[attr-defined]
        return times
    per_unit = {"us": 10**3, "ms": 10**6}[times.dtype.time_unit]  # type: ignore[attr-defined]
    limit = (2**63 - 1) // per_unit
    return times.set(~times.cast(pl.Int64).is_between(-limit, limit), None).dt.cast_time_unit("ns")


def _with_fractions(text: pl.Series, parsed: pl.Series, pattern: str) -> pl.Series:
    """Cells of one file may have fractions of a second or not; both are the same form."""
    other = pattern.replace("%S%.f", "%S") if "%S%.f" in pattern else pattern.replace("%S", "%S%.f")
    again = text.str.to_datetime(other, time_unit="us", strict=False, exact=True, cache=False)
    return parsed.fill_null(again)


def epoch_times(number: pl.Series, unit: str) -> pl.Series:
    """Numbers of ``unit`` since 1970 as UTC datetimes; null where a number is no time of that unit.

    The range is checked before anything is multiplied: 64 bits of nanoseconds wrap around without a word.
    """
    scale = NANOSECONDS[unit]
    low, high = next((int(low), int(high)) for name, low, high in EPOCH_UNITS if name == unit)
    high = min(high, (2**63 - 1) // scale)
    inside = number.set(~number.is_between(low, high - 1), None)
    if not inside.dtype.is_integer():
        whole = inside.floor().cast(pl.Int64)
        rest = ((inside - inside.floor()) * scale).round(0).cast(pl.Int64)
        nanoseconds = whole * scale + rest
    else:
        nanoseconds = inside.cast(pl.Int64) * scale
    return nanoseconds.cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")


def _parse_clock(text: pl.Series, day: date) -> pl.Series:
    milliseconds = text.cast(pl.Int64, strict=False)
    inside = milliseconds.set(~milliseconds.is_between(0, DAY_MS - 1), None)
    midnight_ms = (day - date(1970, 1, 1)).days * DAY_MS
    return in_nanoseconds((inside + midnight_ms).cast(pl.Datetime("ms")))


def _parse_steps(text: pl.Series, seconds: int) -> pl.Series:
    """Each time is so many steps after the last that was written in full."""
    start = text.str.extract(r"^a(\d{9,10})$").cast(pl.Int64)
    steps = text.cast(pl.Int64, strict=False).zip_with(start.is_null(), pl.Series([0], dtype=pl.Int64))
    return epoch_times(start.forward_fill() + steps * seconds, "s")


def _parse_epoch(text: pl.Series, unit: str) -> pl.Series:
    whole = text.cast(pl.Int64, strict=False)
    parsed = epoch_times(whole, unit)
    if whole.null_count() > text.null_count():
        fractions = text.set(whole.is_not_null(), None).cast(pl.Float64, strict=False)
        parsed = parsed.fill_null(epoch_times(fractions, unit))
    return parsed
