"""Which column of a file is which: by its name in any case and language, or by its cells where names do not tell."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from tailproof.arrays.times import MINUTE_NS
from tailproof.bars.read.aliases import (
    ALIASES,
    CLOCK_NAMES,
    DATE_NAMES,
    KNOWN_AT,
    PRICES,
    PUBLICATION_NAMES,
    QUOTE_UNITS,
    TEXT_COLUMNS,
    TICK_VOLUMES,
    WEAK_CLOSES,
    plain_name,
    variants,
)
from tailproof.bars.read.column_faults import add_faults, choice_of, listed, refused_one_cell
from tailproof.bars.read.derived_prices import RANGE, range_columns
from tailproof.bars.read.time_format import TimeFormat, parse_times, recognise_time
from tailproof.bars.read.time_parts import CLOCKS, TIME_COLUMNS, TIME_PARTS, holds_time, time_in_parts, unread_parts
from tailproof.core.errors import DataError
from tailproof.core.surface import setting

MEANING_OF = {alias: meaning for meaning, aliases in ALIASES.items() for alias in aliases} | dict.fromkeys(
    (*DATE_NAMES, *CLOCK_NAMES), "time"
)
IGNORED = "ignored "
"""Prefix of the meaning of a column that is to be left out."""
LETTERS = {"o": "open", "h": "high", "l": "low", "c": "close"}
QUARTER_NS = 15 * MINUTE_NS
MIN_TIMES = 2
"""Cells of a column without a telling name that must be times before it is taken for the time."""


@dataclass
class Recognised:
    """The meaning of each column of a file, and the assumptions behind it."""

    meanings: dict[str, str]
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)
    """Prices that the file does not hold, each to the price that stands for it."""

    def named(self, meaning: str) -> list[str]:
        """Columns of the file that mean ``meaning``."""
        return [name for name, known in self.meanings.items() if known == meaning]

    def demote(self, name: str) -> None:
        """Take a column for one of no known meaning."""
        self.meanings[name] = f"other_{plain_name(name)}"


def recognise(
    names: Iterable[str],
    *,
    source: str,
    required: tuple[str, ...],
    chosen: Mapping[str, str] | None = None,
    ignored: Sequence[str] = (),
    instrument: str | None = None,
    sample: pl.DataFrame | None = None,
) -> Recognised:
    """Map each file column to its meaning, or to its plain name where it has no alias.

    A date column and a column with the time of day become "date" and "clock". ``chosen`` (meaning to file column) goes
    before every alias; the cells of ``sample`` decide where names do not. A file with one price an instrument, and no
    other price, gives the column that is named ``instrument``.

    >>> recognise(["Date", "Close/Last", "Contract"], source="bars.csv", required=("time", "close")).meanings
    {'Date': 'time', 'Close/Last': 'close', 'Contract': 'contract'}
    >>> recognise(["1. open", "SPY.Close", "<DATE>", "<TIME>"], source="a.csv", required=("time",)).meanings
    {'1. open': 'open', 'SPY.Close': 'spy_close', '<DATE>': 'date', '<TIME>': 'clock'}

    Raises:
        DataError: a required column is absent, a chosen one does not exist, or two columns have the same meaning.
    """
    names = list(names)
    faults: list[str] = []
    picked, copies = _chosen_columns(names, chosen or {}, faults)
    recognised = Recognised(
        {name: picked.get(name) or _meaning(name, taken={*picked.values(), *copies}) for name in names},
        [],
        faults,
        copies,
    )
    _leave_out(recognised, ignored)
    _take_instrument(recognised, instrument, required)
    _ranges(recognised, sample)
    _prefer_telling_closes(recognised, picked)
    _prefixed_prices(recognised, required)
    _volumes(recognised, sample)
    _times(recognised, picked, sample)
    _number_repeated(recognised)
    if len(names) == 1 and len(required) > 1:
        raise refused_one_cell(names[0], source)
    if not recognised.faults:
        add_faults(recognised, required)
    if recognised.faults:
        raise DataError(f"{source}: " + "; ".join(recognised.faults) + f". Columns found: {listed(names)}.")
    return recognised


def _meaning(name: str, *, taken: set[str]) -> str:
    plain = plain_name(name)
    forms = variants(name)
    meaning = next((MEANING_OF[form] for form in forms if form in MEANING_OF), None)
    if meaning is None:
        meaning = next((form for form in forms if form in (*TEXT_COLUMNS, *TICK_VOLUMES)), plain)
    return f"other_{plain}" if meaning in taken else meaning or "unnamed"


def _chosen_columns(
    names: list[str], chosen: Mapping[str, str], faults: list[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Columns of the file with the meanings that the user chose, and the prices that are to be copies of another."""
    picked: dict[str, str] = {}
    copies: dict[str, str] = {}
    for meaning, wanted in sorted(chosen.items(), key=lambda pair: pair[0] != "close"):
        same = [name for name in names if name == wanted] or [
            name for name in names if plain_name(name) == plain_name(wanted)
        ]
        if same and same[0] in picked and {meaning, picked[same[0]]} <= set(PRICES):
            copies[meaning] = picked[same[0]]
        elif same:
            picked[same[0]] = meaning
        else:
            near = difflib.get_close_matches(wanted, names, n=1)
            hint = f" (did you mean '{near[0]}'?)" if near else ""
            faults.append(f"{choice_of(meaning, wanted)}: there is no column '{wanted}'{hint}")
    return picked, copies


