"""A feature of row t is the same when every later bar is gone, and when every later bar is something else."""

import numpy as np
import polars as pl
import pytest
from conftest import bars_of, random_bar_frame
from hypothesis import given, settings
from hypothesis import strategies as st

from tailproof.core.records import Bars
from tailproof.features import CATALOGUE, compute

ROWS = 160
NUMBERS = ("open", "high", "low", "close", "volume", "vix_close")


def later_bars_replaced(bars: Bars, kept: int, seed: int) -> Bars:
    """Every number after the first ``kept`` bars is drawn anew; times stay."""
    rng = np.random.default_rng(seed)
    later = pl.int_range(pl.len()) >= kept
    noise = [
        pl.when(later).then(pl.Series(rng.uniform(1.0, 2000.0, ROWS))).otherwise(name).alias(name) for name in NUMBERS
    ]
    return Bars(frame=bars.frame.with_columns(noise), bar_length=bars.bar_length, source=bars.source)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
@settings(max_examples=20, deadline=None)
@given(kept=st.integers(1, ROWS - 1), seed=st.integers(0, 1000), break_at=st.integers(1, ROWS - 1))
def test_no_feature_sees_a_later_bar(name: str, kept: int, seed: int, break_at: int) -> None:
    bars = bars_of(random_bar_frame(ROWS, seed=seed, breaks=(break_at,)))
    feature = CATALOGUE[name]
    whole_N = compute(bars, [feature])[name][:kept]
    prefix = Bars(frame=bars.frame.head(kept), bar_length=bars.bar_length, source=bars.source)
    # A shorter column may take another path through the vector unit, which moves the last bit.
    np.testing.assert_allclose(compute(prefix, [feature])[name], whole_N, rtol=1e-12)
    assert compute(later_bars_replaced(bars, kept, seed), [feature])[name][:kept].equals(whole_N, null_equal=True)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_no_feature_needs_more_history_than_it_declares(name: str) -> None:
    bars = bars_of(random_bar_frame(ROWS))
    feature = CATALOGUE[name]
    start = 100 - feature.look_back
    shortened = Bars(frame=bars.frame[start:], bar_length=bars.bar_length, source=bars.source)
    np.testing.assert_allclose(
        compute(shortened, [feature])[name][feature.look_back], compute(bars, [feature])[name][100], rtol=1e-9
    )
