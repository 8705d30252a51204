"""Features against numbers that others printed; where the catalogue has another window than they, their twin."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from tests.reference import published
from tests.reference.twins.catalogue import twin_values
from tests.reference.twins.columns import columns_of
from tests.support.bars import bars_of, random_bar_frame

from tailproof.core.records import Bars
from tailproof.features import CATALOGUE, compute

OHLCV = ("open", "high", "low", "close", "volume")
CLOSE_N = published.TA_LIB_OHLCV[:, 3]
UPPER, MIDDLE, LOWER = published.BBANDS_20[19]
MACD_LINE, MACD_SIGNAL = published.MACD[33]


def bars_with(columns: Sequence[str], values_NC: np.ndarray) -> Bars:
    frame = random_bar_frame(len(values_NC))
    return bars_of(frame.with_columns(pl.Series(name, values_NC[:, place]) for place, name in enumerate(columns)))


def of_closes(close_N: Sequence[float]) -> Bars:
    return bars_with(OHLCV[:4], np.tile(np.array(close_N)[:, None], 4))


TA_LIB = bars_with(OHLCV, published.TA_LIB_OHLCV)


def values(name: str, bars: Bars) -> np.ndarray:
    return compute(bars, [CATALOGUE[name]])[name].to_numpy()


@pytest.mark.parametrize(
    ("name", "first", "expected", "digits"),
    [
        ("rsi_14", 14, published.RSI_14, 2),
        ("atr_14", 14, published.ATR_14, 3),
        ("natr_14", 14, {row: 100.0 * value / CLOSE_N[row] for row, value in published.ATR_14.items()}, 2),
        ("mfi_14", 14, published.MFI_14, 4),
        ("bbands_position_20", 19, {19: (CLOSE_N[19] - MIDDLE) / (UPPER - MIDDLE)}, 4),
        ("bbands_width_20", 19, {19: (UPPER - LOWER) / MIDDLE}, 4),
        ("macd", 25, {33: MACD_LINE / CLOSE_N[33]}, 6),
        ("macd_hist", 33, {33: (MACD_LINE - MACD_SIGNAL) / CLOSE_N[33]}, 6),
    ],
)
def test_ta_lib(name: str, first: int, expected: dict[int, float], digits: int) -> None:
    found_N = values(name, TA_LIB)
    assert np.flatnonzero(np.isfinite(found_N))[0] == first
    for row, value in expected.items():
        assert found_N[row] == pytest.approx(value, abs=10.0**-digits)


def test_accumulation_and_distribution_of_ta_lib() -> None:
    found_N = np.cumsum(values("close_location", TA_LIB) * published.TA_LIB_OHLCV[:, 4])
    for row, value in published.AD.items():
        assert found_N[row] == pytest.approx(value, abs=0.01)


def test_rate_of_change_of_ta_lib() -> None:
    found_N = 100.0 * twin_values("rocp_14", columns_of(TA_LIB))
    for row, value in published.ROC_14.items():
        assert found_N[row] == pytest.approx(value, abs=0.006)


def test_rsi_of_stockcharts() -> None:
    found_N = values("rsi_14", of_closes(published.QQQQ))
    for row, value in published.QQQQ_RSI_14.items():
        assert found_N[row] == pytest.approx(value, abs=0.006)


def test_efficiency_ratio_of_stockcharts() -> None:
    """Theirs has no sign; with ten bars the catalogue calls it by its Alpha158 name."""
    found_N = np.abs(values("sumd_10", of_closes(published.KAUFMAN)))
    for row, value in published.EFFICIENCY_10.items():
        assert found_N[row] == pytest.approx(value, abs=6e-7)


def test_money_flow_multiplier_of_stockcharts() -> None:
    sheet_NC = np.array(published.MULTIPLIER)
    found_N = values("close_location", bars_with(("high", "low", "close", "open"), sheet_NC[:, [0, 1, 2, 2]]))
    np.testing.assert_allclose(found_N, sheet_NC[:, 3], atol=6e-5)
