"""A volume that is the same in every row is none: 0 or -1 stand for "not known" in files of quotes."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tailproof.bars.read.table_plan import LINE


@dataclass
class ConstantVolume:
    """Watches for a volume that differs from the first."""

    rows: int = 0
    first: float | None = None
    first_line: int = 0
    is_constant: bool = True

    def see(self, frame: pl.DataFrame) -> None:
        """Take in the next rows."""
        if not self.is_constant:
            self.rows += frame.height
            return
        volume = frame["volume"].fill_nan(None)
        if not self.rows:
            self.first, self.first_line = volume[0], int(frame[LINE][0])
        self.rows += len(volume)
        self.is_constant = volume[-1] == self.first or (volume[-1] is None and self.first is None)
        if self.is_constant:
            self.is_constant = bool(volume.eq_missing(pl.Series([self.first], dtype=pl.Float64)).all())

    @property
    def first_is_possible(self) -> bool:
        """Whether the first volume is one that a bar can have."""
        return self.first is not None and 0 <= self.first < float("inf")

    @property
    def note(self) -> str:
        """The note about a volume that is left out."""
        value = "empty" if self.first is None else f"{self.first:g}"
        return f"The volume is {value} in every row: it is taken as not known, and left out."
