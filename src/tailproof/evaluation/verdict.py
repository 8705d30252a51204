"""Every figure beside the constant's, and the sentence that the run ends with."""

from __future__ import annotations

import math

import numpy as np

from tailproof.core.records import Forecast
from tailproof.core.verdict import Figures, Verdict, VerdictWord
from tailproof.evaluation.direction import hit_rate
from tailproof.evaluation.rank_ic import rank_ic
from tailproof.objectives.losses import row_losses
from tailproof.objectives.objective import Objective

BELIEVABLE_IC = 0.05
"""An IC surely above this (by two standard errors) is suspicious: published next-bar results lie far below."""
SIGNIFICANT_T = 2.0


def judge(
    forecast: Forecast,
    *,
    objective: Objective,
    constant: float,
    neutral: float,
    group_N: np.ndarray,
    judged_on_validation: bool,
) -> Verdict:
    """Compare a forecast with the constant that was fitted on the training rows.

    Args:
        forecast: predictions and what then happened, in time order.
        objective: the loss that training minimised.
        constant: the constant prediction with the least training loss.
        neutral: target of a zero return, the border between up and down.
        group_N: number of the session (or month of daily bars) of each row.
        judged_on_validation: whether the best epoch was chosen on these very rows.
    """
    model = figures(forecast.prediction_N, forecast, objective=objective, neutral=neutral, group_N=group_N)
    flat_N = np.full(len(forecast.target_N), constant)
    beside = figures(flat_N, forecast, objective=objective, neutral=neutral, group_N=None)
    skill = 1.0 - model.loss / beside.loss if beside.loss > 0.0 else float("nan")
    word, sentence = _sentence(model, skill, judged_on_validation=judged_on_validation)
    return Verdict(
        verdict=word,
        sentence=sentence,
        skill_vs_constant=skill,
        model=model,
        constant=beside,
        constant_prediction=constant,
        judged_on_validation=judged_on_validation,
    )


def figures(
    prediction_N: np.ndarray, forecast: Forecast, *, objective: Objective, neutral: float, group_N: np.ndarray | None
) -> Figures:
    """Loss, MAE, rank IC (where ``group_N`` is given) and hit rate of predictions."""
    return Figures(
        rows=len(prediction_N),
        loss=float(row_losses(objective, prediction_N, forecast.target_N).mean()),
        mae=float(np.abs(prediction_N - forecast.target_N).mean()),
        rank_ic=None if group_N is None else rank_ic(prediction_N, forecast.return_N, group_N),
        hit_rate=hit_rate(prediction_N, forecast.return_N, neutral=neutral),
    )


def _sentence(model: Figures, skill: float, *, judged_on_validation: bool) -> tuple[VerdictWord, str]:
    assert model.rank_ic is not None
    ic, error = model.rank_ic.pooled, model.rank_ic.standard_error
    if math.isnan(ic):
        return "no evidence", "No evidence of skill: the forecast is the same for every row."
    figure = f"rank IC {ic:+.4f} ± {error:.4f} (one standard error) on {model.rows:,} rows, skill {skill:+.4%}"
    if ic - SIGNIFICANT_T * error > BELIEVABLE_IC:
        return "suspicious", (
            f"Suspicious: {figure}. Bars do not honestly give an IC above {BELIEVABLE_IC:g}; look first for a leak, "
            "or for closes that bounce between bid and ask."
        )
    if ic < SIGNIFICANT_T * error or skill <= 0.0:
        return "no evidence", f"No evidence of skill: {figure}."
    chosen = " and the best epoch was chosen on these same rows" if judged_on_validation else ""
    return "unproven", (
        f"Unproven: {figure}. That is more than chance alone gives, but no baseline or placebo stands beside "
        f"it{chosen}."
    )
