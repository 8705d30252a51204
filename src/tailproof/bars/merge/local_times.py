"""A merged series whose times look local but were read as UTC: its values would be known hours before they were."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import polars as pl

from tailproof.bars.sessions.known_at import DAY
from tailproof.core.new_york import CASH_OPEN, NEW_YORK, SUMMER, WINTER
from tailproof.core.surface import setting, worded

PAUSE = timedelta(hours=2)
"""A longer pause ends a session of the series."""
MIN_SESSIONS = 10
MAX_SESSION = timedelta(hours=14)
"""Markets that trade longer give no sign."""
USUAL = 0.8
"""Share of the sessions that must begin at the same minute."""
AT_OPEN = (CASH_OPEN, CASH_OPEN + 1)
"""Minutes of the day: bars are named by their start or by their end."""


def local_time_warning(time: pl.Series, *, bar_length: timedelta, label: str, zone: str) -> tuple[str, ...]:
    """A note where sessions begin at the same minute of UTC in winter and in summer, or at 09:30; else none.

    Markets with daylight saving open an hour earlier in UTC when it is summer, and none opens at 09:30 UTC.

    Args:
        time: start of each value's bar (UTC), rising.
        bar_length: a day or more gives no sign.
        label: names the series.
        zone: the setting of the zone of its times.
    """
    if bar_length >= DAY or time.len() < 2:
        return ()
    begins = (time.diff() > PAUSE).fill_null(value=True)
    start = time.filter(begins)
    last = time.filter(begins.shift(-1, fill_value=True))
    if start.len() < MIN_SESSIONS or (last - start).median() > MAX_SESSION:  # type: ignore[operator]
        return ()
    usual = [_usual_minute(start.filter(start.dt.month().is_in(months))) for months in (WINTER, SUMMER)]
    at_open = _usual_minute(start) in AT_OPEN
    if not at_open and (None in usual or usual[0] != usual[1]):
        return ()
    minute = _usual_minute(start) if at_open else usual[0]
    assert minute is not None, "both rules name a minute"
    clock = f"{minute // 60:02d}:{minute % 60:02d}"
    return (
        f"Warning: {label}: times look local but were read as UTC: its sessions begin at {clock} "
        f"{'as in New York' if at_open else 'in winter and in summer'}. Read so, values are known hours before they "
        f"were published: name the zone with {worded(setting(zone, NEW_YORK))}.",
    )


def _usual_minute(start: pl.Series) -> int | None:
    """Minute of the day at which most of the sessions begin; None where there is none."""
    counts = Counter((start.dt.hour().cast(pl.Int32) * 60 + start.dt.minute()).to_list())
    if not counts:
        return None
    minute, count = counts.most_common(1)[0]
    return int(minute) if count > USUAL * counts.total() else None
