"""The contestants: each is fitted on a fold's training rows and forecasts its test rows, all from the same arrays."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection
from importlib import import_module

import numpy as np

from tailproof.arrays.ranges import as_slice
from tailproof.core.randomness import generator
from tailproof.engines.select import engine_named
from tailproof.evaluation import fit_gradient_boosting
from tailproof.evaluation.baselines.ridge import fit_ridge
from tailproof.walkforward import FoldTraining, forecast_test

NETWORK = "network"
MAX_SKLEARN_ROWS = 50_000
Contestant = Callable[[FoldTraining, int], np.ndarray]
"""From a fold and its number, from 1, to float64 forecasts of its test rows; no test target may be looked at."""


PEERS = ("ridge", "LightGBM", "scikit-learn MLP", "RealMLP (pytabkit)")


def contestants(names: Collection[str] = PEERS) -> dict[str, Contestant]:
    """The network and those of its peers that are named; one whose package is not installed is left out."""
    peers = dict(
        zip(
            PEERS, ((_ridge, "numpy"), (_trees, "lightgbm"), (_sklearn, "sklearn"), (_realmlp, "pytabkit")), strict=True
        )
    )
    there = {name: fit for name, (fit, package) in peers.items() if name in names and _installed(package)}
    return {NETWORK: _network, **there}


def _installed(package: str) -> bool:
    try:
        import_module(package)  # here, so that nobody's seconds hold an import
    except ImportError:
        return False
    return True


def _network(training: FoldTraining, _number: int) -> np.ndarray:
    engine = engine_named("lanes", device="cpu", threads=None)
    fit = training.drawn_to_line(engine.fit(training.job, on_event=lambda _event: None))
    return forecast_test(engine, training, fit)[0].mean_R


def _ridge(training: FoldTraining, _number: int) -> np.ndarray:
    x_NF, y_N, later_x_NF, later_y_N, test_NF = _rows(training)
    return fit_ridge(x_NF, y_N, later_x_NF=later_x_NF, later_target_N=later_y_N).forecast(test_NF)


def _trees(training: FoldTraining, number: int) -> np.ndarray:
    """The trees of a run's own baseline, tree for tree."""
    x_NF, y_N, later_x_NF, later_y_N, test_NF = _rows(training)
    trees = fit_gradient_boosting(
        x_NF,
        y_N,
        validation_x_NF=later_x_NF,
        validation_target_N=later_y_N,
        rng=generator(0, "baselines", number),
    )
    return trees(test_NF)


def _sklearn(training: FoldTraining, _number: int) -> np.ndarray:
    """One net of the network's width, Adam at its defaults, stopped early on a tenth of the training rows, of which the
    latest 50,000 are given: 20 passes of it over more take minutes."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    x_NF, y_N, _, _, test_NF = _rows(training)
    model = MLPRegressor(hidden_layer_sizes=(32,), early_stopping=True, n_iter_no_change=3, max_iter=20, random_state=0)
    x_NF, y_N = x_NF[-MAX_SKLEARN_ROWS:], y_N[-MAX_SKLEARN_ROWS:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x_NF, y_N)
    return np.asarray(model.predict(test_NF), dtype=np.float64)


def _realmlp(training: FoldTraining, _number: int) -> np.ndarray:
    """RealMLP at its tuned defaults (Holzmüller 2024), small variant, the fold's validation rows for early stopping."""
    from pytabkit import RealMLP_TD_S_Regressor  # type: ignore[import-not-found,unused-ignore]

    x_NF, y_N, later_x_NF, later_y_N, test_NF = _rows(training)
    model = RealMLP_TD_S_Regressor(random_state=0, device="cpu")
    model.fit(x_NF, y_N, later_x_NF, later_y_N)
    return np.asarray(model.predict(test_NF), dtype=np.float64)


def _rows(training: FoldTraining) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features and targets of the training rows, the same of the validation rows, and features of the test rows."""
    train, validation, test = (
        as_slice(rows) for rows in (training.fold.train, training.fold.validation, training.fold.test)
    )
    x_NF, y_N = training.job.x_NF, training.target_N
    return x_NF[train], y_N[train], x_NF[validation], y_N[validation], x_NF[test]
