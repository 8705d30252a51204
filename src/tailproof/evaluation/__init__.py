"""Stage 7, forecasts → Verdict: figures beside the constant's, and one sentence."""

from tailproof.evaluation.rank_ic import rank_ic, spearman
from tailproof.evaluation.verdict import judge

__all__ = ["judge", "rank_ic", "spearman"]
