import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.core.errors import ConfigError
from tailproof.features import CATALOGUE, compute, select_features
from tailproof.features.catalogue import BASE, named
from tailproof.features.clock import FAMILY as CLOCK
from tailproof.features.longer_bars import lengthen

FRAME = random_bar_frame(900, seed=2, breaks=(300, 600))
BARS = bars_of(FRAME)


def values(name: str) -> np.ndarray:
    return compute(BARS, [CATALOGUE[name]])[name].to_numpy()


def test_a_longer_bar_is_seen_only_once_complete() -> None:
    longer = lengthen(BARS, 5)
    known_at = BARS.frame["known_at"]
    for row in range(900):
        last = longer.last_complete[row]
        if last is not None:
            ends = longer.bars.frame["time"][last] + longer.bars.bar_length
            assert ends <= known_at[row]
            assert longer.bars.frame["segment"][last] == BARS.frame["segment"][row]
    assert longer.last_complete.drop_nulls().n_unique() > 150


def test_a_five_bar_return_is_that_of_completed_five_minute_bars() -> None:
    # 14:30 starts the session, so bars 0-4 and 5-9 make the first two five-minute bars.
    close_N = FRAME["close"].to_numpy()
    found_N = values("close_change_pct_x5")
    assert np.isnan(found_N[:9]).all()
    np.testing.assert_allclose(found_N[9:14], close_N[9] / close_N[4] - 1.0, rtol=1e-12)
    np.testing.assert_allclose(found_N[14], close_N[14] / close_N[9] - 1.0, rtol=1e-12)


def test_longer_bars_hold_all_volume_and_the_extremes() -> None:
    frame = lengthen(BARS, 15).bars.frame
    assert frame["volume"].sum() == FRAME["volume"].sum()
    assert frame["high"].max() == FRAME["high"].max()
    assert frame["low"].min() == FRAME["low"].min()


def test_session_momentum_adds_what_happened_inside_three_sessions() -> None:
    frame = random_bar_frame(400, seed=4, breaks=(100, 200, 300))
    values = compute(bars_of(frame), [CATALOGUE["price_mom_3s"]])["price_mom_3s"]
    close_N, open_N = frame["close"].to_numpy(), frame["open"].to_numpy()
    inside = np.prod([close_N[stop - 1] / open_N[start] for start, stop in ((0, 100), (100, 200), (200, 300))])
    assert values[:300].null_count() == 300
    np.testing.assert_allclose(values[350], inside * close_N[350] / open_N[300] - 1.0, rtol=1e-9)


def test_volume_against_the_same_minute_of_ten_earlier_sessions() -> None:
    """Fifteen days of the same hour."""
    days = [random_bar_frame(60, seed=day).with_columns(pl.col("time") + pl.duration(days=day)) for day in range(15)]
    frame = pl.concat(days)
    values = compute(bars_of(frame), [CATALOGUE["volume_to_minute_10s"]])["volume_to_minute_10s"]
    assert values[:600].null_count() == 600
    volume_DM = frame["volume"].to_numpy().reshape(15, 60)
    expected = np.log((volume_DM[12, 7] + 1.0) / (volume_DM[2:12, 7].mean() + 1.0))
    np.testing.assert_allclose(values[12 * 60 + 7], expected, rtol=1e-12)


def test_a_minute_that_is_seldom_there_has_no_usual_volume() -> None:
    """The tenth bar before lies twenty sessions back on days 20 and 22, and twenty-one on day 25."""
    days = [random_bar_frame(9, seed=day).with_columns(pl.col("time") + pl.duration(days=day)) for day in range(26)]
    there = {*range(0, 24, 2), 25}
    frame = pl.concat([day if number in there else day[[0, 1, 2, 3, 5, 6, 7, 8]] for number, day in enumerate(days)])
    values = compute(bars_of(frame), [CATALOGUE["volume_to_minute_10s"]])["volume_to_minute_10s"]
    known = values.filter(frame["time"].dt.minute() == 34).is_not_null()
    assert known.to_list() == [False] * 10 + [True, True, False]


