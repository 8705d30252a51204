"""The baselines of every fold, and how often the slowest of them is fitted anew."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tailproof.arrays.ranges import as_slice
from tailproof.core.randomness import generator
from tailproof.evaluation import LAST_RETURN, REVERSAL, Forecaster, baseline_forecasts, fit_gradient_boosting
from tailproof.scaling import RobustScaler
from tailproof.walkforward.training import FoldTraining

FitTrees = Callable[..., Forecaster]
"""Fits gradient-boosted trees, called as ``fit_gradient_boosting`` is."""


class FoldBaselines:
    """Baselines of one fold after the other; every forecast rests on rows before its test (or around it) alone.

    Last return and ridge are fitted on every fold. LightGBM takes longer than a warm population: where a walk-forward
    has many folds, the trees are fitted on every so many of them (``Plan.tree_fit_every``) and go on forecasting in
    between. What they know is older then, never later.
    """

    def __init__(
        self,
        *,
        seed: int,
        tree_fit_every: int,
        stack: bool = False,
        fit_trees: FitTrees = fit_gradient_boosting,
    ) -> None:
        self.stack = stack
        self._seed = seed
        self._tree_fit_every = tree_fit_every
        self._fit_boosting = fit_trees
        self._trees: tuple[Forecaster, RobustScaler] | None = None

    def restore(self, number: int, training_of: Callable[[int], FoldTraining]) -> None:
        """Make ready for fold ``number`` of a run that was stopped before it: the trees that it had are fitted again.

        ``training_of`` sets up a fold by its number; only a fold on which trees are fitted is asked for.
        """
        fitted_on = number - (number - 1) % self._tree_fit_every
        if fitted_on < number:
            training = training_of(fitted_on)
            self._trees = self._fit_trees(training, fitted_on), training.scaler

    def forecasts(self, training: FoldTraining, number: int) -> dict[str, np.ndarray]:
        """Forecasts (float64) of the fold's test rows by name; ``number`` counts folds from 1."""
        if self._trees is None or (number - 1) % self._tree_fit_every == 0:
            self._trees = self._fit_trees(training, number), training.scaler
        return self._forecasts(training, training.fold.test, *self._trees)

    def validation_forecasts(self, training: FoldTraining) -> dict[str, np.ndarray]:
        """The same of the validation rows, by the trees of the latest ``forecasts``."""
        assert self._trees is not None, "the test rows are forecast first"
        return self._forecasts(training, training.fold.validation, *self._trees)

    def _forecasts(
        self, training: FoldTraining, rows: range, trees: Forecaster, scaler: RobustScaler
    ) -> dict[str, np.ndarray]:
        fold, job, design = training.fold, training.job, training.part.design
        forecast = as_slice(rows)
        simple = baseline_forecasts(
            job.x_NF,
            training.target_N,
            training.transform.transform(design.last_return_N),
            train=as_slice(fold.train),
            validation=as_slice(fold.validation),
            test=forecast,
        )
        return {
            LAST_RETURN: simple[LAST_RETURN],
            REVERSAL: training.transform.transform(-design.last_return_N[forecast]),
            "ridge": simple["ridge"],
            "LightGBM": trees(scaler.transform(design.x_NF[forecast])),
        }

    def _fit_trees(self, training: FoldTraining, number: int) -> Forecaster:
        fold, x_NF, target_N = training.fold, training.job.x_NF, training.target_N
        train, validation = (as_slice(rows) for rows in (fold.train, fold.validation))
        return self._fit_boosting(
            x_NF[train],
            target_N[train],
            validation_x_NF=x_NF[validation],
            validation_target_N=target_N[validation],
            rng=generator(self._seed, "baselines", number),
        )
