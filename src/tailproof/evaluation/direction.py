"""How often the sign was right, beside how often one sign came anyway."""

from __future__ import annotations

import numpy as np

from tailproof.core.verdict import HitRate


def hit_rate(prediction_N: np.ndarray, return_N: np.ndarray, *, neutral: float) -> HitRate:
    """Share of moves whose direction was forecast; a prediction above ``neutral`` says up, any other down.

    ``neutral`` is the target of a zero return.

    >>> result = hit_rate(np.array([0.6, 0.4, 0.7, 0.5]), np.array([0.01, -0.01, -0.02, 0.0]), neutral=0.5)
    >>> round(result.hit_rate, 4), round(result.base_rate, 4), result.rows
    (0.6667, 0.6667, 3)
    """
    moved_N = return_N != 0.0
    rows = int(moved_N.sum())
    if rows == 0:
        return HitRate(hit_rate=float("nan"), base_rate=float("nan"), rows=0)
    up_N = return_N[moved_N] > 0.0
    said_up_N = prediction_N[moved_N] > neutral
    up = float(up_N.mean())
    return HitRate(hit_rate=float((up_N == said_up_N).mean()), base_rate=max(up, 1.0 - up), rows=rows)
