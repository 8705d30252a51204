"""Every figure with its interval beside the baselines', and the sentence that the run ends with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tailproof.core.randomness import generator
from tailproof.core.records import Forecast
from tailproof.core.verdict import (
    BaselineResult,
    BoldestForecasts,
    Calibration,
    Figures,
    RankICEvidence,
    Statistics,
    Test,
    Verdict,
)
from tailproof.evaluation.baselines.baseline_forecasts import LAST_RETURN, REVERSAL
from tailproof.evaluation.boldest import boldest_forecasts
from tailproof.evaluation.diebold_mariano import diebold_mariano
from tailproof.evaluation.direction import hit_rate, pesaran_timmermann
from tailproof.evaluation.evidence import Evidence
from tailproof.evaluation.fold_drift import prediction_drift
from tailproof.evaluation.horizons import forecast_autocorrelation, rank_ic_by_horizon
from tailproof.evaluation.placebo import placebo_p_value
from tailproof.evaluation.power import minimum_detectable_ic
from tailproof.evaluation.rank_ic import rank_ic_of_products
from tailproof.evaluation.sentence import Grounds, verdict_and_sentence
from tailproof.evaluation.sums import (
    CONSTANT,
    MODEL,
    ZERO,
    VerdictSums,
    calibration_slope,
    hit_rate_excess,
    late_rank_ic,
    mean_return_ic,
    next_open_rank_ic,
    skill_of,
    verdict_sums,
)
from tailproof.evaluation.superior_ability import superior_ability
from tailproof.objectives.losses import row_losses
from tailproof.objectives.objective import Objective
from tailproof.statistics.bootstrap import MIN_GROUPS
from tailproof.statistics.calibration import decile_table, slope_of
from tailproof.statistics.groups import Groups
from tailproof.statistics.ranks import standard_ranks
from tailproof.statistics.resampled import Resampled
from tailproof.statistics.slices import by_fold, by_hour, by_month, by_volatility, clusters_of, days_of

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
    groups = Groups.of(group_N)
    others = {CONSTANT: constant_N, ZERO: zero_return_target_N, **beside.baselines}
    return_rank_N = standard_ranks(forecast.return_N)
    product_N = standard_ranks(forecast.prediction_N) * return_rank_N
    drawn = _resample(
        forecast, others, zero_return_target_N, return_rank_N, objective, groups, seed=seed, replications=replications
    )
    model = figures(forecast.prediction_N, forecast, objective=objective, zero_return_target=zero_return_target_N)
    model = replace(model, rank_ic=rank_ic_of_products(product_N, groups))
    flat = figures(constant_N, forecast, objective=objective, zero_return_target=zero_return_target_N)
    baselines = {
        name: _baseline(name, prediction_N, forecast, objective, zero_return_target_N, drawn, horizon=beside.horizon)
        for name, prediction_N in others.items()
    }
    grounds = Grounds(
        ic=_rank_ic_evidence(model, drawn, beside),
        mean_return=drawn.interval(mean_return_ic),
        next_open=drawn.interval(next_open_rank_ic),
        late=drawn.interval(late_rank_ic),
        skill=replace(drawn.interval(skill_of(MODEL, CONSTANT, loss="loss")), value=_skill(model, flat)),
        baselines=baselines,
        evidence=beside,
        rows=rows,
        judged_on_validation=judged_on_validation,
        boldest=_boldest(forecast, zero_return_target_N, group_N, beside),
    )
    statistics = _statistics(
        forecast, product_N, zero_return_target_N, beside, drawn, groups, grounds.boldest, seed=seed
    )
    return _verdict(grounds, model, flat, statistics, constant_prediction=float(constant_N.mean()))


def figures(
    prediction_N: np.ndarray, forecast: Forecast, *, objective: Objective, zero_return_target: float | np.ndarray
) -> Figures:
    """Loss, MAE and hit rate of predictions, without a rank IC."""
    return Figures(
        rows=len(prediction_N),
        loss=float(row_losses(objective, prediction_N, forecast.target_N).mean()),
        mae=float(np.abs(prediction_N - forecast.target_N).mean()),
        rank_ic=None,
        hit_rate=hit_rate(prediction_N, forecast.return_N, zero_return_target=zero_return_target),
    )


def _skill(model: Figures, constant: Figures) -> float:
    """1 - loss / loss of the constant; NaN where the constant is never wrong."""
    return 1.0 - model.loss / constant.loss if constant.loss > 0.0 else math.nan


def _boldest(
    forecast: Forecast, zero_return_target_N: np.ndarray, group_N: np.ndarray, evidence: Evidence
) -> BoldestForecasts:
    """The boldest forecasts beside what the last return alone would have forecast."""
    known = [evidence.baselines[name] for name in (LAST_RETURN, REVERSAL) if name in evidence.baselines]
    return boldest_forecasts(forecast, zero_return_target_N=zero_return_target_N, last_returns=known, group_N=group_N)


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


def _resample(
    forecast: Forecast,
    others: Mapping[str, np.ndarray],
    zero_return_target_N: np.ndarray,
    return_rank_N: np.ndarray,
    objective: Objective,
    groups: Groups,
    *,
    seed: int,
    replications: int,
) -> Resampled[VerdictSums]:
    """Sums of every figure over each group, drawn together."""
    sums = verdict_sums(
        {MODEL: forecast.prediction_N, **others},
        forecast,
        zero_return_target_N=zero_return_target_N,
        return_rank_N=return_rank_N,
        objective=objective,
        groups=groups,
    )
    product_G, rows_G = sums.ranks.product_XK[:, sums.ranks.names.index(MODEL)], sums.ranks.rows_X
    score_G = np.nan_to_num(product_G - product_G.sum() / rows_G.sum() * rows_G)
    return Resampled.of(sums, score_G, replications=replications, rng=generator(seed, "bootstrap"))


def _baseline(
    name: str,
    prediction_N: np.ndarray,
    forecast: Forecast,
    objective: Objective,
    zero_return_target_N: np.ndarray,
    drawn: Resampled[VerdictSums],
    *,
    horizon: int,
) -> BaselineResult:
    loss_N = row_losses(objective, forecast.prediction_N, forecast.target_N)
    other_loss_N = row_losses(objective, prediction_N, forecast.target_N)
    return BaselineResult(
        loss=float(other_loss_N.mean()),
        rank_ic=float(drawn.total.ranks.rank_ic(name)),
        hit_rate=hit_rate(prediction_N, forecast.return_N, zero_return_target=zero_return_target_N).hit_rate,
        rank_ic_difference=drawn.interval(lambda sums: sums.ranks.rank_ic_above(MODEL, name)),
        skill=drawn.interval(skill_of(MODEL, name, loss="loss")),
        diebold_mariano=diebold_mariano(other_loss_N, loss_N, horizon=horizon),
    )


def _rank_ic_evidence(model: Figures, drawn: Resampled[VerdictSums], evidence: Evidence) -> RankICEvidence:
    assert model.rank_ic is not None
    interval = drawn.interval(lambda sums: sums.ranks.rank_ic(MODEL))
    placebos = evidence.placebo_rank_ics
    error = interval.standard_error
    return RankICEvidence(
        value=interval.value,
        low=interval.low,
        high=interval.high,
        standard_error=model.rank_ic.standard_error if math.isnan(error) else error,
        p_placebo=placebo_p_value(interval.value, placebos) if placebos else None,
        placebos=tuple(placebos),
    )


def _statistics(
    forecast: Forecast,
    product_N: np.ndarray,
    zero_return_target_N: np.ndarray,
    evidence: Evidence,
    drawn: Resampled[VerdictSums],
    groups: Groups,
    boldest: BoldestForecasts,
    *,
    seed: int,
) -> Statistics:
    clusters = clusters_of(forecast.known_at_N, groups)
    fold_N = np.zeros(len(product_N), dtype=np.int64) if evidence.fold_N is None else evidence.fold_N
    return Statistics(
        groups=len(groups),
        block_length=drawn.mean_block,
        replications=drawn.replications,
        skill_vs_constant=drawn.interval(skill_of(MODEL, CONSTANT, loss="loss")),
        skill_vs_zero=drawn.interval(skill_of(MODEL, ZERO, loss="loss")),
        squared_skill_vs_constant=drawn.interval(skill_of(MODEL, CONSTANT, loss="squared")),
        squared_skill_vs_zero=drawn.interval(skill_of(MODEL, ZERO, loss="squared")),
        mean_return_ic=drawn.interval(mean_return_ic),
        hit_rate_excess=drawn.interval(hit_rate_excess),
        pesaran_timmermann=_direction_test(forecast, zero_return_target_N),
        baselines_superior_ability=_superior_ability(drawn, MODEL, (CONSTANT, ZERO, *evidence.baselines), seed=seed)
        if evidence.baselines
        else None,
        superior_ability=_superior_ability(drawn, CONSTANT, (MODEL, *evidence.baselines), seed=seed)
        if evidence.baselines
        else None,
        from_next_open=drawn.interval(next_open_rank_ic),
        one_bar_late=drawn.interval(late_rank_ic),
        by_horizon=rank_ic_by_horizon(
            forecast.prediction_N, evidence.returns_ahead, groups, seed=seed, replications=drawn.replications
        ),
        forecast_autocorrelation=forecast_autocorrelation(forecast),
        boldest=boldest,
        calibration=_calibration(forecast, evidence.unshrunk_N, drawn, clusters),
        member_rank_ics=evidence.member_rank_ics,
        path_rank_ics=evidence.path_rank_ics,
        by_fold=by_fold(product_N, fold_N, clusters),
        by_month=by_month(product_N, forecast.known_at_N, days_of(forecast.known_at_N)),
        by_hour=by_hour(product_N, forecast.known_at_N, clusters),
        by_volatility=by_volatility(product_N, forecast.return_N, groups),
        drift=prediction_drift(forecast.prediction_N, fold_N),
    )


def _direction_test(forecast: Forecast, zero_return_target_N: np.ndarray) -> Test:
    """Pesaran and Timmermann's test on the rows that moved."""
    moved_N = forecast.return_N != 0.0
    up_N = forecast.prediction_N > zero_return_target_N
    return pesaran_timmermann(up_N[moved_N], (forecast.return_N > 0.0)[moved_N])


def _calibration(
    forecast: Forecast, unshrunk_N: np.ndarray | None, drawn: Resampled[VerdictSums], clusters: Groups
) -> Calibration:
    """The line of the targets on the forecasts, and what happened in each decile of the forecasts."""
    slope = drawn.interval(calibration_slope)
    return Calibration(
        slope=slope,
        intercept=float(forecast.target_N.mean()) - slope.value * float(forecast.prediction_N.mean()),
        slope_before=None if unshrunk_N is None else slope_of(unshrunk_N, forecast.target_N),
        deciles=decile_table(forecast.prediction_N, forecast.target_N, forecast.return_N, clusters),
    )


def _superior_ability(
    drawn: Resampled[VerdictSums], benchmark: str, others: tuple[str, ...], *, seed: int
) -> float | None:
    """SPA over the groups' losses; None where there are too few groups to resample."""
    if drawn.groups < MIN_GROUPS:
        return None
    loss = drawn.by_group.forecasters
    return superior_ability(
        loss.of(benchmark, "loss"),
        {name: loss.of(name, "loss") for name in others},
        mean_block=drawn.mean_block,
        rng=generator(seed, "SPA", benchmark),
    )
