"""Stage 1, files → Bars: read, recognise columns, validate, mark sessions, merge other series by when they are
known."""

from tailproof.bars.load import load_bars
from tailproof.bars.merge import merge_known, read_vix
from tailproof.bars.samples import sp500_days

__all__ = ["load_bars", "merge_known", "read_vix", "sp500_days"]
