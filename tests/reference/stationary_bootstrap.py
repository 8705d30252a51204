"""Every sample that the stationary bootstrap can draw of a few groups, with its probability (Politis, Romano 1994)."""

from __future__ import annotations

import numpy as np


def every_sample(groups: int, *, mean_block: float) -> tuple[np.ndarray, np.ndarray]:
    """Rows of drawn groups (S, groups), and the probability of each (S).

    The first group is any; each later one is its neighbour's successor in a circle, or with probability 1 / mean_block
    any group at all. A sample may come about in several ways; each of them is a row of its own.
    """
    new = 1.0 / mean_block
    drawn_SG, probability_S = np.arange(groups)[:, None], np.full(groups, 1.0 / groups)
    for _ in range(groups - 1):
        followed_S = (drawn_SG[:, -1:] + 1) % groups
        fresh = [np.full_like(followed_S, group) for group in range(groups)]
        drawn_SG = np.concatenate([np.hstack([drawn_SG, nxt_S]) for nxt_S in (followed_S, *fresh)])
        shares = [1.0 - new, *[new / groups] * groups]
        probability_S = np.concatenate([share * probability_S for share in shares])
    return drawn_SG, probability_S
