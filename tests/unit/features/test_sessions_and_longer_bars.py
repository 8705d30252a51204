import numpy as np
import polars as pl
from conftest import bars_of, random_bar_frame

from tailproof.features import CATALOGUE, compute
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
    found = compute(bars_of(frame), [CATALOGUE["price_mom_3s"]])["price_mom_3s"]
    close_N, open_N = frame["close"].to_numpy(), frame["open"].to_numpy()
    inside = np.prod([close_N[stop - 1] / open_N[start] for start, stop in ((0, 100), (100, 200), (200, 300))])
    assert found[:300].null_count() == 300
    np.testing.assert_allclose(found[350], inside * close_N[350] / open_N[300] - 1.0, rtol=1e-9)


def test_volume_against_the_same_minute_of_ten_earlier_sessions() -> None:
    """Fifteen days of the same hour."""
    days = [random_bar_frame(60, seed=day).with_columns(pl.col("time") + pl.duration(days=day)) for day in range(15)]
    frame = pl.concat(days)
    found = compute(bars_of(frame), [CATALOGUE["volume_to_minute_10s"]])["volume_to_minute_10s"]
    assert found[:600].null_count() == 600
    volume_DM = frame["volume"].to_numpy().reshape(15, 60)
    expected = np.log((volume_DM[12, 7] + 1.0) / (volume_DM[2:12, 7].mean() + 1.0))
    np.testing.assert_allclose(found[12 * 60 + 7], expected, rtol=1e-12)


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