def test_session_vwap_starts_anew_after_a_break() -> None:
    typical_N = ((FRAME["high"] + FRAME["low"] + FRAME["close"]) / 3.0).to_numpy()
    volume_N = FRAME["volume"].to_numpy()
    expected = (typical_N[300:420] * volume_N[300:420]).sum() / volume_N[300:420].sum()
    np.testing.assert_allclose(values("vwap_session")[419], expected, rtol=1e-12)


def test_the_clock_is_that_of_new_york_when_the_bar_is_complete() -> None:
    """The first bar starts 9:30 New York (14:30 UTC in winter), so it is complete one minute after the open."""
    assert values("minutes_since_open")[0] == 1.0
    assert values("minutes_to_close")[0] == 389.0
    assert values("opening_half_hour")[[0, 29, 30]].tolist() == [1.0, 1.0, 0.0]


def test_sessions_as_bars_are_chained_over_the_gaps_and_seen_when_over() -> None:
    frame = random_bar_frame(400, seed=4, breaks=(100, 200, 300)).with_columns(
        pl.col("open", "high", "low", "close") * pl.Series(np.repeat([1.0, 1.5, 0.7, 1.1], 100))
    )
    names = ["close_change_pct_x1s", "price_range_x1s", "signed_volume_5_x1s", "price_mom_3d_x1s"]
    bars = bars_of(frame)
    values = compute(bars, select_features(bars, names).features)
    open_N, high_N, low_N, close_N = (frame[name].to_numpy() for name in ("open", "high", "low", "close"))
    growth_S = [close_N[stop - 1] / open_N[stop - 100] for stop in (100, 200, 300, 400)]
    assert values["close_change_pct_x1s"][:200].null_count() == 200
    np.testing.assert_allclose(values["close_change_pct_x1s"][200:300], growth_S[1] - 1.0, rtol=1e-12)
    np.testing.assert_allclose(values["close_change_pct_x1s"][300:], growth_S[2] - 1.0, rtol=1e-12)
    height = (high_N[200:300].max() - low_N[200:300].min()) / close_N[299]
    np.testing.assert_allclose(values["price_range_x1s"][300:], height, rtol=1e-12)
    assert values["price_mom_3d_x1s"].null_count() == 400


def test_any_feature_can_be_had_on_longer_bars_by_its_name() -> None:
    # Bars 0-29 and 30-59 make the first two bars of half an hour.
    values = compute(BARS, select_features(BARS, ["close_change_pct_x30"]).features).to_series()
    close_N = FRAME["close"].to_numpy()
    np.testing.assert_allclose(values[59:89], close_N[59] / close_N[29] - 1.0, rtol=1e-12)
    assert values[:59].null_count() == 59


@pytest.mark.parametrize("times", ["5", "15", "60", "1s"])
def test_every_family_but_the_clock_can_be_had_on_longer_bars(times: str) -> None:
    """At least one feature of each family can be had, and on minutes all of them."""
    families = {feature.family for feature in BASE.values()} - {CLOCK}
    lifted = set()
    for name, feature in BASE.items():
        try:
            longer = named(f"{name}_x{times}")
        except ConfigError:
            assert times == "1s"
            continue
        assert (longer is None) == (feature.family == CLOCK), name
        lifted.add(feature.family)
    assert lifted - {CLOCK} == families


def test_a_price_level_cannot_be_had_on_sessions() -> None:
    with pytest.raises(ConfigError, match="'atr_14_x1s': only what neither depends on the price level"):
        select_features(BARS, ["atr_14_x1s"])


def test_a_feature_that_is_not_there_is_not_there_on_longer_bars_either() -> None:
    with pytest.raises(ConfigError, match="NAME_x30 is NAME on bars 30 times as long"):
        select_features(BARS, ["rsi_41_x5"])
