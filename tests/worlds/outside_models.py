"""Small worlds of coins judged with models from outside in the place of networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from tests.support.bars import random_bar_frame
from tests.worlds.coins import drifting
from tests.worlds.known_skill import run_protocol

from tailproof.core.verdict import Verdict
from tailproof.referee.estimator_engine import EstimatorEngine
from tailproof.referee.outside_model import outside_model
from tailproof.settings.train_settings import TrainSettings

ROWS, SESSION = 6_000, 100
MODELS: dict[str, Callable[[], Any]] = {
    "ridge": lambda: Ridge(),
    "forest": lambda: RandomForestRegressor(n_estimators=4, max_depth=3, max_features=0.5),
}


def small_coins(seed: int) -> pl.DataFrame:
    """Sessions of 100 minutes, each return drawn on its own; in every other world volatility rises fourfold."""
    return drifting(random_bar_frame(ROWS, seed=seed, breaks=tuple(range(SESSION, ROWS, SESSION))), seed)


def verdict_on(name: str, seed: int) -> Verdict:
    """The verdict on a model in one such world, by the whole protocol.

    LightGBM does not stand beside it: no condition of skill asks for it, and it would take most of the time.
    """
    settings = TrainSettings(members=1, folds=3, seed=seed, linear_path=False, shrink=False)
    engine = EstimatorEngine(outside_model(MODELS[name], name=name))
    return run_protocol(small_coins(seed), settings, engine=engine, fit_trees=_no_trees).verdict


def _no_trees(x_NF: np.ndarray, target_N: np.ndarray, **options: Any) -> Callable[[np.ndarray], np.ndarray]:
    del x_NF, options
    mean = float(target_N.mean())
    return lambda x_RF: np.full(len(x_RF), mean)
