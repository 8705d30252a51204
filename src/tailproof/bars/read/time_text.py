"""Times as vendors write them, brought into one plain form: single blanks, numeric offsets, no names of zones."""

from __future__ import annotations

import re

import polars as pl

ABBREVIATED_ZONES = {"ET": "America/New_York", "CT": "America/Chicago", "PT": "America/Los_Angeles"}
"""Abbreviations that are the clocks of a place, whatever the season."""
OFFSETS = {
    **{"EST": "-0500", "EDT": "-0400", "CDT": "-0500", "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700"},
    **{"CET": "+0100", "CEST": "+0200", "EET": "+0200", "EEST": "+0300", "JST": "+0900", "HKT": "+0800"},
}
"""Abbreviations that name one offset; CST is none of them: it is Chicago's and China's."""
MONTHS = {
    "Jan": "januar|januari|janvier|janv|jän|jänner|enero|ene|gennaio|gen|janeiro",
    "Feb": "februar|februari|février|févr|fév|febrero|febbraio|fevereiro|fev",
    "Mar": "märz|mär|mrz|mars|marzo|março|maart|mrt",
    "Apr": "avril|avr|abril|abr|aprile",
    "May": "mai|mayo|maggio|mag|maio|mei",
    "Jun": "juni|juin|junio|giugno|giu|junho",
    "Jul": "juli|juillet|juil|julio|luglio|lug|julho",
    "Aug": "août|agosto|ago|augustus|augusti",
    "Sep": "septembre|sept|septiembre|settembre|set|setembro",
    "Oct": "oktober|okt|octobre|octubre|ottobre|ott|outubro|out",
    "Nov": "novembre|noviembre|novembro",
    "Dec": "dezember|dez|décembre|déc|diciembre|dic|dicembre|dezembro|december",
}
"""Names of months in other languages, under the English ones."""
WEEKDAYS = r"(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? "
WRAPPED: tuple[tuple[str, str], ...] = (
    (r"^'|^=\"|\"$", ""),
    (r"((?:[+-]\d{2}:?\d{2}|Z) ?)(?:\[[A-Za-z_/]+\]|\([^()]*\))$", "${1}"),
    (r" ?[\[(]([A-Za-z_/]+(?:[+-]\d{1,2}(?::?\d{2})?)?)[\])]$", " ${1}"),
)
"""What programs put around a time or a zone: the name of a zone behind an offset tells nothing new, alone it counts."""
STEPS: tuple[tuple[str, str], ...] = (
    (r" ?([+-]\d{2}:?\d{2}) UTC$", "${1}"),
    (r" (?:GMT|UTC)([+-])(\d)$", "${1}0${2}00"),
    (r" (?:GMT|UTC)([+-]\d{2})$", "${1}00"),
    (r"(:\d{2}) ?Z$", "${1}Z"),
    (r" T ", "T"),
    (r"(?i) uhr$", ""),
    (r"(?i) klo ", " "),
    (r"(?:上午|오전|午前) ?(\d{1,2}:\d{2}(?::\d{2})?)$", "${1} AM"),
    (r"(?:下午|오후|午後) ?(\d{1,2}:\d{2}(?::\d{2})?)$", "${1} PM"),
    (r"(\d{1,2})[时時点點](\d{1,2})分(\d{1,2})秒$", "${1}:${2}:${3}"),
    (r"(\d{1,2})[时時点點](\d{1,2})分$", "${1}:${2}"),
    (r"^(\d{4})\. (\d{1,2})\. (\d{1,2})\.?", "${1}-${2}-${3}"),
    (r" (\d{1,2})[.h](\d{2})$", " ${1}:${2}"),
    (r" (\d{1,2})\.(\d{2})\.(\d{2})$", " ${1}:${2}:${3}"),
    (r"^(\d{4}[.-]\d{2}[.-]\d{2})D(\d{2}:)", "${1} ${2}"),
    (r"^(\d{2}[A-Za-z]{3}\d{4}):(\d{2}:)", "${1} ${2}"),
    (r"^(\d{8})-(\d{2}:)", "${1} ${2}"),
    (r"[\s_]+", " "),
    (r"^ | $", ""),
    (WEEKDAYS, ""),
    *((rf"(?i)\b(?:{names})\b\.?", month) for month, names in MONTHS.items()),
    (r"^(\d{1,2})\. ([A-Z])", "${1} ${2}"),
    (r"^(\d{1,2}) de ([A-Z][a-z]{2}) de (\d{4})", "${1} ${2} ${3}"),
    (r"^([A-Z][a-z]{2}) (\d{1,2}) (\d{2}:\d{2}:\d{2}) (\d{4})$", "${1} ${2} ${4} ${3}"),
    (r"(:\d{2}) ?([AaPp])\.? ?[Mm]\.?$", "${1} ${2}M"),
    (r"^(\d{4})年(\d{1,2})月(\d{1,2})日", "${1}-${2}-${3}"),
    (r"(\d{2}:\d{2}:\d{2}),(\d+)", "${1}.${2}"),
    (r" ?(?:GMT|UTC)([+-]\d{2}:?\d{2})$", "${1}"),
    (r"(:\d{2}(?:\.\d+)?) ([+-]\d{2}:?\d{2})$", "${1}${2}"),
    (r"(:\d{2}(?:\.\d+)?[+-]\d{2})$", "${1}00"),
    (r" (\d{1,2})-([AaPp][Mm])$", " ${1}:00 ${2}"),
    (r" (\d{1,2}) ?([AaPp])\.?[Mm]\.?$", " ${1}:00 ${2}M"),
    (r"^(\d{8})[ T]?(\d{5})$", "${1} 0${2}"),
    (r"^((?:19|20)\d{6}) (\d{6})(\d{3,9})$", "${1} ${2}.${3}"),
    (r"^((?:19|20)\d{6}) (\d{1,2})$", "${1} ${2}:00"),
    (r"^((?:19|20)\d{6})(\d{2})$", "${1} ${2}:00"),
    (r"^((?:19|20)\d{12})(\d+)$", "${1}.${2}"),
    (r"^([A-Za-z]{3})\. ", "${1} "),
    *((rf" {name}$", offset) for name, offset in OFFSETS.items()),
)
"""Regular expressions and what takes their place, in order."""
ZONE = r" ([A-Z][A-Za-z_]+(?:/[A-Za-z_]+)+|ET|CT|PT)$"


