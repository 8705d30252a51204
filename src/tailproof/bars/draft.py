"""Bars made on an assumed bar length, with what was noticed while they were made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tailproof.bars.clean.quality.passes import QualityPass
from tailproof.bars.clean.quality.quality_part import Context
from tailproof.bars.sessions.completion import Completion
from tailproof.bars.sessions.known_at import DAY
from tailproof.bars.sessions.marker import SessionMarker
from tailproof.bars.store.bar_store import BarStore
from tailproof.bars.store.spool import Spool
from tailproof.settings.read_options import ReadOptions


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Bars that stand if the assumptions prove right when all rows are known."""

    assumed: Context
    marker: SessionMarker
    completion: Completion
    quality: QualityPass
    written: Path | None
    """Bars written for the store, beside their final place."""
    kept: pl.DataFrame | None

    def discard(self) -> None:
        """Remove what was written."""
        if self.written is not None:
            self.written.unlink()


def draft_bars(
    frames: Iterable[pl.DataFrame],
    assumed: Context,
    *,
    options: ReadOptions,
    store: BarStore | None,
    rows_in_memory: int,
) -> Draft:
    """Bars of judged rows in time order: written for ``store``, or kept where there is none."""
    length = assumed.bar_length
    calendar = None if length >= DAY else assumed.calendar
    marker = SessionMarker(bar_length=length, session_gap=assumed.session_gap, calendar=calendar)
    completion = Completion(bar_label=options.bar_label, bar_length=length, marker=marker, dates=assumed.dates)
    quality = QualityPass(assumed)
    complete = quality.watch(completion.complete(frames))
    return Draft(
        assumed=assumed,
        marker=marker,
        completion=completion,
        quality=quality,
        written=None if store is None else store.write_bars(complete),
        kept=_keep(complete, rows_in_memory) if store is None else None,
    )


def _keep(frames: Iterable[pl.DataFrame], rows_in_memory: int) -> pl.DataFrame:
    """All frames as one: in memory, or, if they are many, mapped from a file that only this process has."""
    spool = Spool(rows_in_memory=rows_in_memory)
    try:
        for frame in frames:
            spool.add(frame)
        return spool.whole()
    finally:
        spool.close()
