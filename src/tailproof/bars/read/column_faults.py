"""What is wrong with the columns of a file, and the settings that name them."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tailproof.bars.read.aliases import ALIASES, KNOWN_AT, TEXT_COLUMNS, plain_name
from tailproof.bars.read.derived_prices import RANGE
from tailproof.bars.read.recognised import Recognised
from tailproof.bars.read.time_parts import TIME_COLUMNS, holds_time
from tailproof.core.errors import DataError
from tailproof.core.records import PRICES
from tailproof.core.surface import setting

BID_NAMES = ("bid", "bid_price", "bidprice", "best_bid", "bid_px", "bid_px_00", "best_bid_price", "bp", "b", "bidpx")
ASK_NAMES = ("ask", "ask_price", "askprice", "best_ask", "ask_px", "ask_px_00", "best_ask_price", "ap", "a", "offer")
MAX_CHOICES = 3
"""Columns of no known meaning that are offered for a missing one where no name is like it."""
MAX_LISTED = 40
"""Names of columns that a message lists."""


def add_faults(recognised: Recognised, required: tuple[str, ...]) -> None:
    """Add to ``recognised`` what is missing of the required meanings, and what stands twice."""
    meanings = list(recognised.meanings.values())
    there = {*meanings, *recognised.copies, *(("low", "high") if RANGE in meanings else ())}
    if holds_time(meanings):
        there.add("time")
    absent = [meaning for meaning in required if meaning not in there]
    known = (*ALIASES, *TIME_COLUMNS, *TEXT_COLUMNS, KNOWN_AT)
    free = [name for name, meaning in recognised.meanings.items() if meaning not in known]
    if {"open", "high", "low"} <= set(absent):
        recognised.faults.append(_no_bars(recognised, absent, free))
        absent = [meaning for meaning in absent if meaning not in PRICES]
    for meaning in absent:
        near = [name for name in free if meaning in plain_name(name)] or difflib.get_close_matches(meaning, free, n=2)
        near = near or (free if len(free) <= MAX_CHOICES else [])
        hint = f"; is it {' or '.join(choice_of(meaning, name) for name in near[:3])}?" if near else ""
        looked = f"looked for {', '.join(ALIASES.get(meaning, (meaning,))[:8])} and others (any case)"
        recognised.faults.append(f"no column for '{meaning}': {looked}; {choice_of(meaning, 'NAME')} names it{hint}")
    for meaning in sorted(meaning for meaning, count in Counter(meanings).items() if count > 1):
        same = recognised.named(meaning)
        choice = " or ".join(choice_of(meaning, name) for name in same)
        recognised.faults.append(f"{len(same)} columns mean '{meaning}': {', '.join(same)}; say {choice}")


def _no_bars(recognised: Recognised, absent: list[str], free: list[str]) -> str:
    """The fault of a file without open, high and low: other names, or one price for each row or instrument."""
    prices = [price for price in PRICES if price in absent]
    named = setting("columns", ",".join(f"{price}=NAME" for price in prices))
    text = f"no columns for {', '.join(prices)}; {named} names them"
    if quoted := _quote_columns(free):
        ways = " or ".join(setting("columns", ",".join(f"{price}={name}" for price in PRICES)) for name in quoted)
        return (
            f"{text}. The rows are quotes and no bars: {ways} takes one side of each as a bar of that price alone; add "
            "a column with the mean of both to take that"
        )
    one = next(iter(recognised.named("close")), free[0] if free else "")
    if not one:
        return text
    alone = setting("columns", ",".join(f"{price}={one}" for price in PRICES))
    if "close" in absent and len(free) > 1:
        alone = f"{setting('instrument', one)} or {alone}"
    return f"{text}. Where each row holds one price, as of '{one}', {alone} takes it as a bar of that price alone"


def _quote_columns(names: Sequence[str]) -> tuple[str, ...]:
    """The bid and the ask, where both are among names."""
    bid, ask = (next((name for name in names if plain_name(name) in side), None) for side in (BID_NAMES, ASK_NAMES))
    return (bid, ask) if bid is not None and ask is not None else ()


def choice_of(meaning: str, name: str) -> str:
    """The setting that says which column has a meaning."""
    return setting("columns", f"{meaning}={name}")


def listed(names: Sequence[str]) -> str:
    """The names of columns for a message, the first ``MAX_LISTED`` of them."""
    shown = [name if name.strip() else repr(name) for name in names[:MAX_LISTED]]
    left = len(names) - len(shown)
    return ", ".join(shown) + (f" and {left:,} more" if left else "") if names else "none"


def refused_one_cell(name: str, source: str) -> DataError:
    """The error of a file whose header was not parted into cells."""
    if re.match(r"\s*<(!doctype|html|\?xml)", name, re.IGNORECASE):
        return DataError(f"{source}: this is a web page ({name[:60]!r}) and no file of bars. Download the file again.")
    marks = re.findall(r"[^\w\s.()\[\]<>\"'/-]", name) or [" "]
    mark = setting("delimiter", max(marks, key=marks.count))
    file = Path(source).name
    quotes = (
        f" Where quotes stand around each line, take them away first: sed 's/^\"//; s/\"$//' {file} > plain_{file}"
        if name.count(",") >= len(PRICES)
        else ""
    )
    return DataError(
        f"{source}: the line of names holds one cell, {name[:60]!r}, expected time, open, high, low and close. "
        f"Name the character between its cells, such as {mark}.{quotes}"
    )
