"""Sessions by the calendar of an exchange."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.support.bars import minute_frame

from tailproof.bars import load_bars
from tailproof.core.errors import ConfigError


def test_a_calendar_gives_sessions_and_regular_hours() -> None:
    sunday_evening = datetime(2024, 1, 7, 23, 0)
    bars = load_bars(
        minute_frame((sunday_evening, 23 * 60), (sunday_evening + timedelta(days=1), 60)), calendar="CME_Equity"
    )
    assert bars.frame["session"].to_list() == [0] * 23 * 60 + [1] * 60
    regular = bars.frame.filter("regular_hours")["time"].dt.convert_time_zone("America/New_York").dt.strftime("%H:%M")
    assert (regular[0], regular[-1], len(regular)) == ("09:30", "15:59", 390)


def test_a_day_without_bars_is_missed_by_the_calendar() -> None:
    day = datetime(2024, 1, 2, 14, 30)
    bars = load_bars(minute_frame((day, 60), (day + timedelta(days=2), 60)), calendar="XNYS")
    assert any("sessions of XNYS without bars: 1 row; found none from 2024-01-03 14:30" in note for note in bars.notes)


def test_an_unknown_calendar_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ConfigError, match=r"Did you mean .*CME_Equity"):
        load_bars(minute_frame((datetime(2024, 1, 2), 10)), calendar="CME_Equities")
