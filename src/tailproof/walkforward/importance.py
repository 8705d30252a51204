"""Which features the judged forecasts rely on: each fold's population forecasts again with one feature permuted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tailproof.core.fit import Parameters
from tailproof.core.randomness import generator
from tailproof.core.records import Design
from tailproof.core.verdict import Interval
from tailproof.engines.interface import Engine
from tailproof.settings.population_settings import PopulationSettings
from tailproof.statistics.permutation import rank_ic_lost, shuffled_forecasts
from tailproof.walkforward.part import tested
from tailproof.walkforward.plan import Plan
from tailproof.walkforward.training import FoldTraining

MAX_RANKED = 2_500_000
"""Forecasts that the whole may rank; fewer make the intervals wider."""
MAX_FORECASTS = 20_000_000
"""Forecasts of single networks that the whole may take."""
MAX_ORDERS = 5
MIN_GROUPS = 8
STRETCHES = 40


@dataclass(frozen=True, kw_only=True)
class Shuffled:
    """One fold's forecasts for some of its test rows, as they are and with each feature out of order."""

    row_R: np.ndarray
    """Rows of the design."""
    own_R: np.ndarray
    shuffled_SFR: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Importance:
    """Rank IC that each feature carries."""

    names: tuple[str, ...]
    lost: tuple[Interval, ...]
    rows: int
    """Test rows that were measured, of ``of``."""
    of: int
    orders: int

    def as_json(self) -> dict[str, Any]:
        """Plain values for the report, by its keys; a bound that is not known is None."""
        features = [
            {"name": name, "value": each.value, "low": _known(each.low), "high": _known(each.high)}
            for name, each in zip(self.names, self.lost, strict=True)
        ]
        return {"importance": features, "importance_of": {"rows": self.rows, "of": self.of, "orders": self.orders}}


class PermutationImportance:
    """Measures one fold after the other, on whole groups of rows spread evenly over all tests, as many as are quick.

    The first group is always among them. Of hundreds of folds that test one session each, many are not measured at all.
    """

    def __init__(
        self, design: Design, plan: Plan, population: PopulationSettings, *, max_forecasts: int = MAX_FORECASTS
    ) -> None:
        self._design = design
        self._plan = plan
        self._population = population
        self._of = sum(len(rows) for fold in plan.folds for rows in tested(fold))
        once = min(MAX_RANKED, max_forecasts / population.members) / (self._of * len(design.names))
        self._share = min(1.0, once)
        self.groups = 0
        """Groups of rows of the folds so far, measured or not."""
        self._orders = int(np.clip(once, 1, MAX_ORDERS))
        self._measured: list[Shuffled] = []

    def restore(self, measured: Sequence[Shuffled], *, groups: int) -> None:
        """Restore the measurements of a stopped run, and its ``groups``."""
        self._measured.extend(measured)
        self.groups = groups

    def measure(
        self, engine: Engine, training: FoldTraining, parameters: Parameters, *, number: int
    ) -> Shuffled | None:
        """Forecast some test rows of a fold, once as they are and once for each feature and order.

        Args:
            engine: forecasts.
            training: the fold, with its scaled rows.
            parameters: of the real members.
            number: of the fold; its orders are drawn by it.

        Returns:
            What was forecast, which ``result`` will use; None where no row of the fold is measured.
        """
        random = generator(self._population.seed, "importance", number)
        own_rows_R = self._rows(training)
        if not len(own_rows_R):
            return None
        row_R = training.part.row_N[own_rows_R]
        group_R = self._plan.group_N[row_R]
        if len(np.unique(group_R)) < MIN_GROUPS:
            group_R = np.arange(len(row_R)) // max(1, len(row_R) // STRETCHES)
        x_RF = training.job.x_NF[own_rows_R]
        shuffled_SFR = shuffled_forecasts(
            lambda changed_RF: self._forecast(engine, training, parameters, changed_RF),
            x_RF,
            group_R,
            [[column] for column in range(x_RF.shape[1])],
            orders=self._orders,
            random=random,
        )
        own = self._forecast(engine, training, parameters, x_RF)
        self._measured.append(Shuffled(row_R=row_R, own_R=own, shuffled_SFR=shuffled_SFR))
        return self._measured[-1]

    def result(self) -> Importance | None:
        """The importance over all folds; None where the forecasts or the returns never vary."""
        row_R = np.concatenate([each.row_R for each in self._measured])
        lost = rank_ic_lost(
            np.concatenate([each.own_R for each in self._measured]),
            np.concatenate([each.shuffled_SFR for each in self._measured], axis=2),
            self._design.return_N[row_R],
            self._plan.group_N[row_R],
            rng=generator(self._population.seed, "importance interval"),
        )
        if lost is None:
            return None
        return Importance(names=self._design.names, lost=lost, rows=len(row_R), of=self._of, orders=self._orders)

    def _rows(self, training: FoldTraining) -> np.ndarray:
        """Rows of the fold's own, of whole groups, evenly spread, that make up about the share that is measured."""
        group_R = self._plan.group_N[training.part.test_row_R]
        number_R = self.groups + np.cumsum(np.r_[0, group_R[1:] != group_R[:-1]])
        self.groups = int(number_R[-1]) + 1
        kept_R = np.floor(number_R * self._share) > np.floor((number_R - 1) * self._share)
        return np.asarray(training.fold.test.start + np.flatnonzero(kept_R))

    def _forecast(self, engine: Engine, training: FoldTraining, parameters: Parameters, x_RF: np.ndarray) -> np.ndarray:
        real = training.layout.only(role="real")
        return training.forecast(engine, real, parameters, x_RF).mean_R


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
