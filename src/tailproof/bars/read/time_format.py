"""How the times of a file are written, told from its first cells; the same form must hold to the last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

DATE_FORMS = {
    r"\d{4}-\d{1,2}-\d{1,2}": "%Y-%m-%d",
    r"\d{4}/\d{1,2}/\d{1,2}": "%Y/%m/%d",
    r"\d{4}\.\d{1,2}\.\d{1,2}": "%Y.%m.%d",
    r"\d{1,2}/\d{1,2}/\d{4}": "%m/%d/%Y",
    r"\d{1,2}-\d{1,2}-\d{4}": "%m-%d-%Y",
    r"\d{1,2}\.\d{1,2}\.\d{4}": "%d.%m.%Y",
    r"(?:19|20)\d{6}": "%Y%m%d",
}
CLOCK_FORMS = {
    r"\d{1,2}:\d{2}:\d{2}\.\d+": "%H:%M:%S%.f",
    r"\d{1,2}:\d{2}:\d{2}": "%H:%M:%S",
    r"\d{1,2}:\d{2}": "%H:%M",
    r"\d{6}": "%H%M%S",
    r"\d{4}": "%H%M",
}
ZONE_FORMS = {r"Z": "Z", r"[+-]\d{2}:?\d{2}": "%z", r" UTC": " UTC", r" GMT": " GMT"}
EPOCH_UNITS = (("s", 1e8, 1e11), ("ms", 1e11, 1e14), ("us", 1e14, 1e17), ("ns", 1e17, 1e20))
"""A number of this size is a time of this unit: seconds from 1973 to 5138, and so on."""
NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


@dataclass(frozen=True, kw_only=True)
class TimeFormat:
    """One way to write a time."""

    kind: Literal["text", "epoch"]
    pattern: str
    """For text: strptime directives. For an epoch: its unit."""
    has_offset: bool
    """Whether each time names its instant, so that no time zone need be assumed."""
    date_only: bool = False
    order: str = ""
    """Whether day or month comes first and why, where that is open."""

    def describe(self) -> str:
        """For the log."""
        if self.kind == "epoch":
            return f"times are {self.pattern} since 1970 UTC"
        return f"times are written {self.pattern}{self.order and ', '}{self.order}"


def recognise_time(cells: Sequence[str], *, day_first: bool = False) -> TimeFormat | None:
    """The form of the first cell that is a time; None where no cell is.

    Dates such as 1/3/2024 or 1-3-2024 are month first unless ``day_first`` is said or one of ``cells`` begins with a
    number above 12.

    >>> recognise_time(["2024-03-01T14:30:00Z"]).pattern
    '%Y-%m-%dT%H:%M:%SZ'
    >>> recognise_time(["1709303400"]).pattern
    's'
    >>> recognise_time(["1/3/2024 9:30", "13/3/2024 9:30"]).pattern
    '%d/%m/%Y %H:%M'
    """
    for cell in cells:
        form = _epoch_format(cell) or _text_format(cell)
        if form is not None:
            return _in_order(form, cells, day_first=day_first) if form.pattern.startswith("%m") else form
    return None


def _in_order(form: TimeFormat, cells: Sequence[str], *, day_first: bool) -> TimeFormat:
    """A form of month and day, in the order that is said or that the cells show."""
    if day_first or any(_number_above_12(cell, place=0) for cell in cells):
        pattern = re.sub(r"^%m(.)%d", r"%d\1%m", form.pattern)
        return replace(form, pattern=pattern, order="read day before month")
    order = "read month before day"
    if not any(_number_above_12(cell, place=1) for cell in cells):
        order += ", a guess, since no date seen shows which (--day-first reads day before month)"
    return replace(form, order=order)


def _number_above_12(cell: str, *, place: int) -> bool:
    numbers = re.match(r"(\d{1,2})[/-](\d{1,2})[/-]", cell)
    return numbers is not None and int(numbers[place + 1]) > 12


def epoch_unit(value: float) -> str | None:
    """The unit in which ``value`` is a plausible time since 1970."""
    return next((unit for unit, low, high in EPOCH_UNITS if low <= abs(value) < high), None)


def _epoch_format(cell: str) -> TimeFormat | None:
    if not re.fullmatch(r"\d{9,19}(\.\d+)?", cell) or re.fullmatch(r"(19|20)\d{10}(\d{2})?", cell):
        return None  # 12 and 14 digits that start like a year are a date and a time of day
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

    Text is read to the microsecond.
    """
    if form.kind == "epoch":
        return _parse_epoch(text, form.pattern)
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


def _parse_epoch(text: pl.Series, unit: str) -> pl.Series:
    whole = text.cast(pl.Int64, strict=False)
    if whole.null_count() > text.null_count():
        seconds = text.cast(pl.Float64, strict=False)
        fractions = (seconds * NANOSECONDS[unit]).round(0).cast(pl.Int64, strict=False)
        whole = (whole * NANOSECONDS[unit]).fill_null(fractions)
    else:
        whole = whole * NANOSECONDS[unit]
    low, high = next((low, high) for name, low, high in EPOCH_UNITS if name == unit)
    scale = NANOSECONDS[unit]
    inside = whole.is_between(int(low) * scale, min(int(high) * scale - 1, 2**63 - 1))
    return whole.set(~inside, None).cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")
