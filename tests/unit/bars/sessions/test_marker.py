"""Sessions and segments by gaps and by contracts."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.support.bars import minute_frame

from tailproof.bars import load_bars


def test_a_halt_ends_a_segment_and_a_night_a_session() -> None:
    day = datetime(2024, 1, 2, 14, 30)
    bars = load_bars(minute_frame((day, 30), (day + timedelta(minutes=45), 30), (day + timedelta(days=1), 30)))
    assert bars.frame["session"].to_list() == [0] * 60 + [1] * 30
    assert bars.frame["segment"].to_list() == [0] * 30 + [1] * 30 + [2] * 30


def test_a_new_contract_starts_a_segment() -> None:
    bars = load_bars(minute_frame((datetime(2024, 3, 14, 10), 20), contract=["ESH4"] * 12 + ["ESM4"] * 8))
    assert bars.frame["segment"].to_list() == [0] * 12 + [1] * 8
    assert bars.frame["session"].n_unique() == 1


def test_a_session_gap_lets_segments_run_over_nights() -> None:
    day = datetime(2024, 1, 2, 14, 30)
    bars = load_bars(minute_frame((day, 30), (day + timedelta(days=1), 30)), session_gap=timedelta(days=4))
    assert bars.frame["segment"].n_unique() == 1
