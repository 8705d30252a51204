"""The figures of a verdict beyond those that decide its word: tests, delays, slices, calibration, drift."""

from __future__ import annotations

import numpy as np

from tailproof.core.randomness import generator
from tailproof.core.records import Forecast
from tailproof.core.verdict import BoldestForecasts, Calibration, Statistics, Test
from tailproof.evaluation.direction import pesaran_timmermann
from tailproof.evaluation.fold_drift import prediction_drift
from tailproof.evaluation.horizons import forecast_autocorrelation, rank_ic_by_horizon
from tailproof.evaluation.judged_forecasts import JudgedForecasts
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
)
from tailproof.evaluation.superior_ability import superior_ability
from tailproof.statistics.bootstrap import MIN_GROUPS
from tailproof.statistics.calibration import decile_table, slope_of
from tailproof.statistics.groups import Groups
from tailproof.statistics.resampled import Resampled
from tailproof.statistics.slices import by_fold, by_hour, by_month, by_volatility, clusters_of, days_of


def verdict_statistics(judged: JudgedForecasts, boldest: BoldestForecasts) -> Statistics:
    """Every figure that stands in the verdict beside the grounds of its word.

    Args:
        judged: the forecasts.
        boldest: what their boldest hundredth hit.
    """
    forecast, evidence, drawn = judged.forecast, judged.evidence, judged.drawn
    groups, product_N, baselines = judged.groups, judged.product_N, tuple(evidence.baselines)
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
        pesaran_timmermann=_direction_test(forecast, judged.zero_return_target_N),
        baselines_superior_ability=_superior_ability(judged, MODEL, (CONSTANT, ZERO, *baselines)),
        superior_ability=_superior_ability(judged, CONSTANT, (MODEL, *baselines)),
        from_next_open=drawn.interval(next_open_rank_ic),
        one_bar_late=drawn.interval(late_rank_ic),
        by_horizon=rank_ic_by_horizon(
            forecast.prediction_N, evidence.returns_ahead, groups, seed=judged.seed, replications=drawn.replications
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


def _superior_ability(judged: JudgedForecasts, benchmark: str, others: tuple[str, ...]) -> float | None:
    """SPA over the groups' losses; None without baselines, and where there are too few groups to resample."""
    if not judged.evidence.baselines or judged.drawn.groups < MIN_GROUPS:
        return None
    loss = judged.drawn.by_group.forecasters
    return superior_ability(
        loss.of(benchmark, "loss"),
        {name: loss.of(name, "loss") for name in others},
        mean_block=judged.drawn.mean_block,
        rng=generator(judged.seed, "SPA", benchmark),
    )
