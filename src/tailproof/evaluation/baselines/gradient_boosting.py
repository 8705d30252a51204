"""LightGBM on the network's own features, with settings for very little signal in very many rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Forecaster = Callable[[np.ndarray], np.ndarray]
"""A function from features to forecasts (float64)."""
MAX_ROWS = 200_000
"""Maximum rows drawn for training; trees this small gain nothing from more, and a million cost minutes."""
MAX_TREES = 100


def fit_gradient_boosting(
    x_NF: np.ndarray,
    target_N: np.ndarray,
    *,
    validation_x_NF: np.ndarray,
    validation_target_N: np.ndarray,
    rng: np.random.Generator,
) -> Forecaster:
    """Boosted trees (Ke et al. 2017): a function from features to forecasts (float64).

    Squared error, 15 leaves of at least 1 % of the rows, 63 bins, learning rate 0.1, at most 100 trees, half of the
    rows and four fifths of the features a tree. Where there are validation rows, the number of trees is the one with
    the least error on them, else it is 50. Trained on at most 200,000 training rows, drawn at random. Deterministic
    for a given generator.

    Notes:
        On one thread, since OpenMP's threads wait for one another by turning round: beside other programs on two cores
        200,000 rows and 9 features took one second with one thread and 3 to 10 with two.
    """
    import lightgbm

    if len(x_NF) > MAX_ROWS:
        chosen_N = np.sort(rng.choice(len(x_NF), MAX_ROWS, replace=False))
        x_NF, target_N = x_NF[chosen_N], target_N[chosen_N]
    settings = {
        "objective": "regression",
        "num_leaves": 15,
        "min_data_in_leaf": max(20, len(x_NF) // 100),
        "max_bin": 63,
        "learning_rate": 0.1,
        "bagging_fraction": 0.5,
        "bagging_freq": 1,
        "feature_fraction": 0.8,
        "num_threads": 1,
        "seed": int(rng.integers(2**31)),
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    train = lightgbm.Dataset(x_NF, label=target_N)
    if len(validation_x_NF) == 0:
        booster = lightgbm.train(settings, train, num_boost_round=MAX_TREES // 2)
    else:
        validation = lightgbm.Dataset(validation_x_NF, label=validation_target_N, reference=train)
        stop = lightgbm.early_stopping(20, verbose=False)
        booster = lightgbm.train(settings, train, num_boost_round=MAX_TREES, valid_sets=[validation], callbacks=[stop])
    return lambda later_x_NF: np.asarray(booster.predict(later_x_NF), dtype=np.float64)
