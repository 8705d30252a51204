"""How much of the rank IC a feature carries: the loss when its values are permuted among the test rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tailproof.core.verdict import Interval
from tailproof.statistics.groups import Groups
from tailproof.statistics.ranks import standard_ranks
from tailproof.statistics.resampled import RankProducts, Resampled

Predict = Callable[[np.ndarray], np.ndarray]
"""A function from feature rows (R, F) to one forecast per row (R,)."""
REPLICATIONS = 1000


def permuted_rows(group_N: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Rows with whole groups put in another order: what a feature says inside a session stays together.

    >>> permuted_rows(np.array([0, 0, 1, 2, 2]), np.random.default_rng(0)).tolist()
    [3, 4, 0, 1, 2]
    """
    starts = Groups.of(group_N).starts
    blocks = np.split(np.arange(len(group_N)), starts[1:])
    return np.concatenate([blocks[place] for place in random.permutation(len(blocks))])


def shuffled_forecasts(
    predict: Predict,
    x_RF: np.ndarray,
    group_R: np.ndarray,
    column_sets: Sequence[Sequence[int]],
    *,
    orders: int,
    random: np.random.Generator,
) -> np.ndarray:
    """Forecasts (orders S, sets C, rows R; float64) with one set of columns out of order at a time.

    The columns of a set are put in the same order together, so that twins cannot stand in for each other (Strobl et al.
    2008), and in whole groups, since rows inside a session depend on each other (``permuted_rows``). One order is drawn
    for all sets, which makes their differences paired. ``x_RF`` is changed on the way and is as it was at the end.

    >>> x_RF = np.array([[1.0, 5.0], [2.0, 5.0]])
    >>> random = np.random.default_rng(3)
    >>> shuffled_forecasts(lambda x: x.sum(axis=1), x_RF, np.arange(2), [[0], [1]], orders=1, random=random).tolist()
    [[[7.0, 6.0], [6.0, 7.0]]]
    """
    shuffled_SCR = np.empty((orders, len(column_sets), len(x_RF)))
    for order in range(orders):
        order_R = permuted_rows(group_R, random)
        for place, columns in enumerate(column_sets):
            chosen = list(columns)
            own_RC = x_RF[:, chosen].copy()
            x_RF[:, chosen] = own_RC[order_R]
            shuffled_SCR[order, place] = predict(x_RF)
            x_RF[:, chosen] = own_RC
    return shuffled_SCR


def rank_ic_lost(
    own_R: np.ndarray,
    shuffled_SCR: np.ndarray,
    return_R: np.ndarray,
    group_R: np.ndarray,
    *,
    rng: np.random.Generator,
) -> tuple[Interval, ...] | None:
    """Rank IC of the forecasts less that of the forecasts with one set of features out of order, set by set.

    The 95 % intervals are those of the verdict: groups of rows are resampled, the same for both forecasts, so that the
    difference is paired; the orders stay as they were drawn. Breiman (2001), section 10; that groups and not rows are
    put in another order leaves a feature's course inside a session as it is.

    Args:
        own_R: forecasts.
        shuffled_SCR: forecasts with each set in each of S orders; the mean over the orders counts.
        return_R: what then happened.
        group_R: session (or month) of each row, rising with time.
        rng: draws the groups.

    Returns:
        One interval per set, without bounds for fewer than ten groups; None where forecasts or returns never vary.

    >>> known_R, group_R = np.arange(40.0), np.arange(40) // 2
    >>> shuffled_SCR = np.stack([known_R, known_R[::-1]])[None]
    >>> lost = rank_ic_lost(known_R, shuffled_SCR, known_R, group_R, rng=np.random.default_rng(0))
    >>> [round(each.value, 6) for each in lost]
    [0.0, 2.0]
    """
    groups = Groups.of(group_R)
    rank_R = standard_ranks(return_R)
    own_product_R = standard_ranks(own_R) * rank_R
    if np.isnan(own_product_R).any():
        return None
    sum_CG = [groups.sums(own_product_R)]
    for shuffled_SR in np.swapaxes(shuffled_SCR, 0, 1):
        # forecasts that no longer vary at all have lost the whole of it
        product_SR = [np.nan_to_num(standard_ranks(order_R)) * rank_R for order_R in shuffled_SR]
        sum_CG.append(groups.sums(np.mean(product_SR, axis=0)))
    sets = [str(place) for place in range(len(sum_CG) - 1)]
    sums = RankProducts(
        names=("own", *sets), rows_X=groups.sizes.astype(np.float64), product_XK=np.stack(sum_CG, axis=1)
    )
    drawn = Resampled.of(sums, sum_CG[0] / groups.sizes, replications=REPLICATIONS, rng=rng)
    return tuple(_lost(drawn, name) for name in sets)


def _lost(drawn: Resampled[RankProducts], name: str) -> Interval:
    return drawn.interval(lambda sums: sums.rank_ic_above("own", name))
