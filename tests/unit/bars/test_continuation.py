"""Bars that come one by one are marked as if all had been read at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame, utc

from tailproof.bars import Continuation, ReadOptions, load, sp500_days
from tailproof.core.errors import DataError
from tailproof.core.records import Bars

FRAME = random_bar_frame(120, breaks=(40, 80))
BARS = bars_of(FRAME)
RULES = Continuation.of(BARS, session_gap=None, calendar=None)


def one_by_one(whole: Bars, *, start: int, **rules: Any) -> Bars:
    chosen = {"session_gap": None, "calendar": None, **rules}
    bars = replace(whole, frame=whole.frame.head(start))
    continuation = Continuation.of(bars, **chosen)
    for row in whole.frame.tail(-start).iter_rows(named=True):
        bars = continuation.extended(bars, row)
    return bars


def gapped(*, every: timedelta, rows: int) -> pl.DataFrame:
    """Bars with short gaps, pauses of ten bars and breaks of a day."""
    wait_N = np.random.default_rng(2).choice([1, 3, 10, 1440], p=[0.85, 0.05, 0.05, 0.05], size=rows).cumsum()
    time = [utc(2024, 1, 2, 14, 30) + int(wait) * every for wait in wait_N]
    return random_bar_frame(rows).with_columns(time=pl.Series(time, dtype=FRAME.schema["time"]))


@pytest.mark.parametrize("start", [1, 39, 40, 41])
def test_sessions_and_segments_go_on(start: int) -> None:
    assert one_by_one(BARS, start=start).frame.equals(BARS.frame)
    assert BARS.frame["segment"][-1] == 2


def test_pauses_end_segments_and_breaks_end_sessions() -> None:
    whole = bars_of(gapped(every=timedelta(minutes=1), rows=200))
    assert 1 < whole.frame["session"][-1] < whole.frame["segment"][-1]
    assert one_by_one(whole, start=3).frame.equals(whole.frame)


def test_a_gap_that_was_chosen_is_kept() -> None:
    gap = timedelta(minutes=8)
    whole = load(gapped(every=timedelta(minutes=1), rows=200), ReadOptions(session_gap=gap)).bars
    assert one_by_one(whole, start=3, session_gap=gap).frame.equals(whole.frame)
    assert not one_by_one(whole, start=3).frame.equals(whole.frame)


def test_the_sessions_of_a_calendar_go_on() -> None:
    frame = gapped(every=timedelta(minutes=20), rows=300)
    whole = load(frame, ReadOptions(calendar="CME_Equity")).bars
    assert "regular_hours" in whole.frame.columns
    assert whole.frame["session"][-1] > 5
    assert one_by_one(whole, start=3, calendar="CME_Equity").frame.equals(whole.frame)


def test_a_change_of_contract_ends_a_segment() -> None:
    frame = FRAME.with_columns(
        contract=pl.when(pl.int_range(pl.len()) < 100).then(pl.lit("H4")).otherwise(pl.lit("M4"))
    )
    whole = bars_of(frame)
    assert whole.frame["segment"][-1] == 3
    assert one_by_one(whole, start=3).frame.equals(whole.frame)


def test_days_are_known_at_the_close_in_new_york() -> None:
    whole = sp500_days()
    short = replace(whole, frame=whole.frame.tail(300))
    assert one_by_one(short, start=100).frame.equals(short.frame)


def test_a_bar_that_is_known_late_is_taken_so() -> None:
    late = BARS.frame.row(-1, named=True) | {"known_at": utc(2024, 3, 1)}
    before = replace(BARS, frame=BARS.frame.head(-1))
    assert RULES.extended(before, late).frame["known_at"][-1] == utc(2024, 3, 1)
    early = late | {"known_at": utc(2024, 1, 1)}
    assert RULES.extended(before, early).frame.equals(BARS.frame)


def test_the_clock_of_any_zone_is_understood() -> None:
    before, last = replace(BARS, frame=BARS.frame.head(-1)), BARS.frame.row(-1, named=True)
    there = last | {"time": last["time"].astimezone(ZoneInfo("America/New_York"))}
    assert RULES.extended(before, there).frame.equals(BARS.frame)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time": datetime(2024, 3, 1)}, r"time must be a datetime with a time zone, got datetime"),
        ({"time": "2024-03-01"}, r"time must be a datetime with a time zone, got '2024-03-01'"),
        ({"time": utc(2024, 1, 2)}, r"time is not after that of the bar before \(2024-01-02 20:29:00 UTC\)"),
        ({"close": "1"}, r"close must be Float64, got '1'"),
        ({"close": None}, r"missing 'close' \(close=None; expected a price above 0\)"),
        ({"close": float("nan")}, r"'close' is not finite \(close=nan"),
        ({"low": -1.0}, r"'low' out of range"),
        ({"high": 1.0}, r"high below low"),
        ({"volume": -1.0}, r"'volume' out of range"),
        ({"known_at": datetime(2024, 3, 1)}, r"known_at must be a datetime with a time zone"),
    ],
)
def test_a_bar_that_cannot_follow_is_refused(changes: dict[str, Any], message: str) -> None:
    bar = BARS.frame.row(-1, named=True) | {"time": utc(2024, 3, 1), "known_at": None} | changes
    with pytest.raises(DataError, match=message):
        RULES.extended(BARS, bar)


def test_all_that_is_absent_is_named_with_what_it_may_be() -> None:
    bar = BARS.frame.row(-1, named=True) | {"time": utc(2024, 3, 1), "Close": 1000.0}
    del bar["close"], bar["vix_close"]
    with pytest.raises(DataError, match=r"but: close is absent \(is it 'Close'\?\); vix_close is absent\."):
        RULES.extended(BARS, bar)
