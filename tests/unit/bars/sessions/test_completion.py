from datetime import timedelta

from tailproof.bars.sessions.completion import describe_gaps
from tailproof.bars.sessions.marker import Gaps

GAPS = Gaps(
    sessions=1,
    segments=1,
    session_breaks=0,
    pauses=1,
    contract_changes=1,
    missing_bars=1,
    longest=timedelta(minutes=9),
    segment_gap=timedelta(minutes=5),
    session_gap=timedelta(minutes=30),
    outside_calendar=1,
)


def test_one_of_each_is_said_in_the_singular() -> None:
    gaps, missing, outside = describe_gaps(GAPS, bar_length=timedelta(minutes=1), calendar="XNYS")
    assert gaps.startswith("1 session: 0 breaks by the calendar XNYS between them (longest 9 min), 1 pause longer than")
    assert "1 contract change;" in gaps
    assert missing.startswith("1 bar missing")
    assert outside == "1 bar at times at which XNYS is closed."
