"""Simulated bars: what is planted is found, nothing else is, and they look like the market."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy.stats import rankdata, spearmanr

from tailproof.bars.simulate import Planting, moments, plant, planted_driver, simulate, simulate_chunks
from tailproof.bars.simulate.block import HOME, SESSIONS, Carry, _moves_within_limit, simulate_block
from tailproof.bars.simulate.planting import MAX_MOVE
from tailproof.core.errors import ConfigError
from tailproof.core.randomness import generator

REAL = Path(__file__).parents[4].parent / "shared" / "data" / "es_1min_2013_2020.csv"
ROWS = 200_000
SEEDS = range(4)


def past_and_next(bars: pl.DataFrame) -> dict[str, np.ndarray]:
    """What a user would compute at bar t, and the return to the next close, both inside the session."""
    session = (pl.col("time").diff() != pl.duration(minutes=1)).fill_null(value=True).cum_sum()
    close = pl.col("close")
    table = bars.with_columns(session=session, driver=planted_driver(bars)).select(
        "driver",
        last=close.pct_change().over("session"),
        momentum_3=close.pct_change(3).over("session"),
        momentum_5=close.pct_change(5).over("session"),
        older=(close.shift(1) - close.shift(5)).over("session"),
        body=close / pl.col("open") - 1,
        gap=close * 3 / (pl.col("high") + pl.col("low") + close) - 1,
        range=(pl.col("high") - pl.col("low")) / close,
        volume="volume",
        vix="vix_close",
        following=(close.shift(-1) / close - 1).over("session"),
    )
    return {name: table.drop_nulls()[name].to_numpy() for name in table.columns}


@cache
def rank_ics(ic: float, *, bounce: float = 0.0, seeds: range = SEEDS, rows: int = ROWS) -> dict[str, np.ndarray]:
    single = [rank_ics_of_one(past_and_next(simulate(rows=rows, ic=ic, seed=seed, bounce=bounce))) for seed in seeds]
    return {name: np.array([ics[name] for ics in single]) for name in single[0]}


def rank_ics_of_one(table: dict[str, np.ndarray]) -> dict[str, float]:
    *features, target = [rankdata(values) for values in table.values()]
    return {name: np.corrcoef(ranks, target)[0, 1] for name, ranks in zip(table, features, strict=False)}


def standard_error(ics: np.ndarray) -> float:
    # Never trust a lucky spread of few seeds: independent returns alone give 1/√rows.
    return max(ics.std(ddof=1), 1 / np.sqrt(ROWS)) / np.sqrt(len(ics))


@pytest.mark.parametrize("ic", [0.0, 0.03, 0.1])
def test_the_driver_has_the_planted_rank_ic(ic):
    ics = rank_ics(ic)["driver"]
    assert abs(ics.mean() - ic) < 4 * standard_error(ics)


def test_nothing_is_found_where_nothing_is_planted():
    for name, ics in rank_ics(0.0).items():
        assert abs(ics.mean()) < 4 * standard_error(ics), name


def test_the_last_return_reversed_earns_next_to_nothing_of_the_planted_signal():
    ics = rank_ics(0.03)
    assert abs(ics["last"].mean()) < 0.003
    assert ics["momentum_5"].mean() < -0.02


def test_a_bounce_shows_as_reversal_of_the_stated_size_and_leaves_the_driver_alone():
    ics = rank_ics(0.03, bounce=0.3)
    planting = plant(0.03, bounce=0.3)
    assert abs(ics["driver"].mean() - 0.03) < 4 * standard_error(ics["driver"])
    assert abs(-ics["last"].mean() - planting.reversal_rank_ic) < 4 * standard_error(ics["last"])


@pytest.mark.slow
@pytest.mark.parametrize("ic", [0.0, 0.01, 0.02, 0.03, 0.05, 0.1])
def test_the_planted_rank_ic_to_three_digits(ic):
    ics = np.array([driver_ic(simulate(rows=1_000_000, ic=ic, seed=seed)) for seed in range(100, 124)])
    assert abs(ics.mean() - ic) < 4 * ics.std(ddof=1) / np.sqrt(len(ics))


def driver_ic(bars: pl.DataFrame) -> float:
    following = (pl.col("close").shift(-1) / pl.col("close") - 1).alias("following")
    inside = pl.col("time").diff().shift(-1) == pl.duration(minutes=1)
    pairs = bars.select(planted_driver(bars), following, inside.alias("inside")).filter("inside")
    return float(pairs.select(pl.corr("planted_driver", "following", method="spearman")).item())


def test_a_ridge_on_the_five_original_features_reaches_most_of_the_planted_ic():
    ridge, driver = np.array([ridge_and_driver_ic(seed) for seed in range(3)]).mean(axis=0)
    assert 0.8 * driver < ridge < 1.1 * driver


def ridge_and_driver_ic(seed: int) -> tuple[float, float]:
    bars = simulate(rows=ROWS, ic=0.1, seed=seed)
    table = past_and_next(bars)
    raw_NF = np.column_stack([table[name] for name in ("last", "momentum_3", "momentum_5", "range", "gap")])
    train, test = slice(0, int(0.8 * len(raw_NF))), slice(int(0.8 * len(raw_NF)), None)
    low_F, middle_F, high_F = np.quantile(raw_NF[train], [0.25, 0.5, 0.75], axis=0)
    x_NF = np.tanh((raw_NF - middle_F) / (3 * (high_F - low_F)))
    y_N = table["following"].argsort().argsort() / len(raw_NF) - 0.5
    weight_F = np.linalg.solve(x_NF[train].T @ x_NF[train] + np.eye(5), x_NF[train].T @ y_N[train])
    ics = [spearmanr(values[test], table["following"][test]).statistic for values in (x_NF @ weight_F, table["driver"])]
    return ics[0], ics[1]


def test_the_zero_share_is_the_one_that_the_planting_is_built_on():
    shares = np.array([moments(simulate(rows=50_000, ic=0.0, seed=seed))["zero_share"] for seed in range(20)])
    assert abs(shares.mean() - plant(0.0).zero_share) < 4 * shares.std(ddof=1) / np.sqrt(len(shares))


def test_bars_look_like_the_market():
    figures = moments(simulate(rows=1_142_809, ic=0.0, seed=0))
    assert 0.15 < figures["zero_share"] < 0.40
    assert 20 < figures["excess_kurtosis"] < 400
    assert 2e-4 < figures["std"] < 4e-4
    assert figures["clustering_1"] > figures["clustering_60"] > figures["clustering_300"] > 0.03
    assert abs(figures["autocorrelation"]) < 0.01


def test_bars_look_like_the_real_ones():
    if not REAL.exists():
        pytest.skip("the real ES bars are not beside this checkout")
    real = moments(pl.read_csv(REAL, try_parse_dates=True).rename({"timestamp": "time"}))
    simulated = moments(simulate(rows=1_142_809, ic=0.0, seed=1))
    assert 0.5 < simulated["std"] / real["std"] < 2
    assert 0.5 < simulated["clustering_1"] / real["clustering_1"] < 2
    assert 0.5 < simulated["excess_kurtosis"] / real["excess_kurtosis"] < 5


def test_volatility_and_volume_follow_the_day_and_vix_follows_both():
    bars = simulate(rows=600_000, ic=0.0, seed=3).with_columns(
        hour=pl.col("time").dt.convert_time_zone("America/New_York").dt.hour(),
        minute=pl.col("time").dt.convert_time_zone("America/New_York").dt.minute(),
        move=pl.col("close").log().diff(),
        vix_move=pl.col("vix_close").log().diff(),
    )
    opening = bars.filter((pl.col("hour") == 9) & (pl.col("minute") >= 30))
    noon, night = (bars.filter(pl.col("hour") == hour) for hour in (12, 1))
    for column in (pl.col("move").abs().mean(), pl.col("volume").mean()):
        assert opening.select(column).item() > noon.select(column).item() > night.select(column).item()
    assert bars.select(pl.corr("move", "vix_move")).item() < -0.4
    days = bars.group_by(pl.col("time").dt.date()).agg(pl.col("move").abs().mean(), pl.col("vix_close").mean())
    assert days.select(pl.corr("move", "vix_close", method="spearman")).item() > 0.4


@pytest.mark.parametrize("bounce", [0.0, 0.5])
def test_prices_are_on_the_tick_and_inside_their_bar(bounce):
    bars = simulate(rows=200_000, ic=0.03, seed=5, bounce=bounce)
    prices = bars.select("open", "high", "low", "close").to_numpy()
    assert np.array_equal(prices * 4, np.rint(prices * 4))
    assert (bars["low"] <= bars.select(pl.min_horizontal("open", "close")).to_series()).all()
    assert (bars["high"] >= bars.select(pl.max_horizontal("open", "close")).to_series()).all()
    assert bars["low"].min() > 0
    assert bars["volume"].min() >= 1
    assert bars["vix_close"].is_between(5, 150).all()
    assert bars.null_count().sum_horizontal().item() == 0


def test_a_session_that_runs_off_the_limit_is_calmed():
    size_MS = np.full((1380, SESSIONS), MAX_MOVE)
    always_up_MS = np.full((1380, SESSIONS), -1.0)
    clean_MS, used_MS = _moves_within_limit(size_MS, np.zeros_like(size_MS), always_up_MS, tilt=0.0)
    assert np.abs(clean_MS).max() < 0.5 * HOME
    assert (used_MS[0] >= 1).all()


def test_the_driver_from_the_bars_is_the_one_the_signs_were_drawn_with():
    # A tilt of 1 leaves nothing to chance: each move that is not 0 goes where the driver points.
    planting = Planting(rank_ic=0.0, bounce=0.4, tilt=1.0, zero_share=0.0, reversal_rank_ic=0.0)
    block = simulate_block(generator(0, "test"), planting, Carry())
    minute_M1 = np.arange(1380)[:, None]
    time_MS = minute_M1 + np.arange(SESSIONS) * 1440
    frame = pl.DataFrame(
        {
            "time": pl.from_epoch(pl.Series(time_MS.T.ravel() * 60), time_unit="s"),
            "open": block.open.T.ravel() / 4,
            "close": block.close.T.ravel() / 4,
        }
    )
    driver_MS = planted_driver(frame).to_numpy().reshape(SESSIONS, 1380).T
    # The bounce hides a move of the clean close by at most two ticks.
    change_MS = np.diff(block.close, axis=0)
    shown_MS = np.abs(change_MS) > 2
    assert shown_MS.mean() > 0.1
    assert np.array_equal(np.sign(change_MS)[shown_MS], driver_MS[:-1][shown_MS])


def test_the_driver_of_a_bar_needs_no_later_bar():
    bars = simulate(rows=5000, ic=0.03, seed=2)
    whole = planted_driver(bars)
    for rows in (1, 6, 1379, 1380, 1381, 3333):
        assert planted_driver(bars.head(rows)).equals(whole.head(rows))


@settings(max_examples=10)
@given(chunk_rows=st.integers(1000, 200_000), rows=st.integers(1, 120_000))
def test_rows_do_not_depend_on_the_chunks(chunk_rows, rows):
    chunks = list(simulate_chunks(rows=rows, ic=0.02, seed=4, chunk_rows=chunk_rows))
    assert [len(chunk) for chunk in chunks[:-1]] == [chunk_rows] * (len(chunks) - 1)
    whole = simulate(rows=120_000, ic=0.02, seed=4, start=date(2015, 1, 5))
    assert_frame_equal(pl.concat(chunks), whole.head(rows))


def test_seeds_differ_and_repeat():
    first, again, other = (simulate(rows=3000, ic=0.0, seed=seed) for seed in (0, 0, 1))
    assert first.equals(again)
    assert not first["close"].equals(other["close"])


def test_the_signal_changes_signs_of_moves_and_no_sizes():
    sizes = [simulate(rows=3000, ic=ic, seed=0)["volume"] for ic in (0.0, 0.1)]
    assert sizes[0].equals(sizes[1])


@pytest.mark.parametrize(
    ("settings_", "words"),
    [
        ({"ic": -0.01}, "ic must lie in"),
        ({"ic": 0.21}, "ic must lie in"),
        ({"ic": float("nan")}, "ic must lie in"),
        ({"bounce": 1.5}, "bounce is the share"),
        ({"rows": 0, "seed": -1}, "rows must be at least 1.*seed must be at least 0"),
    ],
)
def test_settings_out_of_range_are_named(settings_, words):
    with pytest.raises(ConfigError, match=words):
        simulate(**{"rows": 10, "ic": 0.0, "seed": 0} | settings_)


def test_faults_show_before_the_first_chunk_is_asked_for():
    with pytest.raises(ConfigError):
        simulate_chunks(rows=10, ic=1.0, seed=0)


def test_more_minutes_than_the_calendar_holds_are_refused() -> None:
    with pytest.raises(ConfigError, match="rows must be at most 100,000,000"):
        simulate(rows=10**20)
