"""Sessions by gaps and by calendar, rolls, and longer time frames that show completed bars only."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tailproof.bars import add_timeframe, load_bars, resample
from tailproof.bars.clean.adjustment import EFFECTS
from tailproof.core.errors import ConfigError
from tailproof.core.records import Bars


def minutes(*starts: tuple[datetime, int], **columns: object) -> pl.DataFrame:
    times = [start + timedelta(minutes=at) for start, count in starts for at in range(count)]
    price = np.arange(len(times)) % 13 / 4 + 100
    frame = pl.DataFrame({"time": times, "open": price, "high": price + 1, "low": price - 1, "close": price})
    return frame.with_columns(pl.Series(name, values) for name, values in columns.items())  # type: ignore[arg-type]


def test_a_halt_ends_a_segment_and_a_night_a_session() -> None:
    day = datetime(2024, 1, 2, 14, 30)
    bars = load_bars(minutes((day, 30), (day + timedelta(minutes=45), 30), (day + timedelta(days=1), 30)))
    assert bars.frame["session"].to_list() == [0] * 60 + [1] * 30
    assert bars.frame["segment"].to_list() == [0] * 30 + [1] * 30 + [2] * 30


def test_a_new_contract_starts_a_segment() -> None:
    bars = load_bars(minutes((datetime(2024, 3, 14, 10), 20), contract=["ESH4"] * 12 + ["ESM4"] * 8))
    assert bars.frame["segment"].to_list() == [0] * 12 + [1] * 8
    assert bars.frame["session"].n_unique() == 1


def test_a_session_gap_lets_segments_run_over_nights() -> None:
    day = datetime(2024, 1, 2, 14, 30)
    bars = load_bars(minutes((day, 30), (day + timedelta(days=1), 30)), session_gap=timedelta(days=4))
    assert bars.frame["segment"].n_unique() == 1


def test_a_calendar_gives_sessions_and_regular_hours() -> None:
    sunday_evening = datetime(2024, 1, 7, 23, 0)
    bars = load_bars(
        minutes((sunday_evening, 23 * 60), (sunday_evening + timedelta(days=1), 60)), calendar="CME_Equity"
    )
    assert bars.frame["session"].to_list() == [0] * 23 * 60 + [1] * 60
    regular = bars.frame.filter("regular_hours")["time"].dt.convert_time_zone("America/New_York").dt.strftime("%H:%M")
    assert (regular[0], regular[-1], len(regular)) == ("09:30", "15:59", 390)


def test_a_day_without_bars_is_missed_by_the_calendar() -> None:
    day = datetime(2024, 1, 2, 14, 30)
    bars = load_bars(minutes((day, 60), (day + timedelta(days=2), 60)), calendar="XNYS")
    assert any("sessions of XNYS without bars: 1 row; found none from 2024-01-03 14:30" in note for note in bars.notes)


def test_an_unknown_calendar_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ConfigError, match=r"Did you mean .*CME_Equity"):
        load_bars(minutes((datetime(2024, 1, 2), 10)), calendar="CME_Equities")


def test_what_an_adjustment_does_is_said() -> None:
    for name, sentence in EFFECTS.items():
        assert sentence in load_bars(minutes((datetime(2024, 1, 2), 10)), adjustment=name).notes


@pytest.fixture
def two_days() -> Bars:
    day = datetime(2024, 1, 2, 14, 30)
    return load_bars(minutes((day, 97), (day + timedelta(days=1), 60), volume=[1.0] * 155 + [0.5, 1.5]))


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
