"""The forecasts that a verdict is about, with their groups drawn: everything that its figures are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tailproof.core.randomness import generator
from tailproof.core.records import Forecast
from tailproof.core.verdict import BaselineResult, BoldestForecasts, Figures
from tailproof.evaluation.baselines.baseline_forecasts import LAST_RETURN, REVERSAL
from tailproof.evaluation.boldest import boldest_forecasts
from tailproof.evaluation.diebold_mariano import diebold_mariano
from tailproof.evaluation.direction import hit_rate
from tailproof.evaluation.evidence import Evidence
from tailproof.evaluation.sums import CONSTANT, MODEL, ZERO, VerdictSums, skill_of, verdict_sums
from tailproof.objectives.losses import row_losses
from tailproof.objectives.objective import Objective
from tailproof.statistics.groups import Groups
from tailproof.statistics.ranks import standard_ranks
from tailproof.statistics.resampled import Resampled


@dataclass(frozen=True, kw_only=True)
class JudgedForecasts:
    """Forecasts beside the baselines', with the sums of every figure over each group, drawn together."""

    forecast: Forecast
    others: Mapping[str, np.ndarray]
    """Forecasts of the same rows by the constant, by a zero return and by the baselines."""
    zero_return_target_N: np.ndarray
    objective: Objective
    group_N: np.ndarray
    """Number of the group of each row."""
    groups: Groups
    product_N: np.ndarray
    """Standard rank of each forecast times that of its return; the mean is the rank IC."""
    drawn: Resampled[VerdictSums]
    evidence: Evidence
    seed: int

    @classmethod
    def of(
        cls,
        forecast: Forecast,
        *,
        constant_N: np.ndarray,
        zero_return_target_N: np.ndarray,
        objective: Objective,
        group_N: np.ndarray,
        evidence: Evidence,
        seed: int,
        replications: int,
    ) -> JudgedForecasts:
        """Sum every figure over each group, and draw whole groups; the arguments are those of ``judge``."""
        groups = Groups.of(group_N)
        others = {CONSTANT: constant_N, ZERO: zero_return_target_N, **evidence.baselines}
        return_rank_N = standard_ranks(forecast.return_N)
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
        return cls(
            forecast=forecast,
            others=others,
            zero_return_target_N=zero_return_target_N,
            objective=objective,
            group_N=group_N,
            groups=groups,
            product_N=standard_ranks(forecast.prediction_N) * return_rank_N,
            drawn=Resampled.of(sums, score_G, replications=replications, rng=generator(seed, "bootstrap")),
            evidence=evidence,
            seed=seed,
        )

    def figures(self, prediction_N: np.ndarray) -> Figures:
        """Loss, MAE and hit rate of predictions of the same rows, without a rank IC."""
        target_N = self.forecast.target_N
        return Figures(
            rows=len(prediction_N),
            loss=float(row_losses(self.objective, prediction_N, target_N).mean()),
            mae=float(np.abs(prediction_N - target_N).mean()),
            rank_ic=None,
            hit_rate=hit_rate(prediction_N, self.forecast.return_N, zero_return_target=self.zero_return_target_N),
        )

    def beside(self, name: str) -> BaselineResult:
        """The forecasts compared with those of a baseline."""
        prediction_N, target_N = self.others[name], self.forecast.target_N
        other_loss_N = row_losses(self.objective, prediction_N, target_N)
        loss_N = row_losses(self.objective, self.forecast.prediction_N, target_N)
        hits = hit_rate(prediction_N, self.forecast.return_N, zero_return_target=self.zero_return_target_N)
        return BaselineResult(
            loss=float(other_loss_N.mean()),
            rank_ic=float(self.drawn.total.ranks.rank_ic(name)),
            hit_rate=hits.hit_rate,
            rank_ic_difference=self.drawn.interval(lambda sums: sums.ranks.rank_ic_above(MODEL, name)),
            skill=self.drawn.interval(skill_of(MODEL, name, loss="loss")),
            diebold_mariano=diebold_mariano(other_loss_N, loss_N, horizon=self.evidence.horizon),
        )

    def boldest(self) -> BoldestForecasts:
        """The boldest forecasts beside what the last return alone would have forecast."""
        known = [self.evidence.baselines[name] for name in (LAST_RETURN, REVERSAL) if name in self.evidence.baselines]
        return boldest_forecasts(
            self.forecast, zero_return_target_N=self.zero_return_target_N, last_returns=known, group_N=self.group_N
        )
