"""The clock of simulated bars."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from tailproof.arrays.ranges import ceil_div
from tailproof.bars.simulate import simulate
from tailproof.bars.simulate.session_clock import trade_dates, usual_start


@pytest.fixture(scope="module")
def new_york() -> pl.DataFrame:
    return simulate(rows=400_000, ic=0.0, seed=0).select(
        "time", local=pl.col("time").dt.convert_time_zone("America/New_York")
    )


def test_no_bar_in_the_halt_or_the_weekend(new_york):
    clock = new_york.select(hour=pl.col("local").dt.hour(), day=pl.col("local").dt.weekday())
    assert not (clock["hour"] == 17).any()
    assert not (clock["day"] == 6).any()
    assert clock.filter(pl.col("day") == 7)["hour"].min() == 18
    assert clock.filter(pl.col("day") == 5)["hour"].max() == 16


def test_times_rise_by_a_minute_inside_sessions_of_1380(new_york):
    steps = new_york["time"].diff().drop_nulls()
    assert steps.min() == timedelta(minutes=1)
    assert (steps > timedelta(minutes=1)).arg_true().to_list() == list(range(1379, 399_999, 1380))


def test_sessions_open_at_18_in_winter_and_summer(new_york):
    opens = new_york.filter((pl.col("time").diff() > timedelta(minutes=1)).fill_null(value=True))
    assert set(opens["local"].dt.hour()) == {18}
    assert set(opens["time"].dt.hour()) == {22, 23}


def test_christmas_and_new_year_are_holidays():
    bars = simulate(rows=1380 * 8, ic=0.0, seed=0, start=date(2015, 12, 23))
    ends = bars["time"].dt.convert_time_zone("America/New_York").gather_every(1380, offset=1379).dt.date().to_list()
    assert date(2015, 12, 25) not in ends
    assert date(2016, 1, 1) not in ends
    assert ends[0] == date(2015, 12, 23)


@pytest.mark.parametrize("rows", [1, 1_142_809, 5_000_000, 50_000_000])
def test_the_usual_bars_end_before_2026(rows):
    first = usual_start(rows)
    last = trade_dates(first, first=ceil_div(rows, 1380) - 1, count=1).astype(object)[0]
    assert first == date(2015, 1, 5) or last == date(2025, 12, 31)
    assert last <= date(2025, 12, 31)
