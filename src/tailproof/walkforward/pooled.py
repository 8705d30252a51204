"""The forecasts of all tests brought together, and the evidence beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tailproof.core.records import Design, Forecast
from tailproof.evaluation import Evidence, spearman
from tailproof.walkforward.fold_result import FoldResult
from tailproof.walkforward.fold_stack import stack_notes
from tailproof.walkforward.importance import Importance
from tailproof.walkforward.plan import Plan


@dataclass(frozen=True, kw_only=True)
class PooledForecasts:
    """Forecasts of all test rows in time order, with everything that stands beside them.

    A row that several folds tested (in a combinatorial split) has the mean of what they said, about it and about the
    target, the constant and every baseline; so have the placebos. None of these folds trained on the row.
    """

    row_N: np.ndarray
    """Row of the design that each test row is."""
    forecast: Forecast
    constant_N: np.ndarray
    """Each row's constant: that of its fold's training rows."""
    zero_return_target_N: np.ndarray
    """Each row's target of a zero return."""
    group_N: np.ndarray
    fold_N: np.ndarray
    """Number, from 1, of the stretch of time that was tested at once: the fold, or the group of a combinatorial one."""
    evidence: Evidence
    importance: Importance | None
    """None where the forecasts or the returns never vary."""


class _Pool:
    """Values of test rows from several folds, averaged where a row was tested more than once."""

    def __init__(self, results: Sequence[FoldResult]) -> None:
        self.results = results
        self.row_N, self._count_N = np.unique(np.concatenate([each.row_R for each in results]), return_counts=True)
        self._places = [np.searchsorted(self.row_N, each.row_R) for each in results]

    def mean(self, values: Iterable[np.ndarray | float]) -> np.ndarray:
        """Mean (float64) over the folds that tested a row, from each fold's value or values of its test rows."""
        total_N = np.zeros(len(self.row_N))
        for place_R, value in zip(self._places, values, strict=True):
            total_N[place_R] += value  # the test rows of one fold are distinct
        return total_N / self._count_N

    def unshrunk(self) -> np.ndarray | None:
        """Forecasts (float64) before they were drawn toward the constant; None where no fold's were."""
        if all(result.shrinkage.slope == 1.0 for result in self.results):
            return None
        return self.mean(result.shrinkage.undo(result.forecasts.mean_R) for result in self.results)

    def path_rank_ics(self, paths: int, return_N: np.ndarray) -> tuple[float, ...]:
        """Rank IC of each backtest path on its own; none where there is only one."""
        return tuple(spearman(self.on_path(path), return_N) for path in range(paths if paths > 1 else 0))

    def on_path(self, path: int) -> np.ndarray:
        """Forecasts (float64) of one backtest path, which tests every row once."""
        value_N = np.full(len(self.row_N), np.nan)
        for result, place_R in zip(self.results, self._places, strict=True):
            on_it_R = result.path_R == path
            value_N[place_R[on_it_R]] = result.forecasts.mean_R[on_it_R]
        return value_N


def pooled_forecasts(
    design: Design, plan: Plan, results: Sequence[FoldResult], *, importance: Importance | None, horizon: int
) -> PooledForecasts:
    """The forecasts of all folds of the plan as one.

    Args:
        design: all rows.
        plan: folds and placebos.
        results: of each fold, in the plan's order.
        importance: of the features, over all folds.
        horizon: bars that a label spans.
    """
    pool = _Pool(results)
    fold_N = np.searchsorted(plan.test_starts, pool.row_N, side="right")
    return PooledForecasts(
        row_N=pool.row_N,
        forecast=Forecast.of_rows(
            design,
            pool.row_N,
            prediction_N=pool.mean(result.forecasts.mean_R for result in results),
            predicted_return_N=pool.mean(result.predicted_return_R for result in results),
            target_N=pool.mean(result.target_R for result in results),
        ),
        constant_N=pool.mean(result.constant for result in results),
        zero_return_target_N=pool.mean(result.zero_return_target for result in results),
        group_N=plan.group_N[pool.row_N],
        fold_N=fold_N,
        evidence=_evidence(pool, design, plan, fold_N=fold_N, horizon=horizon),
        importance=importance,
    )


def _evidence(pool: _Pool, design: Design, plan: Plan, *, fold_N: np.ndarray, horizon: int) -> Evidence:
    row_N, results = pool.row_N, pool.results
    return_N = design.return_N[row_N]
    return Evidence(
        unshrunk_N=pool.unshrunk(),
        baselines={name: pool.mean(result.baselines[name] for result in results) for name in results[0].baselines},
        placebo_rank_ics=tuple(
            spearman(pool.mean(result.forecasts.placebo_KR[k] for result in results), design.return_N[source_N[row_N]])
            for k, source_N in enumerate(plan.placebo_row_KN)
        ),
        member_rank_ics=tuple(
            spearman(pool.mean(result.forecasts.member_MR[m] for result in results), return_N)
            for m in range(len(results[0].forecasts.member_MR))
        ),
        path_rank_ics=pool.path_rank_ics(plan.paths, return_N),
        fold_N=fold_N if len(plan.test_starts) > 1 else None,
        expected_ic=plan.expected_ic,
        horizon=horizon,
        trained_on_later_rows=plan.trains_on_later_rows,
        notes=stack_notes([result.stack_weights for result in results]),
    )
