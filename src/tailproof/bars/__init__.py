"""Stage 1, files → Bars: read, validate, mark sessions, merge other series by when they were known."""

from tailproof.bars.load import load, load_bars, quality_report
from tailproof.bars.merge import merge_known, read_vix
from tailproof.bars.samples import sp500_days

__all__ = ["load", "load_bars", "merge_known", "quality_report", "read_vix", "sp500_days"]
