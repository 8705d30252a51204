"""Every figure with its interval beside the baselines', and the sentence that the run ends with."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from tailproof.core.records import Forecast
from tailproof.core.verdict import Figures, RankICEvidence, Statistics, Verdict
from tailproof.evaluation.evidence import Evidence
from tailproof.evaluation.judged_forecasts import JudgedForecasts
from tailproof.evaluation.placebo import placebo_p_value
from tailproof.evaluation.power import minimum_detectable_ic
from tailproof.evaluation.rank_ic import rank_ic_of_products
from tailproof.evaluation.sentence import Grounds, verdict_and_sentence
from tailproof.evaluation.sums import (
    CONSTANT,
    MODEL,
    VerdictSums,
    late_rank_ic,
    mean_return_ic,
    next_open_rank_ic,
    skill_of,
)
from tailproof.evaluation.verdict_statistics import verdict_statistics
from tailproof.objectives.objective import Objective
from tailproof.statistics.resampled import Resampled

REPLICATIONS = 2000


def judge(
    forecast: Forecast,
    *,
    objective: Objective,
    constant: float | np.ndarray,
    zero_return_target: float | np.ndarray,
    group_N: np.ndarray,
    judged_on_validation: bool,
    evidence: Evidence | None = None,
    seed: int = 0,
    replications: int = REPLICATIONS,
) -> Verdict:
    """Judge the forecasts of all test rows at once, folds one after the other in time.

    Args:
        forecast: predictions and what then happened, in time order.
        objective: the loss that training minimised.
        constant: the constant with the least training loss, of each row's fold (or one for all rows).
        zero_return_target: target of a zero return, the border between up and down, likewise.
        group_N: number of the session (or month of daily bars) of each row; groups are resampled whole.
        judged_on_validation: whether the best epoch was chosen on these very rows.
        evidence: baselines, placebos and findings; without placebos and the last-return baseline there is no skill.
        seed: of the bootstrap.
        replications: of the bootstrap.
    """
    beside = evidence or Evidence()
    rows = len(forecast.return_N)
    constant_N, zero_return_target_N = np.broadcast_to(constant, rows), np.broadcast_to(zero_return_target, rows)
    judged = JudgedForecasts.of(
        forecast,
        constant_N=constant_N,
        zero_return_target_N=zero_return_target_N,
        objective=objective,
        group_N=group_N,
        evidence=beside,
        seed=seed,
        replications=replications,
    )
    drawn, flat = judged.drawn, judged.figures(constant_N)
    rank_ic = rank_ic_of_products(judged.product_N, judged.groups)
    model = replace(judged.figures(forecast.prediction_N), rank_ic=rank_ic)
    grounds = Grounds(
        ic=_rank_ic_evidence(drawn, beside, error=rank_ic.standard_error),
        mean_return=drawn.interval(mean_return_ic),
        next_open=drawn.interval(next_open_rank_ic),
        late=drawn.interval(late_rank_ic),
        skill=replace(drawn.interval(skill_of(MODEL, CONSTANT, loss="loss")), value=_skill(model, flat)),
        baselines={name: judged.beside(name) for name in judged.others},
        evidence=beside,
        rows=rows,
        judged_on_validation=judged_on_validation,
        boldest=judged.boldest(),
    )
    statistics = verdict_statistics(judged, grounds.boldest)
    return _verdict(grounds, model, flat, statistics, constant_prediction=float(constant_N.mean()))


def _skill(model: Figures, constant: Figures) -> float:
    """1 - loss / loss of the constant; NaN where the constant is never wrong."""
    return 1.0 - model.loss / constant.loss if constant.loss > 0.0 else math.nan


def _verdict(
    grounds: Grounds, model: Figures, constant: Figures, statistics: Statistics, *, constant_prediction: float
) -> Verdict:
    """The word and the sentence that the grounds lead to, with everything that they rest on."""
    word, sentence = verdict_and_sentence(grounds)
    evidence = grounds.evidence
    return Verdict(
        verdict=word,
        sentence=sentence,
        rank_ic=grounds.ic,
        skill_vs_constant=grounds.skill.value,
        baselines=grounds.baselines,
        minimum_detectable_ic=minimum_detectable_ic(grounds.ic.standard_error),
        costs=evidence.costs,
        audit=evidence.audit,
        trials=evidence.trials,
        model=model,
        constant=constant,
        constant_prediction=constant_prediction,
        judged_on_validation=grounds.judged_on_validation,
        statistics=statistics,
        notes=evidence.notes,
    )


def _rank_ic_evidence(drawn: Resampled[VerdictSums], evidence: Evidence, *, error: float) -> RankICEvidence:
    """The rank IC with its interval beside the placebos'; ``error`` stands where the draws give no standard error."""
    interval = drawn.interval(lambda sums: sums.ranks.rank_ic(MODEL))
    placebos = evidence.placebo_rank_ics
    drawn_error = interval.standard_error
    return RankICEvidence(
        value=interval.value,
        low=interval.low,
        high=interval.high,
        standard_error=error if math.isnan(drawn_error) else drawn_error,
        p_placebo=placebo_p_value(interval.value, placebos) if placebos else None,
        placebos=tuple(placebos),
    )
