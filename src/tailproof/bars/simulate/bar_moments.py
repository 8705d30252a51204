"""The figures by which simulated and real minute bars are compared."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import kurtosis, spearmanr  # type: ignore[import-untyped, unused-ignore]


def moments(bars: pl.DataFrame) -> dict[str, float]:
    """Moments of the 1-minute returns inside sessions, from ``time`` and ``close``; pairs with a gap are left out.

    ``reversal_rank_ic`` is the Spearman correlation of the last return reversed with the next; ``clustering_N`` the
    autocorrelation of absolute returns N minutes apart.

    >>> from tailproof.bars.simulate import simulate
    >>> 0.1 < moments(simulate(rows=20_000, ic=0.0, seed=0))["zero_share"] < 0.5
    True
    """
    returns_N = _returns(bars)
    inside_N = returns_N[~np.isnan(returns_N)]
    last_N, next_N = _pairs(returns_N, 1)
    clustering = {f"clustering_{lag}": _correlation(*_pairs(np.abs(returns_N), lag)) for lag in (1, 10, 60, 300)}
    return {
        "returns": float(len(inside_N)),
        "std": float(inside_N.std()),
        "excess_kurtosis": float(kurtosis(inside_N)),
        "zero_share": float((inside_N == 0).mean()),
        "largest": float(np.abs(inside_N).max()),
        "autocorrelation": _correlation(last_N, next_N),
        "reversal_rank_ic": -float(spearmanr(last_N, next_N).statistic),
        **clustering,
    }


def _returns(bars: pl.DataFrame) -> np.ndarray:
    close = pl.col("close")
    inside = pl.col("time").diff() == pl.duration(minutes=1)
    change = pl.when(inside).then(close / close.shift(1) - 1)
    returns_N: np.ndarray = bars.select(change.cast(pl.Float64)).to_series().to_numpy()
    return returns_N


def _pairs(values_N: np.ndarray, lag: int) -> tuple[np.ndarray, np.ndarray]:
    first_N, second_N = values_N[:-lag], values_N[lag:]
    whole_N = ~np.isnan(first_N + second_N)
    return first_N[whole_N], second_N[whole_N]


def _correlation(first_N: np.ndarray, second_N: np.ndarray) -> float:
    return float(np.corrcoef(first_N, second_N)[0, 1])
