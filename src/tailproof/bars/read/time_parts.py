"""Times that stand in several columns: a date and a clock, or years, months, days, hours and minutes of their own."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import polars as pl

from tailproof.bars.read.aliases import plain_name
from tailproof.bars.read.time_format import recognise_time

TIME_PARTS = ("date", "clock")
"""Meanings of two columns that are one time together."""
PART_NAMES = {
    "year": ("year", "yyyy", "yr", "jahr", "annee", "ano", "anno", "年"),
    "month": ("month", "mm", "monat", "mois", "mes", "mese", "月"),
    "day": ("day", "dd", "tag", "jour", "dia", "giorno", "日"),
    "hour": ("hour", "hh", "hr", "stunde", "heure", "hora", "ora", "时", "時"),
    "minute": ("minute", "mi", "minutes", "分"),
    "second": ("second", "ss", "seconds", "秒"),
}
CELLS = {
    "year": r"(?:19|20)\d{2}(?:\.0+)?",
    "month": r"(?:0?[1-9]|1[0-2])(?:\.0+)?|[A-Za-z]{3,9}",
    "day": r"(?:0?[1-9]|[12]\d|3[01])(?:\.0+)?",
    "hour": r"(?:[01]?\d|2[0-4])(?:\.0+)?",
    "minute": r"[0-5]?\d(?:\.0+)?",
    "second": r"[0-5]?\d(?:\.0+)?",
}
DATE, CLOCK = ("year", "month", "day"), ("hour", "minute", "second")
MEANING = {part: f"{part} of the time" for part in PART_NAMES}
TIME_COLUMNS = ("time", *TIME_PARTS, *MEANING.values())
"""Meanings of all columns that a time may be made of."""


def holds_time(meanings: Collection[str]) -> bool:
    """Whether columns of these meanings make a time."""
    dated = "date" in meanings or all(MEANING[part] in meanings for part in DATE)
    clocked = "clock" in meanings or MEANING["hour"] in meanings
    return "time" in meanings or (dated and (clocked or "date" not in meanings))


def time_in_parts(meanings: Mapping[str, str], times: Collection[str], sample: pl.DataFrame | None) -> dict[str, str]:
    """The columns that hold parts of the time, with their meanings; empty where the time is whole.

    Args:
        meanings: column of the file to meaning.
        times: the columns whose names mean the time.
        sample: the first rows.
    """
    if sample is None:
        return {}
    parts = {part: name for name in meanings for part, names in PART_NAMES.items() if plain_name(name) in names}
    parts = {part: name for part, name in parts.items() if _all_like(sample[name], CELLS[part])}
    clock = {name: MEANING[part] for part, name in parts.items() if part in CLOCK and "hour" in parts}
    others = [name for name in times if name not in parts.values()]
    if set(DATE) <= set(parts):
        dates = {parts[part]: MEANING[part] for part in DATE}
        if not others:
            return dates | clock
        return dates | {others[0]: "clock"} if len(others) == 1 and _all_like(sample[others[0]], CLOCKS) else {}
    if clock and len(others) == 1 and _repeats_dates(sample[others[0]]):
        return {others[0]: "date"} | clock
    return {}


def unread_parts(meanings: Mapping[str, str], times: Collection[str]) -> str:
    """The fault of years, months and days in columns of their own whose cells are no such numbers; else nothing."""
    parts = {part: name for name in meanings for part in DATE if plain_name(name) in PART_NAMES[part]}
    if set(parts) != set(DATE) or not set(times) <= {parts["day"]}:
        return ""
    return f"the time is in {len(parts)} columns ({', '.join(parts.values())}): join them into one, 2024-03-01 14:30"


CLOCKS = r"\d{1,2}(:?\d{2}){0,2}(\.\d+)?( ?[AaPp][Mm])?|\d{3}|\d{5}"


def _all_like(column: pl.Series, shape: str) -> bool:
    cells = column.cast(pl.String, strict=False).str.strip_chars().drop_nulls()
    cells = cells.filter(cells != "")
    return len(cells) > 0 and all(re.fullmatch(shape, cell) for cell in cells.to_list())


def _repeats_dates(column: pl.Series) -> bool:
    """Whether a column holds dates without a time of day, some of them more than once."""
    if column.n_unique() == len(column):
        return False
    form = recognise_time(column.cast(pl.String, strict=False).str.strip_chars().drop_nulls().to_list())
    return form is not None and form.date_only


def join_time_parts(columns: Collection[str]) -> pl.Expr:
    """The parts among ``columns`` as one text "time"; clocks of 0 and 93000 in one column are 000000 and 093000."""
    date = _text("date") if "date" in columns else pl.concat_str(*(_two_digits(part) for part in DATE), separator="-")
    if "clock" in columns:
        clock = _clock()
    elif MEANING["hour"] in columns:
        shown = ["hour", *(part for part in CLOCK[1:] if MEANING[part] in columns)]
        digits = [*(_two_digits(part) for part in shown), *([pl.lit("00")] if len(shown) == 1 else [])]
        clock = pl.concat_str(*digits, separator=":")
    else:
        return date.alias("time")
    return pl.concat_str(date, pl.lit(" "), clock).alias("time")


def _clock() -> pl.Expr:
    clock = _text("clock")
    seconds = clock.str.contains(r"^\d{5,6}$").any()
    padded = pl.when(seconds & clock.str.contains(r"^\d+$")).then(clock.str.pad_start(6, "0"))
    return padded.otherwise(clock.str.pad_start(4, "0"))


def _text(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.strip_chars()


def _two_digits(part: str) -> pl.Expr:
    return _text(MEANING[part]).str.replace(r"\.0+$", "").str.pad_start(2, "0")
