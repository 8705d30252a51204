"""All checks over all bars, in one pass that hands the bars on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import polars as pl

from tailproof.bars.clean.quality.clocks import Clocks
from tailproof.bars.clean.quality.daily_columns import DailyColumns
from tailproof.bars.clean.quality.holes import Holes
from tailproof.bars.clean.quality.lengths import BarLengths
from tailproof.bars.clean.quality.quality_part import Check, Context, QualityPart
from tailproof.bars.clean.quality.spikes import Spikes
from tailproof.bars.clean.quality.splices import Splices
from tailproof.bars.clean.quality.stale import StaleRuns
from tailproof.bars.clean.quality.tick_size import OffTick
from tailproof.bars.clean.quality.zero_returns import ZeroReturns
from tailproof.bars.faults import Fault

WATCHERS = 2
LEAD_ROWS = 32
"""Earlier rows that the checks see again; more than any of them looks back."""


class QualityPass:
    """Shows every frame to every check; the checks look at one frame side by side, while the next is made."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.checks: tuple[Check, ...] = (
            *(Spikes(), StaleRuns(), OffTick(), Splices(), Holes()),
            *(BarLengths(), Clocks(), DailyColumns(), ZeroReturns()),
        )

    def watch(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The frames, unchanged, each shown to all checks."""
        before: pl.DataFrame | None = None
        looking: list[Future[None]] = []
        with ThreadPoolExecutor(WATCHERS, thread_name_prefix="checks") as watchers:
            for frame in frames:
                led = frame if before is None else pl.concat([before, frame])
                part = QualityPart(led, 0 if before is None else before.height, self.context)
                _finish(looking)
                looking = [watchers.submit(check.see, part) for check in self.checks]
                before = led[-LEAD_ROWS:]
                yield frame
            _finish(looking)

    def faults(self) -> tuple[Fault, ...]:
        """Warnings of all checks."""
        return tuple(fault for check in self.checks for fault in check.faults())

    def notes(self) -> tuple[str, ...]:
        """Sentences of all checks."""
        return tuple(note for check in self.checks for note in check.notes())


def _finish(looking: Iterable[Future[None]]) -> None:
    for look in looking:
        look.result()
