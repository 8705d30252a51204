"""Which column of a file is which: by its name in any case and language, or by its cells where names do not tell."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from tailproof.bars.read.aliases import (
    ALIASES,
    KNOWN_AT,
    MEANING_OF,
    TEXT_COLUMNS,
    TICK_VOLUMES,
    plain_name,
    variants,
)
from tailproof.bars.read.column_faults import add_faults, choice_of, listed, refused_one_cell
from tailproof.bars.read.price_columns import find_prices
from tailproof.bars.read.recognised import IGNORED, Recognised
from tailproof.bars.read.time_columns import find_time
from tailproof.bars.read.time_parts import TIME_COLUMNS
from tailproof.core.errors import DataError
from tailproof.core.records import PRICES
from tailproof.core.surface import setting


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
    find_prices(recognised, chosen=picked, required=required, instrument=instrument, sample=sample)
    find_time(recognised, chosen=picked, sample=sample)
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


def _number_repeated(recognised: Recognised) -> None:
    """Columns that nobody needs may share a name: the second becomes NAME_2."""
    needed = {*ALIASES, *TIME_COLUMNS, KNOWN_AT, *TEXT_COLUMNS}
    counts: dict[str, int] = {}
    for name, meaning in recognised.meanings.items():
        if meaning not in needed:
            counts[meaning] = counts.get(meaning, 0) + 1
            if counts[meaning] > 1:
                recognised.meanings[name] = f"{meaning}_{counts[meaning]}"
