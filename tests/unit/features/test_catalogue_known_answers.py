"""Features on bars made so that their answer is known from theory or by hand."""

import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.features import CATALOGUE, compute


def values(name: str, frame: pl.DataFrame) -> np.ndarray:
    return compute(bars_of(frame), [CATALOGUE[name]])[name].to_numpy()


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
