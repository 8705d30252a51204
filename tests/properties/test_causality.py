"""A feature of row t is the same when every later bar is gone, and when every later bar is something else.

The comparison is written out here a second time, without the audit: a mistake in the one would not be in the other.
"""

import contextlib

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.bars import bars_of, random_bar_frame

from tailproof.audit import Auditor
from tailproof.audit.start_up import start_up_findings
from tailproof.bars.load import bars_from_frame
from tailproof.bars.simulate import simulate
from tailproof.core.errors import ConfigError
from tailproof.core.records import Bars
from tailproof.features import CATALOGUE, compute
from tailproof.features.catalogue import BASE, named

ROWS = 700
NUMBERS = ("open", "high", "low", "close", "volume", "vix_close", "vix_close_age_hours")
FEATURES = tuple(CATALOGUE.values())


def catalogue_bars(seed: int, breaks: tuple[int, ...]) -> Bars:
    frame = random_bar_frame(ROWS, seed=seed, breaks=breaks)
    return bars_of(frame.with_columns(vix_close_age_hours=pl.int_range(pl.len()) % 60 / 60.0))


def later_bars_replaced(bars: Bars, shown_rows: int, seed: int) -> Bars:
    """Every number after the first ``shown_rows`` bars is drawn anew; times stay."""
    rng = np.random.default_rng(seed)
    later = pl.int_range(pl.len()) >= shown_rows
    noise = [
        pl.when(later).then(pl.Series(rng.uniform(1.0, 2000.0, ROWS))).otherwise(name).alias(name) for name in NUMBERS
    ]
    return Bars(frame=bars.frame.with_columns(noise), bar_length=bars.bar_length, source=bars.source)


def differing(first: pl.DataFrame, second: pl.DataFrame) -> list[str]:
    return [name for name in first.columns if not first[name].equals(second[name], null_equal=True)]


@settings(max_examples=25)
@given(
    kept=st.integers(1, ROWS - 1),
    seed=st.integers(0, 1000),
    breaks=st.lists(st.integers(1, ROWS - 1), max_size=14, unique=True).map(tuple),
)
def test_no_feature_of_the_catalogue_sees_a_later_bar(kept: int, seed: int, breaks: tuple[int, ...]) -> None:
    bars = catalogue_bars(seed, breaks)
    whole = compute(bars, FEATURES).head(kept)
    prefix = Bars(frame=bars.frame.head(kept), bar_length=bars.bar_length, source=bars.source)
    assert differing(compute(prefix, FEATURES), whole) == []
    assert differing(compute(later_bars_replaced(bars, kept, seed), FEATURES).head(kept), whole) == []


def simulated(rows: int) -> Bars:
    frame = simulate(rows=rows, ic=0.02, seed=1).with_columns(pl.col("volume").cast(pl.Float64))
    aged = frame.with_columns(vix_close_age_hours=pl.int_range(pl.len()) % 60 / 60.0)
    return bars_from_frame(aged.with_row_index("line", offset=2), source="simulated bars")


def test_the_catalogue_passes_the_audit() -> None:
    """Thirty sessions of simulated minutes: prefix and start-up, whole sessions of look-back included."""
    auditor = Auditor(simulated(30 * 1380), np.random.default_rng(0))
    auditor.features(FEATURES, cuts=8, rows=4)
    report = auditor.report()
    assert [finding.sentence() for finding in report.findings] == []
    assert report.measured == {}
    assert report.tried["features"] == len(CATALOGUE)


RECURSIVE = ("ewma_volatility", "rsi_14", "atr_14", "macd", "macd_hist")


def test_a_declared_look_back_has_forgotten_a_crash() -> None:
    """One bar falls by 2 %, seventy times what others move, right before the history that a row may read."""
    frame = random_bar_frame(ROWS, seed=4)
    fallen = pl.when(pl.int_range(pl.len()) >= 100).then(0.98).otherwise(1.0)
    features = [CATALOGUE[name] for name in RECURSIVE]
    for feature in features:
        assert feature.look_back is not None
        crashed = bars_of(
            frame.with_columns(pl.col("open", "high", "low", "close") * fallen).head(102 + feature.look_back)
        )
        findings, _, _ = start_up_findings(crashed, [feature], rows=6, random=_LastRows(len(crashed)))
        assert [finding.sentence() for finding in findings] == []


@pytest.mark.parametrize("name", ["rsi_6", "rsi_14"])
@pytest.mark.parametrize("calm", [0.0, 0.02])
def test_a_declared_look_back_has_forgotten_the_storm_before_a_calm(name: str, calm: float) -> None:
    """A ratio of averages that have both nearly forgotten: prices rest, or move a fiftieth of what they did before."""
    feature = CATALOGUE[name]
    assert feature.look_back is not None
    price_N = random_bar_frame(103 + feature.look_back, seed=5)["close"].to_numpy()
    price_N = np.r_[price_N[:102], price_N[101] + calm * (price_N[102:] - price_N[101])]
    bars = bars_of(
        random_bar_frame(len(price_N), seed=5).with_columns(
            pl.Series(column, price_N) for column in ("open", "high", "low", "close")
        )
    )
    findings, _, _ = start_up_findings(bars, [feature], rows=6, random=_LastRows(len(bars)))
    assert [finding.sentence() for finding in findings] == []


class _LastRows(np.random.Generator):
    """Draws the last rows, those whose history begins right after the crash."""

    def __init__(self, rows: int) -> None:
        super().__init__(np.random.PCG64(0))
        self.rows = rows

    def integers(self, *args: object, size: int, **kwargs: object) -> np.ndarray:  # type: ignore[override]
        return np.arange(self.rows - size, self.rows)


@pytest.mark.slow
@pytest.mark.parametrize("times", ["x7", "x15", "x1s"])
def test_what_can_be_had_on_longer_bars_passes_the_audit(times: str) -> None:
    features = []
    for name in BASE:
        with contextlib.suppress(ConfigError):
            features += [feature for feature in [named(f"{name}_{times}")] if feature is not None]
    auditor = Auditor(simulated(90 * 1380), np.random.default_rng(0))
    auditor.features(features, cuts=8, rows=3)
    assert [finding.sentence() for finding in auditor.report().findings] == []
    assert len(features) > 90


def test_every_feature_is_known_somewhere_and_always_finite() -> None:
    table = compute(simulated(30 * 1380), FEATURES)
    known = {name: table[name].count() for name in table.columns}
    assert [name for name, count in known.items() if count < 0.3 * table.height] == []
    assert [name for name in table.columns if not table[name].drop_nulls().is_finite().all()] == []


def test_bars_that_never_move_give_finite_features() -> None:
    still = random_bar_frame(400).with_columns(
        *(pl.lit(1000.0).alias(name) for name in ("open", "high", "low", "close")),
        volume=pl.int_range(pl.len()).mod(2).cast(pl.Float64),
        vix_close=pl.lit(15.0),
        vix_close_age_hours=pl.lit(0.0),
    )
    table = compute(bars_of(still), FEATURES)
    assert [name for name in table.columns if not table[name].drop_nulls().is_finite().all()] == []