def plain_time(cell: str) -> tuple[str, str]:
    """A time in plain form, and the name of the zone that stood behind it.

    >>> plain_time("20240102  09:30:00 US/Eastern")
    ('20240102 09:30:00', 'US/Eastern')
    >>> plain_time("2024-01-02 14:30:00+00")
    ('2024-01-02 14:30:00+0000', '')
    >>> plain_time("2024-01-02 09-AM")
    ('2024-01-02 09:00 AM', '')
    >>> plain_time("20240102093000123")
    ('20240102093000.123', '')
    """
    text = _stepped(cell.strip(), WRAPPED)
    zone = re.search(ZONE, text)
    text = _stepped(re.sub(ZONE, "", text), STEPS)
    return text, zone[1] if zone else ""


def _stepped(text: str, steps: tuple[tuple[str, str], ...]) -> str:
    for pattern, replacement in steps:
        text = re.sub(pattern, re.sub(r"\$\{(\d)\}", r"\\g<\1>", replacement), text)
    return text


def plain_times(cells: pl.Series, *, zone: str) -> pl.Series:
    """``plain_time`` of many cells; null where another zone than ``zone`` stands behind the time."""
    text = cells.str.strip_chars()
    for pattern, replacement in WRAPPED:
        text = text.str.replace_all(pattern, replacement)
    if zone:
        text = text.set(~text.str.ends_with(f" {zone}"), None).str.strip_suffix(f" {zone}")
    for pattern, replacement in STEPS:
        text = text.str.replace_all(pattern, replacement)
    return text


def ends_at_24(cells: pl.Series) -> pl.Series:
    """Whether a time is 24:00, the end of its day."""
    return cells.str.contains(r"[ T]24:?00(?::?00)?(?:\.0+)?$").fill_null(value=False)
