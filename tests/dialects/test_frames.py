"""Frames of pandas as people have them, each read to the truth that it was made from."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from tailproof.bars import load_bars
from tailproof.core.errors import DataError
from tests.dialects.other_forms import in_digits
from tests.dialects.truth import minutes

BARS = minutes(40)
PRICES = ("open", "high", "low", "close")


def plain() -> pd.DataFrame:
    return pd.DataFrame([{name: getattr(bar, name) for name in ("time", *PRICES, "volume")} for bar in BARS])


def indexed() -> pd.DataFrame:
    return plain().set_index("time")


def periods() -> pd.DataFrame:
    frame = indexed().tz_localize(None)
    return frame.set_axis(frame.index.to_period("min"))


FRAMES: dict[str, Callable[[], pd.DataFrame]] = {
    "an index with a zone": lambda: indexed().tz_convert("America/New_York"),
    "an index of periods": periods,
    "cells of any type": lambda: plain().astype(object),
    "decimals": lambda: plain().assign(
        **{name: plain()[name].map(lambda price: Decimal(str(price))) for name in PRICES}
    ),
    "pyarrow": lambda: plain().convert_dtypes(dtype_backend="pyarrow"),
    "text": lambda: plain().astype(str),
    "a column twice": lambda: pd.concat([plain().assign(x=1.0), pd.DataFrame({"x": np.ones(len(BARS))})], axis=1),
    "an index beside a column of its name": lambda: plain().rename_axis("volume"),
    "newest first": lambda: plain()[::-1],
    "one ticker in two levels": lambda: pd.concat({"AAPL": indexed()}, axis=1),
    "one ticker in three levels": lambda: pd.concat({("yahoo", "AAPL"): indexed()}, axis=1),
    "text in digits of another script": lambda: (
        plain().astype(str).map(lambda cell: cell.translate(in_digits("٠", "٫")))
    ),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_is_read_to_its_truth(name: str) -> None:
    frame = load_bars(FRAMES[name]()).frame
    assert frame["time"].dt.cast_time_unit("us").to_list() == [bar.time for bar in BARS]
    for column in (*PRICES, "volume"):
        expected = np.array([getattr(bar, column) for bar in BARS], dtype=float)
        np.testing.assert_allclose(frame[column].to_numpy(), expected, rtol=1e-9)


def test_tickers_in_rows_are_parted_by_name() -> None:
    both = pd.concat({"AAPL": indexed(), "MSFT": indexed() * 2}, names=["ticker", "time"])
    assert load_bars(both, instrument="MSFT").frame["close"].to_list() == [2 * bar.close for bar in BARS]
    with pytest.raises(DataError, match=r"holds 2 instruments \(AAPL, MSFT\)"):
        load_bars(both)


@pytest.mark.parametrize("prices_first", [False, True])
def test_tickers_in_three_levels_are_parted_by_name(prices_first: bool) -> None:
    both = pd.concat({("yahoo", "AAPL"): indexed(), ("yahoo", "MSFT"): indexed() * 2}, axis=1)
    if prices_first:
        both = both.reorder_levels([2, 0, 1], axis=1)
    assert load_bars(both, instrument="MSFT").frame["close"].to_list() == [2 * bar.close for bar in BARS]
    with pytest.raises(DataError, match=r"hold 2 instruments \(AAPL, MSFT\).*instrument=\"AAPL\""):
        load_bars(both)


def test_a_single_column_is_no_frame() -> None:
    with pytest.raises(DataError, match="got Series"):
        load_bars(plain()["close"])
