"""The result of reading a source of bars: bars with a report, or an error that carries the report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from tailproof.bars.clean.quality_report import QualityReport
from tailproof.bars.merge.join import Merged
from tailproof.bars.read.table_plan import LINE, SOURCE
from tailproof.core.errors import DataError
from tailproof.core.records import Bars


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """Bars, the report on their quality, and the rows that were set aside or changed."""

    bars: Bars
    report: QualityReport
    set_aside: pl.DataFrame
    merged: tuple[Merged, ...] = ()
    """Series joined to the bars afterwards."""

    @classmethod
    def of(cls, frame: pl.DataFrame, *, length: timedelta, report: QualityReport, set_aside: pl.DataFrame) -> Loaded:
        """Finished rows, whose LINE and SOURCE are not needed any more."""
        report = report.worded()
        notes = (*report.notes, report.accounting(), *(f"Warning: {fault}" for fault in report.warnings))
        own_columns = frame.drop(LINE, SOURCE, *report.left_out)
        bars = Bars(frame=own_columns, bar_length=length, source=report.source, notes=notes)
        return cls(bars=bars, report=report, set_aside=set_aside)


class FaultyBarsError(DataError):
    """Bars with errors; ``report`` holds everything that was found."""

    def __init__(self, message: str, report: QualityReport) -> None:
        super().__init__(message)
        self.report = report.worded()
