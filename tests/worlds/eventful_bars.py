"""Simulated minutes in which everything happens that features are written for."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from tailproof.bars.load import bars_from_frame
from tailproof.bars.simulate import simulate
from tailproof.core.records import Bars

SESSIONS, MINUTES, TICK = 16, 1380, 0.25


@cache
def eventful_bars() -> Bars:
    """Sixteen sessions of minutes with single bars missing, pauses inside sessions, minutes without trades, a long
    rest and a steady rise after it.

    Every price stands on the tick, so many windows are flat; the VIX moves every few minutes and its age is known.
    """
    rng = np.random.default_rng(3)
    frame = simulate(rows=SESSIONS * MINUTES, ic=0.03, seed=2)
    row_N = np.arange(len(frame))
    missing_N = rng.random(len(frame)) < 0.01
    for start in rng.choice(len(frame) - 60, size=12, replace=False):
        missing_N[start : start + int(rng.integers(7, 60))] = True
    untraded_N = (rng.random(len(frame)) < 0.05) | ((row_N > 5000) & (row_N < 5150))
    steps_N = np.clip(row_N - 9200, 0, 40)
    drawn = pl.Series((row_N > 9000) & (row_N <= 9240))
    prices = [
        pl.when(drawn).then(frame["close"][9000] + TICK * pl.Series(steps_N)).otherwise(name).alias(name)
        for name in ("open", "high", "low", "close")
    ]
    frame = frame.with_columns(
        *prices,
        volume=pl.Series(np.where(untraded_N, 0.0, frame["volume"].to_numpy())),
        vix_close=pl.Series(frame["vix_close"].to_numpy()[row_N // 7 * 7]),
        vix_close_age_hours=pl.Series(row_N % 60 / 60.0),
    ).filter(~pl.Series(missing_N))
    return bars_from_frame(frame.with_row_index("line", offset=2), source="simulated bars with gaps")
