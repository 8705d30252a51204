"""Which column of a file is which: aliases in any case, one meaning each."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from tailproof.core.errors import DataError

PRICES = ("open", "high", "low", "close")
TEXT_COLUMNS = ("contract", "symbol", "ticker", "instrument", "exchange")
KNOWN_AT = "known_at"
"""A column that says from when each row may be known, such as ``tailproof resample`` writes."""
TIME_PARTS = ("date", "clock")
"""Meanings of two columns that are one time together."""

ALIASES: dict[str, tuple[str, ...]] = {
    "time": (
        *("time", "timestamp", "datetime", "date_time", "date", "ts", "bar_time", "open_time", "time_utc"),
        *("ts_event", "unix", "epoch", "unix_timestamp", "gmt_time", "local_time", "day", "trade_date", "period"),
    ),
    "open": ("open", "o", "open_price", "first", "opening_price"),
    "high": ("high", "h", "high_price", "max"),
    "low": ("low", "l", "low_price", "min"),
    "close": ("close", "c", "close_price", "last", "close_last", "settle", "closing_price"),
    "volume": ("volume", "v", "vol", "qty", "quantity", "volume_contracts", "total_volume"),
    "vix_close": ("vix_close", "vix", "vix_last", "vixcls"),
}
DATE_NAMES = ("date", "day", "trade_date")
CLOCK_NAMES = ("time", "time_of_day", "clock", "bar_time")


def plain_name(name: str) -> str:
    """Lower case, with every run of other characters as one underscore.

    >>> plain_name(" Adj Close/Last ")
    'adj_close_last'
    """
    return re.sub(r"[^0-9a-z]+", "_", name.strip().lower()).strip("_")


def recognise(
    names: Iterable[str], *, source: str, required: tuple[str, ...], chosen: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Map each file column to its meaning, or to its plain name where it has no alias.

    A date column and a column with the time of day become "date" and "clock". ``chosen`` (meaning to file column) goes
    before every alias.

    >>> recognise(["Date", "Close/Last", "Contract"], source="bars.csv", required=("time", "close"))
    {'Date': 'time', 'Close/Last': 'close', 'Contract': 'contract'}
    >>> recognise(["<DATE>", "<TIME>", "px"], source="a.csv", required=("time", "close"), chosen={"close": "px"})
    {'<DATE>': 'date', '<TIME>': 'clock', 'px': 'close'}

    Raises:
        DataError: a required column is absent, a chosen one does not exist, or two columns have the same meaning.
    """
    names = list(names)
    faults = [f"the name '{name}' stands above {names.count(name)} columns" for name in _repeated(names)]
    picked = _chosen_columns(names, chosen or {}, faults)
    mapping = {name: picked.get(name) or _meaning(name, taken=set(picked.values())) for name in names}
    _part_date_and_clock(mapping, picked)
    meanings = list(mapping.values())
    for meaning in required:
        if meaning not in meanings and not (meaning == "time" and set(TIME_PARTS) <= set(meanings)):
            looked = f"looked for {', '.join(ALIASES.get(meaning, (meaning,)))} (any case)"
            faults.append(f"no column for '{meaning}': {looked}; --columns {meaning}=NAME names it")
    for meaning in sorted(set(meanings)):
        same = [name for name in mapping if mapping[name] == meaning]
        if len(same) > 1:
            choice = f"keep one and rename the others, or say --columns {meaning}={same[0]}"
            faults.append(f"{len(same)} columns mean '{meaning}': {', '.join(same)}; {choice}")
    if faults:
        found = ", ".join(names) if names else "none"
        raise DataError(f"{source}: " + "; ".join(faults) + f". Columns found: {found}.")
    return mapping


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _meaning(name: str, *, taken: set[str]) -> str:
    meanings = {alias: meaning for meaning, aliases in ALIASES.items() for alias in aliases}
    plain = plain_name(name)
    meaning = meanings.get(plain, plain)
    return f"other_{plain}" if meaning in taken else meaning or "unnamed"


def _chosen_columns(names: list[str], chosen: Mapping[str, str], faults: list[str]) -> dict[str, str]:
    picked: dict[str, str] = {}
    for meaning, wanted in chosen.items():
        same = [name for name in names if name == wanted] or [
            name for name in names if plain_name(name) == plain_name(wanted)
        ]
        if same:
            picked[same[0]] = meaning
            continue
        near = difflib.get_close_matches(wanted, names, n=1)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        faults.append(f"--columns {meaning}={wanted}: there is no column '{wanted}'{hint}")
    return picked


def _part_date_and_clock(mapping: dict[str, str], picked: Mapping[str, str]) -> None:
    """Two time columns, of which one holds dates and the other times of day, are the parts of one time."""
    both = [name for name, meaning in mapping.items() if meaning == "time" and name not in picked]
    if len(both) != 2:
        return
    for date, clock in (both, both[::-1]):
        if plain_name(date) in DATE_NAMES and plain_name(clock) in CLOCK_NAMES:
            mapping[date], mapping[clock] = TIME_PARTS
            return
