"""Which column of a file is which: aliases in any case, one meaning each."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tailproof.core.errors import DataError

PRICES = ("open", "high", "low", "close")

ALIASES: dict[str, tuple[str, ...]] = {
    "time": ("time", "timestamp", "datetime", "date_time", "date", "ts", "bar_time", "open_time", "time_utc"),
    "open": ("open", "o", "open_price", "first"),
    "high": ("high", "h", "high_price", "max"),
    "low": ("low", "l", "low_price", "min"),
    "close": ("close", "c", "close_price", "last", "close_last", "settle"),
    "volume": ("volume", "v", "vol", "qty", "quantity", "volume_contracts", "total_volume"),
    "vix_close": ("vix_close", "vix", "vix_last", "vixcls"),
}


def plain_name(name: str) -> str:
    """Lower case, with every run of other characters as one underscore.

    >>> plain_name(" Adj Close/Last ")
    'adj_close_last'
    """
    return re.sub(r"[^0-9a-z]+", "_", name.strip().lower()).strip("_")


def recognise(names: Iterable[str], *, source: str, required: tuple[str, ...]) -> dict[str, str]:
    """Map each file column to its meaning, or to its plain name where it has no alias.

    >>> recognise(["Date", "Close/Last", "Contract"], source="bars.csv", required=("time", "close"))
    {'Date': 'time', 'Close/Last': 'close', 'Contract': 'contract'}

    Raises:
        DataError: a required column is absent, or two columns have the same meaning.
    """
    names = list(names)
    meanings = {alias: meaning for meaning, aliases in ALIASES.items() for alias in aliases}
    mapping = {name: meanings.get(plain_name(name), plain_name(name)) for name in names}
    faults = [
        f"no column for '{meaning}': looked for {', '.join(ALIASES[meaning])} (any case)"
        for meaning in required
        if meaning not in mapping.values()
    ]
    for meaning in sorted(set(mapping.values())):
        same = [name for name in names if mapping[name] == meaning]
        if len(same) > 1:
            faults.append(f"{len(same)} columns mean '{meaning}': {', '.join(same)}. Keep one and rename the others")
    if faults:
        found = ", ".join(names) if names else "none"
        raise DataError(f"{source}: " + "; ".join(faults) + f". Columns found: {found}.")
    return mapping