def _take_instrument(recognised: Recognised, instrument: str | None, required: tuple[str, ...]) -> None:
    """The column of an instrument in a file that holds one price for each, and prices by no other name."""
    if instrument is None or not set(PRICES) <= set(required) or any(recognised.named(price) for price in PRICES):
        return
    same = [name for name in recognised.meanings if plain_name(name) == plain_name(instrument)]
    if len(same) == 1:
        recognised.meanings[same[0]] = "close"
        recognised.copies.update(dict.fromkeys(("open", "high", "low"), "close"))


def _ranges(recognised: Recognised, sample: pl.DataFrame | None) -> None:
    """Low and high from one column of ranges, where they have none of their own."""
    if sample is None or any(recognised.named(price) for price in ("high", "low")):
        return
    ranges = range_columns(sample)
    if len(ranges) == 1:
        recognised.meanings[ranges[0]] = RANGE
        recognised.notes.append(f"Low and high are taken from the ranges in '{ranges[0]}'.")


def _leave_out(recognised: Recognised, ignored: Sequence[str]) -> None:
    for wanted in ignored:
        same = [
            name
            for name, meaning in recognised.meanings.items()
            if wanted in (name, meaning) or plain_name(wanted) == plain_name(name)
        ]
        if not same:
            recognised.faults.append(f"{setting('ignore', wanted)}: there is no column '{wanted}'")
        for name in same:
            recognised.meanings[name] = IGNORED + plain_name(name)


def _prefer_telling_closes(recognised: Recognised, picked: Mapping[str, str]) -> None:
    """A column called Price is the close only where no other is; VIX files may hold a close and a vix column."""
    closes = recognised.named("close")
    telling = [name for name in closes if plain_name(name) not in WEAK_CLOSES]
    for name in closes:
        if telling and name not in telling and name not in picked:
            recognised.demote(name)


def _prefixed_prices(recognised: Recognised, required: tuple[str, ...]) -> None:
    """Prices that share what stands before or behind them: SPY.Open, mid.o, open_bid."""
    if not set(PRICES) <= set(required) or all(recognised.named(price) for price in PRICES):
        return
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for name in recognised.meanings:
        for form in variants(name):
            match = re.fullmatch(r"(?:(.+)_)?(open|high|low|close|last|o|h|l|c)(?:_(.+))?", form)
            if match is not None:
                price = LETTERS.get(match[2], "close" if match[2] == "last" else match[2])
                groups.setdefault((match[1] or "", match[3] or ""), {}).setdefault(price, name)
                break
    whole = {key: group for key, group in groups.items() if set(group) == set(PRICES)}
    lists = [setting("columns", ",".join(f"{price}={group[price]}" for price in PRICES)) for group in whole.values()]
    if len(whole) > 1:
        recognised.faults.append(f"{len(whole)} sets of prices; take one of them: {' or '.join(lists)}")
    elif whole:
        (prefix, suffix), group = next(iter(whole.items()))
        recognised.meanings.update({name: price for price, name in group.items()})
        volume = next(
            (name for name in recognised.meanings if plain_name(name) in (f"{prefix}_volume", f"volume_{suffix}")), None
        )
        if volume is not None and not recognised.named("volume"):
            recognised.meanings[volume] = "volume"


