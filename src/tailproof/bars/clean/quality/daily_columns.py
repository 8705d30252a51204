"""Columns that hold one value per day inside intraday bars: joined by date, they may know the day's end early."""

from __future__ import annotations

import numpy as np

from tailproof.arrays.times import DAY_NS
from tailproof.bars.clean.quality.quality_part import QualityPart
from tailproof.bars.faults import Fault
from tailproof.bars.read.table_plan import LINE, SOURCE
from tailproof.core.records import PRICES
from tailproof.core.surface import setting

OWN = {*PRICES, "volume", "time", "known_at", "session", "segment", "regular_hours", LINE, SOURCE}
MIN_CHANGES = 3


class DailyColumns:
    """Other number columns whose every change falls on a change of date."""

    def __init__(self) -> None:
        self.changes: dict[str, int] = {}
        self.inside: dict[str, int] = {}
        self.rows = 0
        self.daily = False

    def see(self, part: QualityPart) -> None:
        """Take in a part."""
        self.rows += len(part.time_N) - part.lead
        self.daily = part.context.daily
        if self.daily:
            return
        names = [name for name in part.frame.columns if name not in OWN and part.frame[name].dtype.is_numeric()]
        if not names:
            return
        for name in names:
            value_N = part.array(name)
            change = np.flatnonzero(~part.same_N(name))
            change = change[(change >= max(part.lead, 1)) & ~np.isnan(value_N[change])]
            self.changes[name] = self.changes.get(name, 0) + len(change)
            self.inside[name] = self.inside.get(name, 0) + int(
                (part.time_N[change] // DAY_NS == part.time_N[change - 1] // DAY_NS).sum()
            )

    def faults(self) -> list[Fault]:
        """Warnings."""
        return [
            Fault(
                kind=f"'{name}' changes only from one date to the next",
                lines=[],
                found=f"{count:,} changes, {self.inside[name]} of them inside a date",
                expected="a value that was known: a day's close joined by date is a leak; join it again with "
                + setting("vix"),
                severity="warning",
                total=self.rows,
            )
            for name, count in self.changes.items()
            if count >= MIN_CHANGES and self.inside[name] == 0
        ]

    def notes(self) -> list[str]:
        """None."""
        return []
