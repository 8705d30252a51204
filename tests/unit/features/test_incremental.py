from functools import cache

import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame
from tests.worlds.eventful_bars import eventful_bars

from tailproof.core.errors import ConfigError
from tailproof.core.records import Bars
from tailproof.features import CATALOGUE, compute
from tailproof.features.incremental import BOUND, history_needed, latest
from tailproof.features.own import feature_of

FEATURES = tuple(CATALOGUE.values())
FRAME = random_bar_frame(2600, seed=5, breaks=(150, 800, 1100, 1500))


@cache
def batch() -> pl.DataFrame:
    return compute(eventful_bars(), FEATURES)


def newest_rows() -> list[int]:
    """The first rows of all, of sessions and of stretches after pauses, the next ones, and any; the last of all."""
    frame = eventful_bars().frame
    starts = [frame[mark].search_sorted(frame[mark][-1] - back) for mark, back in (("session", 2), ("segment", 6))]
    edges = [row + after for row in starts for after in (0, 1, 5)]
    return [0, 1, 40, *edges, *np.random.default_rng(0).integers(2000, len(frame), 4).tolist(), len(frame) - 1]


@pytest.mark.parametrize("row", newest_rows())
def test_the_newest_bar_alone_equals_the_batch_within_the_bound(row: int) -> None:
    """Every feature of the catalogue; the batch was computed with all later bars."""
    whole = eventful_bars()
    bars = Bars(frame=whole.frame.head(row + 1), bar_length=whole.bar_length, source=whole.source)
    newest = latest(bars, FEATURES)
    assert newest.columns == list(CATALOGUE)
    for name in newest.columns:
        value, other = batch()[name][row], newest[name][0]
        assert (value is None) == (other is None), name
        if value is not None:
            assert abs(value - other) <= BOUND * max(float(batch()[name].std()), abs(value)), name


def test_every_feature_is_known_at_some_newest_row() -> None:
    known = batch()[newest_rows()].select(pl.all().is_not_null().any())
    assert [name for name in known.columns if not known[name][0]] == []


def test_shifts_alone_are_equal_to_the_bit() -> None:
    bars = bars_of(FRAME)
    exact = [CATALOGUE[name] for name in ("close_change_pct", "price_mom_5d", "price_range", "kmid2", "rsv_20")]
    assert latest(bars, exact).row(0) == compute(bars, exact).row(-1)


def test_the_default_preset_needs_few_bars() -> None:
    default = [CATALOGUE[name] for name in ("close_change_pct", "volatility_20", "vwap_gap")]
    assert history_needed(bars_of(FRAME), default) == 21


def test_an_undeclared_look_back_cannot_be_streamed() -> None:
    def mine(frame: pl.DataFrame) -> pl.Expr:
        return pl.col("close").diff()

    with pytest.raises(ConfigError, match="mine: how far back it reads must be declared"):
        latest(bars_of(FRAME), [feature_of(mine)])


def test_wrong_history_would_be_seen() -> None:
    """The bound is not so wide that half the history would pass."""
    bars = bars_of(FRAME)
    feature = CATALOGUE["rsi_14"]
    short = Bars(frame=bars.frame.tail(40), bar_length=bars.bar_length, source=bars.source)
    values_N = compute(bars, [feature])["rsi_14"].drop_nulls().to_numpy()
    apart = abs(compute(short, [feature])["rsi_14"][-1] - values_N[-1])
    assert apart > BOUND * max(float(np.std(values_N)), abs(values_N[-1]))
