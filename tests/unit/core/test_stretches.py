import numpy as np

from tailproof.core.stretches import later_rows, trading_days, whole_segments

HOUR = 3_600_000_000_000


def test_a_missing_bar_has_no_next_row() -> None:
    bar_N = np.array([0, 1, 2, 4, 5, 6])
    stretch_N = np.array([0, 0, 0, 0, 1, 1])
    first, later = later_rows(bar_N, stretch_N, bars=1)
    assert list(zip(first.tolist(), later.tolist(), strict=True)) == [(0, 1), (1, 2), (4, 5)]
    first, later = later_rows(bar_N, stretch_N, bars=2)
    assert list(zip(first.tolist(), later.tolist(), strict=True)) == [(0, 2), (2, 3)]


def test_short_sessions_are_the_trading_days() -> None:
    known_N = np.arange(0, 240 * HOUR, HOUR)
    session_N = np.arange(len(known_N)) // 23
    assert (trading_days(known_N, session_N, daily=False) == session_N).all()


def test_a_session_of_years_has_its_days() -> None:
    """Hours of a stock, read with a session gap of days: seven rows a day, one session."""
    known_N = (np.arange(500)[:, None] * 24 * HOUR + (15 + np.arange(7)) * HOUR).ravel()
    days = trading_days(known_N, np.zeros(len(known_N)), daily=False)
    assert (days == np.repeat(np.arange(500), 7)).all()


def test_a_night_session_stays_in_one_day() -> None:
    """Futures from 23:00 to 22:00 UTC, read as one session: the day turns in the hour without trade."""
    known_N = (np.arange(50)[:, None] * 24 * HOUR + (23 + np.arange(1, 24)) * HOUR).ravel()
    assert (trading_days(known_N, np.zeros(len(known_N)), daily=False) == np.repeat(np.arange(50), 23)).all()


def test_segments_of_any_numbers_stay_whole() -> None:
    """Ranges tile the rows, cut no run of equal numbers, and hold no more runs than they need for their rows."""
    segment_N = np.repeat([4, 4, 0, 9, 0], [3, 2, 4, 1, 5])
    for rows in range(1, 20):
        ranges = list(whole_segments(segment_N, rows=rows))
        assert [row for each in ranges for row in each] == list(range(15))
        edges = [each.stop for each in ranges[:-1]]
        assert set(edges) <= {5, 9, 10}
        assert all(len(each) >= rows for each in ranges[:-1])
        assert all(not set(range(each.start + rows, each.stop)) & {5, 9, 10} for each in ranges)


def test_no_rows_have_no_segments() -> None:
    assert list(whole_segments(np.array([], dtype=np.int64), rows=3)) == []
