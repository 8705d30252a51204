"""Families computed a second time, by plain loops written from the publications they name."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from conftest import bars_of, random_bar_frame
from reference import talib_twins as talib
from reference import volatility_twins as volatility

from tailproof.features import CATALOGUE, compute

FRAME = random_bar_frame(500, seed=8).with_columns(volume=pl.col("volume") + 1.0)
OPEN, HIGH, LOW, CLOSE, VOLUME = (FRAME[name].to_numpy() for name in ("open", "high", "low", "close", "volume"))

# QQQQ, 14 December 2009 to 1 February 2010, and its 14-day RSI: the worked example of StockCharts' ChartSchool.
QQQQ = (
    44.34, 44.09, 44.15, 43.61, 44.33, 44.83, 45.10, 45.42, 45.84, 46.08, 45.89, 46.03, 45.61, 46.28, 46.28, 46.00,
    46.03, 46.41, 46.22, 45.64, 46.21, 46.25, 45.71, 46.45, 45.78, 45.35, 44.03, 44.18, 44.22, 44.57, 43.42, 42.66,
    43.13,
)  # fmt: skip
RSI = (
    70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38, 54.71, 50.42, 39.99, 41.46, 41.87, 45.46,
    37.30, 33.08, 37.77,
)  # fmt: skip


def values(name: str, frame: pl.DataFrame = FRAME) -> np.ndarray:
    return compute(bars_of(frame), [CATALOGUE[name]])[name].to_numpy()


TA_LIB: dict[str, Callable[[], np.ndarray]] = {
    "rsi_14": lambda: talib.rsi(CLOSE, 14),
    "rsi_6": lambda: talib.rsi(CLOSE, 6),
    "macd": lambda: talib.macd(CLOSE) / CLOSE,
    "atr_14": lambda: talib.atr(HIGH, LOW, CLOSE, 14),
    "natr_14": lambda: 100.0 * talib.atr(HIGH, LOW, CLOSE, 14) / CLOSE,
    "bbands_position_20": lambda: talib.bollinger_position(CLOSE, 20),
    "mfi_14": lambda: talib.money_flow_index(HIGH, LOW, CLOSE, VOLUME, 14),
    "rocp_10": lambda: talib.rocp(CLOSE, 10),
    "rsv_20": lambda: talib.fast_k(HIGH, LOW, CLOSE, 20),
}


@pytest.mark.parametrize("name", TA_LIB)
def test_ta_lib_by_a_plain_twin(name: str) -> None:
    expected_N = TA_LIB[name]()
    np.testing.assert_allclose(values(name), expected_N, rtol=1e-7, atol=1e-10)
    assert np.isfinite(expected_N).sum() > 400


def test_the_worked_example_of_rsi() -> None:
    close_N = np.array(QQQQ)
    frame = random_bar_frame(len(QQQQ)).with_columns(
        *(pl.Series(name, close_N) for name in ("open", "high", "low", "close"))
    )
    # The closes are published to the cent, the RSI was computed from more digits.
    np.testing.assert_allclose(values("rsi_14", frame)[14:], RSI, atol=0.15)


@pytest.mark.parametrize("name", ["parkinson", "garman_klass", "rogers_satchell", "yang_zhang"])
@pytest.mark.parametrize("bars", [20, 60])
def test_range_estimators_by_a_plain_twin(name: str, bars: int) -> None:
    expected = getattr(volatility, name)(OPEN, HIGH, LOW, CLOSE, bars)
    assert values(f"{name}_{bars}")[-1] == pytest.approx(expected, rel=1e-6)


def test_range_estimators_find_the_volatility_of_a_random_walk() -> None:
    """Bars of 200 steps each: every estimator gives the volatility of a bar, less what a finite path does not show."""
    rng = np.random.default_rng(0)
    bars, steps, sigma = 4000, 200, 1e-3
    path = np.cumsum(rng.standard_normal(bars * steps) * sigma / np.sqrt(steps)).reshape(bars, steps)
    start = np.r_[0.0, path[:-1, -1]]
    whole = np.hstack([start[:, None], path])
    log = {"open": start, "high": whole.max(axis=1), "low": whole.min(axis=1), "close": path[:, -1]}
    frame = random_bar_frame(bars).with_columns(pl.Series(name, 1000.0 * np.exp(each)) for name, each in log.items())
    for name in ("realised", "parkinson", "garman_klass", "rogers_satchell", "yang_zhang"):
        mean_square = np.nanmean(values(f"{name}_60", frame) ** 2)
        assert np.sqrt(mean_square) == pytest.approx(sigma, rel=0.12), name


def test_autocorrelation_and_variance_ratio_of_an_autoregression() -> None:
    """Returns with autocorrelation 0.3: VR(2) = 1 + 0.3, and the sample autocorrelation is near 0.3."""
    rng = np.random.default_rng(1)
    return_N = np.zeros(6000)
    noise_N = rng.standard_normal(6000) * 1e-4
    for row in range(1, 6000):
        return_N[row] = 0.3 * return_N[row - 1] + noise_N[row]
    price_N = 1000.0 * np.exp(np.cumsum(return_N))
    frame = random_bar_frame(6000).with_columns(pl.Series(name, price_N) for name in ("open", "high", "low", "close"))
    assert np.nanmean(values("autocorr_1_60", frame)) == pytest.approx(0.3, abs=0.05)
    assert np.nanmean(values("variance_ratio_2_60", frame)) == pytest.approx(1.3, abs=0.05)


def test_autocorrelation_by_numpy() -> None:
    return_N = np.r_[np.nan, CLOSE[1:] / CLOSE[:-1] - 1.0]
    now_N, before_N = return_N[-60:], return_N[-61:-1]
    assert values("autocorr_1_60")[-1] == pytest.approx(np.corrcoef(now_N, before_N)[0, 1], rel=1e-6)


def test_slope_by_numpy() -> None:
    slope = np.polyfit(np.arange(20), CLOSE[-20:], 1)[0]
    assert values("beta_20")[-1] == pytest.approx(slope / CLOSE[-1], rel=1e-6)


def test_roll_spread_of_a_bouncing_price() -> None:
    """A constant value quoted at +-half a spread of 2e-4: Roll (1984) gives the spread back."""
    side_N = np.random.default_rng(2).choice([-1.0, 1.0], 6000)
    price_N = 1000.0 * (1.0 + 1e-4 * side_N)
    frame = random_bar_frame(6000).with_columns(pl.Series(name, price_N) for name in ("open", "high", "low", "close"))
    assert np.nanmean(values("roll_spread_60", frame)) == pytest.approx(2e-4, rel=0.05)


def test_run_length_by_hand() -> None:
    close_N = np.array([10.0, 11.0, 12.0, 12.0, 11.0, 10.0, 9.0, 10.0])
    frame = random_bar_frame(8).with_columns(pl.Series(name, close_N) for name in ("open", "high", "low", "close"))
    assert values("run_length", frame).tolist()[1:] == [1.0, 2.0, 0.0, -1.0, -2.0, -3.0, 1.0]