def _volumes(recognised: Recognised, sample: pl.DataFrame | None) -> None:
    """One volume: that in shares before that in money; ticks where the volume itself is nothing but one number."""
    volumes = recognised.named("volume")
    pieces = [name for name in volumes if plain_name(name) in ("stuecke", "stucke")]
    for name in volumes:
        if pieces and name not in pieces:
            recognised.demote(name)
    bases = [name for name in volumes if plain_name(name).split("_")[-1] not in QUOTE_UNITS]
    if len(volumes) > 1 and len(bases) == 1:
        for name in set(volumes) - set(bases):
            recognised.demote(name)
        recognised.notes.append(f"The volume is taken from '{bases[0]}'.")
    if not volumes:
        others = [name for name in recognised.meanings if re.fullmatch(r"(?:volume|vol)_\w+", plain_name(name))]
        bases = [name for name in others if plain_name(name).split("_", 1)[1] not in QUOTE_UNITS]
        if len(bases) == 1:
            recognised.meanings[bases[0]] = "volume"
            if len(others) > 1:
                recognised.notes.append(f"The volume is taken from '{bases[0]}'.")
    ticks = [name for name, meaning in recognised.meanings.items() if meaning in TICK_VOLUMES]
    volumes = recognised.named("volume")
    if len(ticks) == 1 and len(volumes) <= 1 and (not volumes or _is_one_number(sample, volumes[0])):
        if volumes:
            recognised.demote(volumes[0])
            recognised.notes.append(f"'{volumes[0]}' is the same in every row: the volume is taken from '{ticks[0]}'.")
        recognised.meanings[ticks[0]] = "volume"


def _is_one_number(sample: pl.DataFrame | None, name: str) -> bool:
    return sample is not None and sample.height > 1 and sample[name].drop_nulls().n_unique() <= 1


def _times(recognised: Recognised, picked: Mapping[str, str], sample: pl.DataFrame | None) -> None:
    parts = time_in_parts(recognised.meanings, recognised.named("time"), sample)
    if parts and "time" not in picked.values():
        recognised.meanings.update(parts)
        recognised.notes.append(f"The time is put together from {', '.join(map(repr, parts))}.")
        return
    if not picked and (fault := unread_parts(recognised.meanings, recognised.named("time"))):
        recognised.faults.append(fault)
    both = [name for name in recognised.named("time") if name not in picked]
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
    if len(days) == len(names) - 1 and forms.keys() - days <= {name for name in names if forms[name]}:
        for name in days:
            recognised.demote(name)
        recognised.notes.append(f"{' and '.join(map(repr, days))} holds only the date of each row: it is not the time.")
        return
    times = {name: _parsed(sample[name], form) for name, form in forms.items()}
    first = times[names[0]]
    readable = [name for name in names if times[name] is not None]
    same = all(
        times[name] is not None and first is not None and _agree(times[name], first)  # type: ignore[arg-type]
        for name in names
    )
    if not same or not readable:
        return
    best = max(readable, key=lambda name: (bool(forms[name] and forms[name].has_offset), -names.index(name)))  # type: ignore[union-attr]
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


def _number_repeated(recognised: Recognised) -> None:
    """Columns that nobody needs may share a name: the second becomes NAME_2."""
    needed = {*ALIASES, *TIME_COLUMNS, KNOWN_AT, *TEXT_COLUMNS}
    counts: dict[str, int] = {}
    for name, meaning in recognised.meanings.items():
        if meaning not in needed:
            counts[meaning] = counts.get(meaning, 0) + 1
            if counts[meaning] > 1:
                recognised.meanings[name] = f"{meaning}_{counts[meaning]}"
