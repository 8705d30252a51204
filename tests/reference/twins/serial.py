"""Serial dependence, and order flow as far as bars show it."""

from __future__ import annotations

import numpy as np
from tests.reference.twins.columns import Columns, before, quotient, twin, windows
from tests.reference.twins.price import close_location, lower_wick, upper_wick
from tests.reference.twins.volume import correlation


@twin("autocorr_#_#")
def autocorrelation(columns: Columns, lag: int, bars: int) -> np.ndarray:
    return_N = columns.return_N
    return correlation(windows(return_N, bars), windows(before(return_N, lag), bars), least=1e-16)


@twin("variance_ratio_#_#")
def variance_ratio(columns: Columns, step: int, bars: int) -> np.ndarray:
    """Lo and MacKinlay (1988) with overlapping returns."""
    log_N = np.log(columns.close_N)
    many_N = windows(log_N - before(log_N, step), bars).var(axis=1, ddof=1)
    one_N = windows(log_N - before(log_N, 1), bars).var(axis=1, ddof=1)
    return quotient(many_N, step * one_N, least=1e-16, rest=1.0)


@twin("run_length")
def run_length(columns: Columns) -> np.ndarray:
    out_N = np.full(len(columns), np.nan)
    run, way_before = 0, None
    for row in range(1, len(columns)):
        way = np.sign(columns.close_N[row] - columns.close_N[row - 1])
        run = run + 1 if way == way_before else 1
        way_before = way
        out_N[row] = way * min(run, 20)
    return out_N


@twin("rest_share_#")
def rest_share(columns: Columns, bars: int) -> np.ndarray:
    """Lesmond, Ogden and Trzcinka (1999): share of zero returns."""
    return_NB = windows(columns.return_N, bars)
    return np.where(np.isnan(return_NB).any(axis=1), np.nan, (return_NB == 0.0).mean(axis=1))


@twin("signed_volume_#")
def signed_volume(columns: Columns, bars: int) -> np.ndarray:
    """Granville's OBV over the window, as a share of what was traded."""
    balance_N = windows(np.sign(columns.return_N) * columns.volume_N, bars).sum(axis=1)
    return quotient(balance_N, windows(columns.volume_N, bars).sum(axis=1), least=0.5)


@twin("cmf_#")
def chaikin_money_flow(columns: Columns, bars: int) -> np.ndarray:
    money_N = windows(close_location(columns) * columns.volume_N, bars).sum(axis=1)
    return quotient(money_N, windows(columns.volume_N, bars).sum(axis=1), least=0.5)


@twin("roll_spread_#")
def roll_spread(columns: Columns, bars: int) -> np.ndarray:
    """Roll (1984): 2 sqrt(-cov) of returns and the returns before them."""
    now_NB, before_NB = windows(columns.return_N, bars), windows(before(columns.return_N, 1), bars)
    covariance_N = (now_NB * before_NB).mean(axis=1) - now_NB.mean(axis=1) * before_NB.mean(axis=1)
    return 2.0 * np.sqrt(np.maximum(-covariance_N, 0.0))


@twin("kyle_#")
def kyle(columns: Columns, bars: int) -> np.ndarray:
    """Slope of the return on signed log volume, in basis points."""
    return_NB = windows(columns.return_N, bars)
    signed_NB = windows(np.sign(columns.return_N) * np.log1p(columns.volume_N), bars)
    away_NB = signed_NB - signed_NB.mean(axis=1, keepdims=True)
    return 1e4 * quotient((return_NB * away_NB).mean(axis=1), signed_NB.var(axis=1), least=1e-6)


@twin("wick_balance_#")
def wick_balance(columns: Columns, bars: int) -> np.ndarray:
    below_N, above_N = windows(lower_wick(columns), bars).sum(axis=1), windows(upper_wick(columns), bars).sum(axis=1)
    return quotient(below_N - above_N, windows(columns.high_N - columns.low_N, bars).sum(axis=1), least=1e-9)
