"""How much of the rank IC a feature carries: what is lost when its values are put out of order among the test rows."""

from __future__ import annotations

import numpy as np

from tailproof.core.verdict import Interval
from tailproof.evaluation.groups import Groups
from tailproof.evaluation.resampled import Resampled, rank_ic_above
from tailproof.statistics.ranks import rank_products, standard_ranks

REPLICATIONS = 1000


def permuted_rows(group_N: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Rows with whole groups put in another order: what a feature says inside a session stays together.

    >>> permuted_rows(np.array([0, 0, 1, 2, 2]), np.random.default_rng(0)).tolist()
    [3, 4, 0, 1, 2]
    """
    starts = np.flatnonzero(np.r_[True, group_N[1:] != group_N[:-1]])
    blocks = np.split(np.arange(len(group_N)), starts[1:])
    return np.concatenate([blocks[place] for place in random.permutation(len(blocks))])


def rank_ic_lost(
    own_R: np.ndarray,
    shuffled_SFR: np.ndarray,
    return_R: np.ndarray,
    group_R: np.ndarray,
    *,
    rng: np.random.Generator,
) -> tuple[Interval, ...] | None:
    """Rank IC of the forecasts less that of the forecasts with one feature out of order, feature by feature.

    The 95 % intervals are those of the verdict: groups of rows are resampled, the same for both forecasts, so that the
    difference is paired; the orders stay as they were drawn. Breiman (2001), section 10; that groups and not rows are
    put in another order leaves a feature's course inside a session as it is.

    Args:
        own_R: forecasts.
        shuffled_SFR: forecasts with each feature in each of S orders; the mean over the orders counts.
        return_R: what then happened.
        group_R: session (or month) of each row, rising with time.
        rng: draws the groups.

    Returns:
        One interval a feature, without bounds for fewer than ten groups; None where forecasts or returns never vary.

    >>> known_R, group_R = np.arange(40.0), np.arange(40) // 2
    >>> shuffled_SFR = np.stack([known_R, known_R[::-1]])[None]
    >>> lost = rank_ic_lost(known_R, shuffled_SFR, known_R, group_R, rng=np.random.default_rng(0))
    >>> [round(each.value, 6) for each in lost]
    [0.0, 2.0]
    """
    groups = Groups.of(group_R)
    own_product_R = rank_products(own_R, return_R)
    if np.isnan(own_product_R).any():
        return None
    rank_R = standard_ranks(return_R)
    sums = {"rows": groups.sizes.astype(np.float64), "own rank product": groups.sums(own_product_R)}
    for feature in range(shuffled_SFR.shape[1]):
        # forecasts that no longer vary at all have lost the whole of it
        product_SR = [np.nan_to_num(standard_ranks(order_R)) * rank_R for order_R in shuffled_SFR[:, feature]]
        sums[f"{feature} rank product"] = groups.sums(np.mean(product_SR, axis=0))
    drawn = Resampled.of(sums, sums["own rank product"] / groups.sizes, replications=REPLICATIONS, rng=rng)
    return tuple(drawn.interval(rank_ic_above("own", str(feature))) for feature in range(shuffled_SFR.shape[1]))
