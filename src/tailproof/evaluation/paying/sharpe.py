"""The Sharpe ratio, and how much of it is luck or search."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tailproof.core.verdict import ROLLING_DAYS
from tailproof.statistics.distributions import normal_cdf, normal_quantile
from tailproof.statistics.moments import excess_kurtosis, skewness

EULER = 0.5772156649015329


def sharpe(result_S: np.ndarray) -> float:
    """Mean over standard deviation (n - 1) of the results of periods; not annualised. NaN where they do not vary.

    >>> sharpe(np.array([1.0, 2.0, 3.0]))
    2.0
    """
    spread = float(result_S.std(ddof=1)) if len(result_S) > 1 else 0.0
    return float(result_S.mean()) / spread if spread > 0.0 else math.nan


def rolling_sharpe(result_S: np.ndarray, *, days: int = ROLLING_DAYS) -> np.ndarray:
    """``sharpe`` of the last ``days`` results at each of them; NaN for the first ones.

    >>> rolling_sharpe(np.array([1.0, 2.0, 3.0, 5.0]), days=3).round(3).tolist()
    [nan, nan, 2.0, 2.182]
    """
    ratio_S = np.full(len(result_S), math.nan)
    if len(result_S) >= days:
        window_KD = np.lib.stride_tricks.sliding_window_view(result_S, days)
        spread_K = window_KD.std(axis=1, ddof=1)
        varies_K = spread_K > 0.0
        ratio_S[days - 1 :][varies_K] = window_KD.mean(axis=1)[varies_K] / spread_K[varies_K]
    return ratio_S


def probabilistic_sharpe(ratio: float, *, periods: int, skewness: float, kurt: float, benchmark: float = 0.0) -> float:
    """Probability that the true ratio exceeds ``benchmark`` (Bailey and López de Prado 2012, equation 11).

    Phi((SR - SR*) sqrt(n - 1) / sqrt(1 - skewness SR + (kurt - 1) / 4 SR²)), ratios per period, ``kurt`` = 3 for the
    normal distribution. Assumes that periods are independent. NaN where the variance is not positive.

    The example of the paper: monthly SR 0.458 over two years, as if normal, and with its real moments.

    >>> round(probabilistic_sharpe(0.458, periods=24, skewness=0.0, kurt=3.0), 3)
    0.982
    >>> round(probabilistic_sharpe(0.458, periods=24, skewness=-2.448, kurt=10.164), 3)
    0.913
    """
    variance = 1.0 - skewness * ratio + (kurt - 1.0) / 4.0 * ratio**2
    if not variance > 0.0 or periods < 2:
        return math.nan
    return normal_cdf((ratio - benchmark) * math.sqrt(periods - 1.0) / math.sqrt(variance))


def expected_best_sharpe(trials: int, variance: float) -> float:
    """The expected best Sharpe ratio of ``trials`` strategies without skill (Bailey and López de Prado 2014, eq. 7).

    sqrt(V) ((1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e))), g Euler's constant, V the variance of the trials' ratios;
    0 for a single trial. The example of the paper: 100 trials whose annual ratios have variance 1/2, in days.

    >>> round(expected_best_sharpe(100, 0.5 / 250), 4)
    0.1132
    """
    if trials < 2:
        return 0.0
    upper, further = normal_quantile(1.0 - 1.0 / trials), normal_quantile(1.0 - 1.0 / (trials * math.e))
    return math.sqrt(variance) * ((1.0 - EULER) * upper + EULER * further)


def deflated_sharpe(result_S: np.ndarray, trial_sharpes: Sequence[float], *, trials: int = 0) -> tuple[float, float]:
    """Probabilistic Sharpe ratio against zero, and against the best of all trials without skill.

    ``trial_sharpes`` are the ratios per period of the trials, this one included; ``trials`` is their number where more
    were tried than left a ratio. One trial alone deflates nothing.
    """
    ratio, periods = sharpe(result_S), len(result_S)
    if math.isnan(ratio):
        return math.nan, math.nan
    lean, kurt = skewness(result_S), excess_kurtosis(result_S) + 3.0
    tried = np.asarray([trial for trial in trial_sharpes if math.isfinite(trial)])
    variance = float(tried.var(ddof=1)) if len(tried) > 1 else 0.0
    best = expected_best_sharpe(max(trials, len(trial_sharpes)), variance)
    return (
        probabilistic_sharpe(ratio, periods=periods, skewness=lean, kurt=kurt),
        probabilistic_sharpe(ratio, periods=periods, skewness=lean, kurt=kurt, benchmark=best),
    )
