"""A feature is a function of the frame of the bars: on other bars it knows nothing of the real ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tailproof.audit.difference import numbers
from tailproof.audit.finding import Finding
from tailproof.audit.noise import other_history
from tailproof.audit.suspicion import next_return
from tailproof.core.records import Bars, Design
from tailproof.features import Feature, compute
from tailproof.statistics.ranks import standard_ranks

SURE = 5.0
"""Standard errors from zero: chance goes as far once in two million times."""
MIN_ROWS = 30
WEEK = 7 * 24 * 60
MIN_WEEKS = 8
"""The clock is taken out of features and returns where each minute of the week occurs this often on average."""


def knows_real_bars(bars: Bars, features: Sequence[Feature], random: np.random.Generator) -> list[Finding]:
    """Features that forecast the real next returns on bars at the same times with other prices.

    A module that remembers a longer frame, or a file that reads the bars from disk, does so. What it knows never went
    through the frame, so no cut can show it. Tested on all rows, and on those whose value is what it is on the real
    bars, with the mean of each minute of the week taken out: a clock is free to know the time.
    """
    other = other_history(bars, random)
    real, elsewhere = compute(bars, features), compute(other, features)
    next_N = next_return(bars)
    minute_N = _minute_of_week(bars)
    findings = []
    for feature in features:
        value_N, same_N = numbers(elsewhere[feature.name]), numbers(real[feature.name])
        known_N = np.isfinite(value_N) & np.isfinite(next_N)
        for rows_N in (known_N, known_N & (value_N == same_N)):
            ic, error = _rank_ic(value_N[rows_N], next_N[rows_N], minute_N[rows_N])
            if abs(ic) > SURE * error:
                findings.append(
                    Finding(
                        rule="knows the real bars by another way than the frame",
                        what=f"'{feature.name}'",
                        detail=f"on bars at the same times with other prices its values forecast the real next returns "
                        f"(rank IC {ic:+.3f} on {int(rows_N.sum()):,} rows, {abs(ic) / error:.0f} standard errors). A "
                        "feature may only read the frame that it is given; join other data with tailproof merge",
                    )
                )
                break
    return findings


def changed_since(bars: Bars, features: Sequence[Feature], design: Design) -> list[Finding]:
    """Features that give other values on the same bars than when the rows to train on were made."""
    values = compute(bars, features)
    findings = []
    for feature in features:
        then_N = design.x_NF[:, design.names.index(feature.name)]
        now_N = numbers(values[feature.name])[design.bar_N].astype(np.float32)
        row_R = np.flatnonzero(then_N != now_N)
        if len(row_R):
            row = int(design.bar_N[row_R[0]])
            findings.append(
                Finding(
                    rule="not a function of the bars",
                    what=f"'{feature.name}'",
                    row=row,
                    time=bars.frame["time"][row],
                    values=(float(then_N[row_R[0]]), float(now_N[row_R[0]])),
                    detail=f"when it was computed again ({len(row_R):,} rows differ)",
                )
            )
    return findings


def _rank_ic(value_R: np.ndarray, return_R: np.ndarray, minute_R: np.ndarray) -> tuple[float, float]:
    """Rank IC within minutes of the week, and its standard error from the spread of the products; 0 and 1 for few."""
    if len(value_R) < MIN_ROWS:
        return 0.0, 1.0
    first_R, second_R = standard_ranks(value_R), standard_ranks(return_R)
    if np.isnan(first_R[0]) or np.isnan(second_R[0]):
        return 0.0, 1.0
    first_R, second_R = _without_clock(first_R, minute_R), _without_clock(second_R, minute_R)
    spread = float(first_R.std() * second_R.std())
    if spread < 1e-6:
        return 0.0, 1.0
    product_R = first_R * second_R / spread
    # At least that of independent ranks: a perfect forecast of few rows has products that hardly differ.
    return float(product_R.mean()), max(float(product_R.std()), 0.5) / np.sqrt(len(product_R))


def _without_clock(rank_R: np.ndarray, minute_R: np.ndarray) -> np.ndarray:
    """Less the mean of each minute of the week that occurs, where there are enough weeks to know it."""
    count_M = np.bincount(minute_R, minlength=WEEK)
    if len(minute_R) < MIN_WEEKS * np.count_nonzero(count_M):
        return rank_R
    mean_M = np.bincount(minute_R, weights=rank_R, minlength=WEEK) / np.maximum(count_M, 1)
    less_R: np.ndarray = rank_R - mean_M[minute_R]
    return less_R


def _minute_of_week(bars: Bars) -> np.ndarray:
    minutes = bars.frame.select((pl.col("time").dt.epoch("s") // 60) % WEEK).to_series()
    return minutes.cast(pl.Int64).to_numpy()
