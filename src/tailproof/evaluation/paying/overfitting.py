"""Was the best of several trials picked, or earned?"""

from __future__ import annotations

import itertools

import numpy as np

BLOCKS = 10


def probability_of_overfitting(result_ST: np.ndarray, *, blocks: int = BLOCKS) -> float | None:
    """How often the trial that was best on half of the periods is below the median on the other half.

    Combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado and Zhu 2017): the periods are cut into
    ``blocks`` stretches, each choice of half of them selects the trial with the highest Sharpe ratio, and on the
    other half it is below the median where more trials are better than worse. A trial that ties with others is not
    below it; the middle one of an odd number counts as half a case, so that trials without skill give about one half.
    None for fewer than two trials or fewer than four periods per block.

    Args:
        result_ST: results of each period (rows) of each trial (columns), periods in the order of time.
        blocks: an even number; 10 gives 252 choices.

    >>> rng = np.random.default_rng(0)
    >>> probability_of_overfitting(rng.normal(size=(500, 3)) + np.array([0.0, 0.0, 1.0]))
    0.0
    """
    periods, trials = result_ST.shape
    if trials < 2 or periods < 4 * blocks:
        return None
    edges = periods * np.arange(blocks + 1) // blocks
    sum_BT = np.add.reduceat(result_ST, edges[:-1], axis=0)
    square_BT = np.add.reduceat(result_ST**2, edges[:-1], axis=0)
    size_B = np.diff(edges)
    below = 0.0
    choices = list(itertools.combinations(range(blocks), blocks // 2))
    for chosen in choices:
        inside_B = np.zeros(blocks, dtype=bool)
        inside_B[list(chosen)] = True
        best = int(np.argmax(_sharpe(sum_BT[inside_B], square_BT[inside_B], size_B[inside_B])))
        other_T = _sharpe(sum_BT[~inside_B], square_BT[~inside_B], size_B[~inside_B])
        worse, better = np.count_nonzero(other_T < other_T[best]), np.count_nonzero(other_T > other_T[best])
        in_the_middle = worse == better and worse + better == trials - 1
        below += 0.5 if in_the_middle else float(worse < better)
    return below / len(choices)


def _sharpe(sum_BT: np.ndarray, square_BT: np.ndarray, size_B: np.ndarray) -> np.ndarray:
    """Sharpe ratio of each trial over some blocks; 0 where it does not vary (a trial that never traded)."""
    rows = float(size_B.sum())
    mean_T = sum_BT.sum(axis=0) / rows
    variance_T = (square_BT.sum(axis=0) - rows * mean_T**2) / (rows - 1.0)
    varies_T = variance_T > 0.0
    return np.where(varies_T, mean_T / np.sqrt(np.where(varies_T, variance_T, 1.0)), 0.0)
