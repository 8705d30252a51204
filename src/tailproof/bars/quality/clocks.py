"""Signs that times were read on the wrong clock or at the wrong end of the bar."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from tailproof.bars.faults import Fault
from tailproof.bars.known_at import NEW_YORK
from tailproof.bars.quality.part import Part

WINTER, SUMMER = (1, 2, 12), (6, 7, 8)
FEWEST_SESSIONS = 10
CASH_SESSION_HOURS = 12
"""Markets that trade around the clock give no sign."""


class Clocks:
    """Compares when sessions start on the UTC clock in winter and in summer, and which minute they start at."""

    def __init__(self) -> None:
        self.starts: dict[str, Counter[int]] = defaultdict(Counter)
        self.first_minutes: Counter[str] = Counter()
        self.sessions = self.bars = 0
        self.part: Part | None = None

    def see(self, part: Part) -> None:
        """Take in a part."""
        self.part = part
        session_N = part.array("session")
        starts = np.flatnonzero(np.diff(session_N, prepend=session_N[0] - 1) != 0)
        starts = starts[starts >= part.lead]
        self.sessions += len(starts)
        self.bars += len(session_N) - part.lead
        time = part.frame["time"][starts.tolist()]
        for month, clock in zip(time.dt.month(), time.dt.time(), strict=True):
            minute = clock.hour * 60 + clock.minute
            season = "winter" if month in WINTER else "summer" if month in SUMMER else ""
            if season:
                self.starts[season][minute] += 1
        local = time.dt.convert_time_zone(NEW_YORK).dt.strftime("%H:%M")
        self.first_minutes.update(local.to_list())

    def faults(self) -> list[Fault]:
        """Warnings."""
        part = self.part
        if part is None or part.context.daily or self.sessions < FEWEST_SESSIONS:
            return []
        return [*self._zone(part), *self._label(part)]

    def notes(self) -> list[str]:
        """None."""
        return []

    def _zone(self, part: Part) -> list[Fault]:
        if not part.context.naive or part.context.timezone != "UTC":
            return []
        hours = self.bars / self.sessions * part.context.bar_ns / 3.6e12
        winter, summer = self.starts["winter"], self.starts["summer"]
        if hours > CASH_SESSION_HOURS or not winter or not summer:
            return []
        usual_winter, usual_summer = winter.most_common(1)[0], summer.most_common(1)[0]
        firm = min(usual_winter[1] / winter.total(), usual_summer[1] / summer.total()) > 0.8
        if not firm or usual_winter[0] != usual_summer[0]:
            return []
        clock = f"{usual_winter[0] // 60:02d}:{usual_winter[0] % 60:02d}"
        return [
            Fault(
                kind="times look local but were read as UTC",
                lines=[],
                found=f"sessions begin at {clock} in winter and in summer",
                expected="a shift by an hour with daylight saving; name the zone: --tz America/New_York",
                severity="warning",
                total=self.bars,
            )
        ]

    def _label(self, part: Part) -> list[Fault]:
        minute = part.context.bar_ns == 60 * 10**9
        clock, count = self.first_minutes.most_common(1)[0]
        if not minute or clock != "09:31" or count / self.sessions < 0.8:
            return []
        return [
            Fault(
                kind="bars look labelled by their end",
                lines=[],
                found=f"{count:,} of {self.sessions:,} sessions begin at 09:31 New York",
                expected="09:30 for bars labelled by their start; if these are ends: --bar-label end",
                severity="warning",
                total=self.bars,
            )
        ]
