"""Returns, momentum and the shape of the bar."""

from __future__ import annotations

import numpy as np
from tests.reference.twins.columns import ACROSS, Columns, before, quotient, twin, windows


def rate_of_change(columns: Columns, bars: int) -> np.ndarray:
    """TA-Lib ROCP."""
    earlier_N = before(columns.close_N, bars)
    return (columns.close_N - earlier_N) / earlier_N


twin("rocp_#")(rate_of_change)
twin("price_mom_#d")(rate_of_change)
twin("close_change_pct")(lambda columns: rate_of_change(columns, 1))


@twin("price_mom_#s", ACROSS)
def session_momentum(columns: Columns, sessions: int) -> np.ndarray:
    """What was earned inside the last sessions and this one so far, segment by segment."""
    growth_N = np.ones(len(columns))
    for row in range(len(columns)):
        begins = row == 0 or columns.segment_N[row] != columns.segment_N[row - 1]
        start = columns.open_N[row] if begins else columns.close_N[row - 1]
        growth_N[row] = columns.close_N[row] / start
    out_N = np.full(len(columns), np.nan)
    numbers = list(np.unique(columns.session_N))
    whole = {number: growth_N[columns.session_N == number].prod() for number in numbers}
    for place, number in enumerate(numbers):
        if place >= sessions:
            row_R = np.flatnonzero(columns.session_N == number)
            earlier = np.prod([whole[one] for one in numbers[place - sessions : place]])
            out_N[row_R] = earlier * np.cumprod(growth_N[row_R]) - 1.0
    return out_N


@twin("session_return")
def session_return(columns: Columns) -> np.ndarray:
    return columns.close_N / columns.open_N[0] - 1.0


@twin("return_z_#")
def return_z(columns: Columns, bars: int) -> np.ndarray:
    spread_N = windows(columns.return_N, bars).std(axis=1, ddof=1)
    return quotient(columns.return_N, spread_N, least=1e-8)


@twin("open_gap")
def open_gap(columns: Columns) -> np.ndarray:
    return columns.open_N / before(columns.close_N, 1) - 1.0


@twin("price_range")
def price_range(columns: Columns) -> np.ndarray:
    return (columns.high_N - columns.low_N) / columns.close_N


@twin("close_location")
def close_location(columns: Columns) -> np.ndarray:
    """Chaikin's multiplier: ((close - low) - (high - close)) / (high - low)."""
    above_N, below_N = columns.close_N - columns.low_N, columns.high_N - columns.close_N
    return quotient(above_N - below_N, columns.high_N - columns.low_N, least=1e-12)


def body(columns: Columns) -> np.ndarray:
    return columns.close_N - columns.open_N


def upper_wick(columns: Columns) -> np.ndarray:
    return columns.high_N - np.maximum(columns.open_N, columns.close_N)


def lower_wick(columns: Columns) -> np.ndarray:
    return np.minimum(columns.open_N, columns.close_N) - columns.low_N


# Alpha158: KMID = (close - open) / open, KMID2 = (close - open) / (high - low), and so on.
for key, distance in {"kmid": body, "kup": upper_wick, "klow": lower_wick}.items():
    twin(key)(lambda columns, distance=distance: distance(columns) / columns.open_N)
    twin(f"{key}2")(
        lambda columns, distance=distance: quotient(distance(columns), columns.high_N - columns.low_N, least=1e-12)
    )
