"""Rows as a reader hands them on: cells typed, columns under their meanings, nothing judged yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from tailproof.bars.faults import Fault
from tailproof.bars.read.table_plan import LINE

UNREADABLE_SCHEMA: dict[str, Any] = {LINE: pl.UInt32, "reason": pl.String, "text": pl.String}


@dataclass(frozen=True, kw_only=True)
class RawChunk:
    """A stretch of rows of one file.

    ``frame`` has LINE, the time as text or typed, and the plan's other columns. Rows that could not be read are not in
    it: they are in ``unreadable`` (columns LINE, reason, text) and counted by ``faults``.
    """

    frame: pl.DataFrame
    rows: int
    """Rows of the file that this chunk accounts for: ``frame.height`` and the unreadable ones."""
    faults: tuple[Fault, ...] = ()
    unreadable: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=UNREADABLE_SCHEMA))
