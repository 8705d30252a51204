"""Whether the ranking of the features holds from one stretch of time to the next."""

from __future__ import annotations

import numpy as np

from tailproof.statistics.ranks import average_ranks


def mean_places(merit_KF: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation over folds of each feature's place, 1 for the most merit."""
    place_KF = 1.0 + np.vstack([average_ranks(-merit_F) for merit_F in merit_KF])
    return place_KF.mean(axis=0), place_KF.std(axis=0)


def concordance(merit_KF: np.ndarray) -> float:
    """Kendall's W: 1 where all folds rank the features alike, about 1 / folds where they agree by chance only.

    12 S / (m² (n³ - n)), S the sum of squared deviations of the rank sums, m folds, n features (Kendall and Babington
    Smith 1939); ties are not corrected for.

    >>> concordance(np.array([[3.0, 2.0, 1.0], [9.0, 5.0, 0.0]]))
    1.0
    """
    folds, features = merit_KF.shape
    if features < 2:
        return float("nan")
    total_F = 1.0 + np.vstack([average_ranks(merit_F) for merit_F in merit_KF]).sum(axis=0)
    deviation = float(((total_F - total_F.mean()) ** 2).sum())
    return float(12.0 * deviation / (folds**2 * (features**3 - features)))
