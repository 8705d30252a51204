"""Stage 7, forecasts → Verdict: figures with intervals beside the baselines' and the placebos', and one sentence."""

from tailproof.evaluation.baselines import (
    LAST_RETURN,
    REVERSAL,
    STACK,
    STACKED,
    Forecaster,
    baseline_forecasts,
    fit_gradient_boosting,
    fit_stack,
    stacked,
)
from tailproof.evaluation.evidence import Evidence
from tailproof.evaluation.full_verdict import judge
from tailproof.evaluation.placebo import placebo_p_value, placebo_shifts, shifted_rows
from tailproof.evaluation.rank_ic import rank_ic, spearman
from tailproof.evaluation.sums import CONSTANT, ZERO
from tailproof.evaluation.superior_ability import superior_ability

__all__ = [
    "CONSTANT",
    "LAST_RETURN",
    "REVERSAL",
    "STACK",
    "STACKED",
    "ZERO",
    "Evidence",
    "Forecaster",
    "baseline_forecasts",
    "fit_gradient_boosting",
    "fit_stack",
    "judge",
    "placebo_p_value",
    "placebo_shifts",
    "rank_ic",
    "shifted_rows",
    "spearman",
    "stacked",
    "superior_ability",
]
