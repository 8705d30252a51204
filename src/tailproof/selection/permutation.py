"""How much a trained population's forecasts lose on held-out rows when a cluster of features is taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tailproof.evaluation.permutation import permuted_rows
from tailproof.selection.ranks import standard_ranks

Predict = Callable[[np.ndarray], np.ndarray]
"""From raw feature rows (N, F) to one forecast a row (N,)."""
REPEATS = 3


def permutation_importance(
    predict: Predict,
    x_NF: np.ndarray,
    rank_N: np.ndarray,
    group_N: np.ndarray,
    columns: Sequence[Sequence[int]],
    *,
    random: np.random.Generator,
) -> tuple[float, np.ndarray]:
    """Rank IC of the forecasts, and how much of it each set of columns carries (float64, one value a set).

    The columns of a set are permuted together, so that twins cannot stand in for each other (Strobl et al. 2008), in
    whole groups, since rows inside a session depend on each other; the mean over three orders.

    Args:
        predict: the trained population.
        x_NF: held-out rows, of which nothing was learned.
        rank_N: standardised ranks of their returns.
        group_N: session of each row.
        columns: sets of columns.
        random: draws the orders.
    """
    own = _ic(predict(x_NF), rank_N)
    loss_C = np.zeros(len(columns))
    for place, chosen in enumerate(columns):
        for _ in range(REPEATS):
            shuffled_NF = x_NF.copy()
            order_N = permuted_rows(group_N, random)
            shuffled_NF[:, list(chosen)] = x_NF[order_N][:, list(chosen)]
            loss_C[place] += (own - _ic(predict(shuffled_NF), rank_N)) / REPEATS
    return own, loss_C


def _ic(prediction_N: np.ndarray, rank_N: np.ndarray) -> float:
    return float((standard_ranks(prediction_N[:, None])[:, 0].astype(np.float64) * rank_N).mean())
