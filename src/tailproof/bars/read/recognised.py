"""The meanings of the columns of a file, while they are found."""

from __future__ import annotations

from dataclasses import dataclass, field

from tailproof.bars.read.aliases import plain_name

IGNORED = "ignored "
"""Prefix of the meaning of a column that is to be left out."""


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
