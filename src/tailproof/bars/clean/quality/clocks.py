"""Signs that times were read on the wrong clock or at the wrong end of the bar."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl

from tailproof.arrays.times import MINUTE_NS
from tailproof.bars.clean.quality.quality_part import QualityPart
from tailproof.bars.faults import Fault
from tailproof.bars.sessions.bar_length import is_night
from tailproof.core.new_york import CASH_OPEN, NEW_YORK, SUMMER, WINTER
from tailproof.core.surface import setting

MIN_SESSIONS = 10
CASH_SESSION_HOURS = 12
"""Markets that trade around the clock give no sign."""


class Clocks:
    """Compares when sessions start on the UTC clock in winter and in summer, and which minute they start at."""

    def __init__(self) -> None:
        self.starts: list[np.ndarray] = []
        self.bars = 0
        self.part: QualityPart | None = None

    def see(self, part: QualityPart) -> None:
        """Take in a part."""
        self.part = part
        rows = np.flatnonzero(~part.same_N("session") | is_night(part.step_N))
        self.starts.append(part.time_N[rows[rows >= part.lead]])
        self.bars += len(part.time_N) - part.lead

    def faults(self) -> list[Fault]:
        """Warnings."""
        part = self.part
        if part is None or part.context.daily:
            return []
        start = pl.Series(np.concatenate(self.starts)).cast(pl.Datetime("ns", "UTC"))
        return [] if len(start) < MIN_SESSIONS else [*self._zone(part, start), *self._label(part, start)]

    def notes(self) -> list[str]:
        """None."""
        return []

    def _zone(self, part: QualityPart, start: pl.Series) -> list[Fault]:
        if not part.context.naive or part.context.timezone != "UTC":
            return []
        hours = self.bars / len(start) * part.context.bar_ns / 3.6e12
        winter, summer = (
            Counter(_minutes(start.filter(start.dt.month().is_in(months)))) for months in (WINTER, SUMMER)
        )
        if hours <= CASH_SESSION_HOURS and self._opens_like_new_york(start):
            return [self._local(f"sessions begin at 09:30 and last {hours:.1f} hours, as in New York")]
        if hours > CASH_SESSION_HOURS or not winter or not summer:
            return []
        usual_winter, usual_summer = winter.most_common(1)[0], summer.most_common(1)[0]
        firm = min(usual_winter[1] / winter.total(), usual_summer[1] / summer.total()) > 0.8
        if not firm or usual_winter[0] != usual_summer[0]:
            return []
        clock = f"{usual_winter[0] // 60:02d}:{usual_winter[0] % 60:02d}"
        return [self._local(f"sessions begin at {clock} in winter and in summer")]

    @staticmethod
    def _opens_like_new_york(start: pl.Series) -> bool:
        """Whether most sessions begin at 09:30 or 09:31 on the clock of the file."""
        minutes = _minutes(start)
        return sum(minute in (CASH_OPEN, CASH_OPEN + 1) for minute in minutes) > 0.8 * len(minutes)

    def _local(self, found: str) -> Fault:
        return Fault(
            kind="times look local but were read as UTC",
            lines=[],
            found=found,
            expected="a shift by an hour with daylight saving; name the zone: " + setting("timezone", NEW_YORK),
            severity="warning",
            total=self.bars,
        )

    def _label(self, part: QualityPart, start: pl.Series) -> list[Fault]:
        local = _minutes(start.dt.convert_time_zone(NEW_YORK)).count(CASH_OPEN + 1)
        count = max(local, _minutes(start).count(CASH_OPEN + 1) if part.context.naive else 0)
        if part.context.bar_ns != MINUTE_NS or count / len(start) < 0.8:
            return []
        return [
            Fault(
                kind="bars look labelled by their end",
                lines=[],
                found=f"{count:,} of {len(start):,} sessions begin at 09:31 New York",
                expected="09:30 for bars labelled by their start; if these are ends: " + setting("bar_label", "end"),
                severity="warning",
                total=self.bars,
            )
        ]


def _minutes(time: pl.Series) -> list[int]:
    """Minutes of the day."""
    return (time.dt.hour().cast(pl.Int32) * 60 + time.dt.minute()).to_list()
