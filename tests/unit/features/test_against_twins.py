"""Every feature of the catalogue computed a second time, by a plain twin that shares nothing with it."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import polars as pl
import pytest
from reference.twins.catalogue import has_twin, twin_values
from reference.twins.columns import ACROSS, INSIDE, Columns, columns_of, key_and_numbers

from tailproof.bars.load import bars_from_frame
from tailproof.bars.simulate import simulate
from tailproof.core.records import Bars
from tailproof.features import CATALOGUE, compute

SESSIONS, MINUTES, TICK = 16, 1380, 0.25
BOUND = 1e-6
"""Of a feature's spread: polars' rolling sums carry rounding, and a division by almost nothing makes it large."""


@cache
def bars() -> Bars:
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


@cache
def table() -> pl.DataFrame:
    return compute(bars(), list(CATALOGUE.values()))


@cache
def columns() -> Columns:
    return columns_of(bars())


def test_the_bars_have_all_that_the_catalogue_is_written_for() -> None:
    frame = bars().frame
    assert frame["session"].n_unique() >= SESSIONS
    assert frame["segment"].n_unique() >= frame["session"].n_unique() + 5
    assert (frame["volume"] == 0.0).sum() > 1000
    assert (np.diff(columns().time_N) == 120).sum() > 100


def test_every_feature_has_a_twin_and_every_twin_a_feature() -> None:
    assert [name for name in CATALOGUE if not has_twin(name)] == []
    keys = {key_and_numbers(re.sub(r"_x(\d+|1s)$", "", name))[0] for name in CATALOGUE}
    assert set(INSIDE) | set(ACROSS) == keys


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_feature_is_what_its_twin_says(name: str) -> None:
    found_N, expected_N = table()[name].to_numpy(), twin_values(name, columns())
    known_N = np.isfinite(expected_N)
    assert known_N.sum() > 3000
    np.testing.assert_array_equal(np.isfinite(found_N), known_N)
    apart = np.abs(found_N - expected_N)[known_N].max() / expected_N[known_N].std()
    assert apart <= BOUND
