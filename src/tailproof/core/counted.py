"""Numbers of things in words: "1 epoch", "2 epochs"."""

from __future__ import annotations

import re


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun, in the singular for 1.

    Args:
        count: how many.
        noun: what one is called.
        plural: what several are called; the noun with an s where it is empty.

    >>> counted(1, "epoch"), counted(1200, "epoch"), counted(2, "loss", "losses")
    ('1 epoch', '1,200 epochs', '2 losses')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def counted_phrase(count: int, plural: str) -> str:
    """A number with a phrase in the plural, whose first word that ends in s becomes a singular for 1.

    Args:
        count: how many.
        plural: what several are called, where more words may follow the noun.

    >>> counted_phrase(1, "start-up rows"), counted_phrase(8, "cuts through the future")
    ('1 start-up row', '8 cuts through the future')
    """
    return counted(count, re.sub(r"s\b", "", plural, count=1), plural)
