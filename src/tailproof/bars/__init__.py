"""Stage 1, files → Bars: read, validate, mark sessions, merge other series by when they were known."""

from tailproof.bars.clean.quality_report import QualityReport
from tailproof.bars.clean.set_aside import write_set_aside
from tailproof.bars.continuation import Continuation
from tailproof.bars.load import load, load_bars, quality_report
from tailproof.bars.load_with_series import join_series, load_with_series
from tailproof.bars.merge.join import Merged, merge_known
from tailproof.bars.merge.known_series import KnownSeries
from tailproof.bars.merge.merge_audit import audit_merge, early_columns, refuse_leak
from tailproof.bars.merge.read_series import read_series, read_vix
from tailproof.bars.merge.series_sources import SeriesSource, series_sources
from tailproof.bars.merge.timeframes import add_timeframe, resample
from tailproof.bars.samples import sp500_days
from tailproof.bars.written_bars import merge_files, resample_file
from tailproof.settings.read_options import REPAIRS, ReadOptions

__all__ = [
    "REPAIRS",
    "Continuation",
    "KnownSeries",
    "Merged",
    "QualityReport",
    "ReadOptions",
    "SeriesSource",
    "add_timeframe",
    "audit_merge",
    "early_columns",
    "join_series",
    "load",
    "load_bars",
    "load_with_series",
    "merge_files",
    "merge_known",
    "quality_report",
    "read_series",
    "read_vix",
    "refuse_leak",
    "resample",
    "resample_file",
    "series_sources",
    "sp500_days",
    "write_set_aside",
]
