"""Columns under several lines of names, as pandas has them: prices on one level, instruments on the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tailproof.bars.read.aliases import MEANING_OF, variants
from tailproof.core.errors import DataError
from tailproof.core.surface import setting

VALUES = {"open", "high", "low", "close", "volume", "vix_close"}
LISTED = 5


@dataclass(frozen=True, kw_only=True)
class LevelledNames:
    """The names of the columns of one instrument."""

    names: tuple[str, ...]
    """A name for each column; those of other instruments are named 'Close of MSFT'."""
    own: tuple[bool, ...]
    """Whether each column is one of the instrument."""
    instruments: tuple[str, ...]


def count_price_names(labels: Sequence[str]) -> int:
    """How many different prices and volumes are named.

    >>> count_price_names(["Open", "High", "SPY", "Open"])
    2
    """
    words = {form for label in labels for form in variants(label)}
    return len({MEANING_OF[word] for word in words if word in MEANING_OF} & VALUES)


def names_of_one(levels: Sequence[Sequence[str]], *, instrument: str | None, source: str) -> LevelledNames:
    """The names of one instrument's columns: the chosen one, or the only one.

    Args:
        levels: for each level the label of every column.
        instrument: the user's choice, as it stands on any level that has several labels.
        source: for messages.

    Raises:
        DataError: there are several instruments, and none of them is chosen.

    >>> levels = [["Open", "Close", "Open", "Close"], ["SPY", "SPY", "QQQ", "QQQ"]]
    >>> names_of_one(levels, instrument="QQQ", source="bars.csv").names
    ('Open of SPY', 'Close of SPY', 'Open', 'Close')
    """
    prices = max(levels, key=count_price_names)
    others = [level for level in levels if level is not prices]
    telling = [level for level in others if len({label for label in level if label.strip()}) > 1] or others[-1:]
    subjects = [" ".join(label for label in labels if label.strip()) for labels in zip(*telling, strict=True)]
    known = tuple(dict.fromkeys(subject for subject in subjects if subject))
    taken = _taken(known, [label for level in others for label in level], instrument)
    if taken is None:
        shown = ", ".join(known[:LISTED]) + (", …" if len(known) > LISTED else "")
        raise DataError(
            f"{source}: the columns hold {len(known)} instruments ({shown}), expected one. Take one of them: "
            f"{setting('instrument', known[0])}."
        )
    own = tuple(subject in (taken, "") for subject in subjects)
    both = zip(prices, subjects, own, strict=True)
    names = tuple(name if is_own else f"{name} of {subject}" for name, subject, is_own in both)
    return LevelledNames(names=names, own=own, instruments=known)


def _taken(known: Sequence[str], labels: Sequence[str], instrument: str | None) -> str | None:
    """The instrument to take: the chosen one by its whole name or by one of its labels, or the only one."""
    if len(known) < 2 and (instrument is None or instrument in (*known, *labels) or not known):
        return known[0] if known else ""
    meant = [name for name in known if instrument == name] or [
        name for name in known if instrument is not None and instrument in name.split()
    ]
    return meant[0] if len(meant) == 1 else None
