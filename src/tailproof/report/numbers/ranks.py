"""Products of standardised ranks: the mean over any rows is their share of the pooled rank IC."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata


def rank_products(prediction_N: np.ndarray, return_N: np.ndarray) -> np.ndarray:
    """z of rank of prediction x z of rank of return, ranks over all rows, so that any groups average to the whole.

    All NaN where one side is constant. Spearman (1904); why ranks are not taken inside groups: Marriott and Pope
    (1954).

    >>> round(float(rank_products(np.array([1.0, 2.0, 3.0]), np.array([10.0, 30.0, 20.0])).mean()), 6)
    0.5
    """
    return np.asarray(_standard(rankdata(prediction_N)) * _standard(rankdata(return_N)))


def _standard(rank_N: np.ndarray) -> np.ndarray:
    spread = float(rank_N.std())
    if spread == 0.0:
        return np.full(len(rank_N), np.nan)
    return np.asarray((rank_N - rank_N.mean()) / spread)
