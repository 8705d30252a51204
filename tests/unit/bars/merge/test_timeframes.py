"""Longer time frames show completed bars only."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest
from tests.support.bars import minute_frame

from tailproof.bars import add_timeframe, load_bars, resample
from tailproof.core.errors import ConfigError
from tailproof.core.records import Bars


@pytest.fixture
def two_days() -> Bars:
    day = datetime(2024, 1, 2, 14, 30)
    return load_bars(minute_frame((day, 97), (day + timedelta(days=1), 60), volume=[1.0] * 155 + [0.5, 1.5]))


def test_longer_bars_add_up(two_days: Bars) -> None:
    longer = resample(two_days, "5min").frame
    first = two_days.frame[:5]
    assert longer.row(0, named=True) | {"time": None, "known_at": None} == {
        "time": None,
        "known_at": None,
        "open": first["open"][0],
        "high": first["high"].max(),
        "low": first["low"].min(),
        "close": first["close"][4],
        "volume": 5.0,
        "session": 0,
        "segment": 0,
    }
    assert longer["volume"].sum() == 157
    assert longer["session"].n_unique() == longer["segment"].n_unique() == 2


@pytest.mark.parametrize("every", ["5min", "1h", "session"])
def test_a_minute_sees_only_completed_longer_bars(two_days: Bars, every: str) -> None:
    label = {"5min": "5min", "1h": "1h", "session": "session"}[every]
    seen = add_timeframe(two_days, every).frame
    longer = resample(two_days, every).frame
    for row in seen.iter_rows(named=True):
        complete = longer.filter(pl.col("known_at") <= row["known_at"])
        assert row[f"close_{label}"] == (complete["close"][-1] if complete.height else None)


@pytest.mark.parametrize("every", ["5min", "1h", "session"])
def test_later_bars_do_not_change_what_was_seen(two_days: Bars, every: str) -> None:
    column = f"close_{every}"
    whole = add_timeframe(two_days, every).frame[column]
    for cut in (40, 97, 98, 120):
        start = two_days.frame[:cut]
        part = Bars(frame=start, bar_length=two_days.bar_length, source="part")
        assert add_timeframe(part, every).frame[column].to_list() == whole[:cut].to_list()


@pytest.mark.parametrize("every", ["90s", "7min", "1min", "1d"])
def test_a_time_frame_must_divide(two_days: Bars, every: str) -> None:
    with pytest.raises(ConfigError, match="whole multiple"):
        resample(two_days, every)
