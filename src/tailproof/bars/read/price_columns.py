"""Which columns are the prices and the volume, where several or none are called so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import polars as pl

from tailproof.bars.read.aliases import QUOTE_UNITS, TICK_VOLUMES, WEAK_CLOSES, plain_name, variants
from tailproof.bars.read.derived_prices import RANGE, range_columns
from tailproof.bars.read.recognised import Recognised
from tailproof.core.records import PRICES
from tailproof.core.surface import setting

LETTERS = {"o": "open", "h": "high", "l": "low", "c": "close"}


def find_prices(
    recognised: Recognised,
    *,
    chosen: Mapping[str, str],
    required: tuple[str, ...],
    instrument: str | None,
    sample: pl.DataFrame | None,
) -> None:
    """Add to ``recognised`` the prices and the volume that several columns, or none by its usual name, may hold.

    Args:
        recognised: the meanings so far.
        chosen: columns with the meanings that the user chose.
        required: meanings that must be there.
        instrument: the instrument asked for, in a file with one price for each.
        sample: the first rows.
    """
    _take_instrument(recognised, instrument, required)
    _take_ranges(recognised, sample)
    _prefer_telling_closes(recognised, chosen)
    _take_prefixed_prices(recognised, required)
    _prefer_one_volume(recognised)
    _prefer_ticks(recognised, sample)


def _take_instrument(recognised: Recognised, instrument: str | None, required: tuple[str, ...]) -> None:
    """The column of an instrument in a file that holds one price for each, and prices by no other name."""
    if instrument is None or not set(PRICES) <= set(required) or any(recognised.named(price) for price in PRICES):
        return
    same = [name for name in recognised.meanings if plain_name(name) == plain_name(instrument)]
    if len(same) == 1:
        recognised.meanings[same[0]] = "close"
        recognised.copies.update(dict.fromkeys(("open", "high", "low"), "close"))


def _take_ranges(recognised: Recognised, sample: pl.DataFrame | None) -> None:
    """Low and high from one column of ranges, where they have none of their own."""
    if sample is None or any(recognised.named(price) for price in ("high", "low")):
        return
    ranges = range_columns(sample)
    if len(ranges) == 1:
        recognised.meanings[ranges[0]] = RANGE
        recognised.notes.append(f"Low and high are taken from the ranges in '{ranges[0]}'.")


def _prefer_telling_closes(recognised: Recognised, picked: Mapping[str, str]) -> None:
    """A column called Price is the close only where no other is; VIX files may hold a close and a vix column."""
    closes = recognised.named("close")
    telling = [name for name in closes if plain_name(name) not in WEAK_CLOSES]
    for name in closes:
        if telling and name not in telling and name not in picked:
            recognised.demote(name)


def _take_prefixed_prices(recognised: Recognised, required: tuple[str, ...]) -> None:
    """Prices that share what stands before or behind them: SPY.Open, mid.o, open_bid."""
    if not set(PRICES) <= set(required) or all(recognised.named(price) for price in PRICES):
        return
    whole = {affixes: group for affixes, group in _price_groups(recognised).items() if set(group) == set(PRICES)}
    if len(whole) > 1:
        lists = [setting("columns", ",".join(f"{price}={one[price]}" for price in PRICES)) for one in whole.values()]
        recognised.faults.append(f"{len(whole)} sets of prices; take one of them: {' or '.join(lists)}")
    for (prefix, suffix), group in whole.items() if len(whole) == 1 else ():
        recognised.meanings.update({name: price for price, name in group.items()})
        beside = (f"{prefix}_volume", f"volume_{suffix}")
        volume = next((name for name in recognised.meanings if plain_name(name) in beside), None)
        if volume is not None and not recognised.named("volume"):
            recognised.meanings[volume] = "volume"


def _price_groups(recognised: Recognised) -> dict[tuple[str, str], dict[str, str]]:
    """Columns by the price that they name, for each prefix and suffix."""
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for name in recognised.meanings:
        for form in variants(name):
            match = re.fullmatch(r"(?:(.+)_)?(open|high|low|close|last|o|h|l|c)(?:_(.+))?", form)
            if match is not None:
                price = LETTERS.get(match[2], "close" if match[2] == "last" else match[2])
                groups.setdefault((match[1] or "", match[3] or ""), {}).setdefault(price, name)
                break
    return groups


def _prefer_one_volume(recognised: Recognised) -> None:
    """One volume: in pieces before any other, in shares before one in money; else the one column named after a unit."""
    volumes = recognised.named("volume")
    pieces = [name for name in volumes if plain_name(name) in ("stuecke", "stucke")]
    if pieces:
        _demote_all(recognised, set(volumes) - set(pieces))
    in_shares = [name for name in volumes if plain_name(name).split("_")[-1] not in QUOTE_UNITS]
    if len(volumes) > 1 and len(in_shares) == 1:
        _demote_all(recognised, set(volumes) - set(in_shares))
        recognised.notes.append(f"The volume is taken from '{in_shares[0]}'.")
    if volumes:
        return
    by_unit = [name for name in recognised.meanings if re.fullmatch(r"(?:volume|vol)_\w+", plain_name(name))]
    in_shares = [name for name in by_unit if plain_name(name).split("_", 1)[1] not in QUOTE_UNITS]
    if len(in_shares) == 1:
        recognised.meanings[in_shares[0]] = "volume"
        if len(by_unit) > 1:
            recognised.notes.append(f"The volume is taken from '{in_shares[0]}'.")


def _prefer_ticks(recognised: Recognised, sample: pl.DataFrame | None) -> None:
    """The count of ticks is the volume where there is no other, or one that is the same in every row."""
    ticks = [name for name, meaning in recognised.meanings.items() if meaning in TICK_VOLUMES]
    volumes = recognised.named("volume")
    if len(ticks) != 1 or len(volumes) > 1 or (volumes and not _is_one_number(sample, volumes[0])):
        return
    if volumes:
        recognised.demote(volumes[0])
        recognised.notes.append(f"'{volumes[0]}' is the same in every row: the volume is taken from '{ticks[0]}'.")
    recognised.meanings[ticks[0]] = "volume"


def _demote_all(recognised: Recognised, names: Iterable[str]) -> None:
    for name in names:
        recognised.demote(name)


def _is_one_number(sample: pl.DataFrame | None, name: str) -> bool:
    return sample is not None and sample.height > 1 and sample[name].drop_nulls().n_unique() <= 1
