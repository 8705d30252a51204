"""New York, whose hours decide when a date's values are known and where many files' times come from."""

from __future__ import annotations

NEW_YORK = "America/New_York"
CASH_OPEN, CASH_CLOSE = 9 * 60 + 30, 16 * 60
"""Minutes of the day in New York at which trading of stocks begins and ends."""
WINTER, SUMMER = (1, 2, 12), (6, 7, 8)
"""Months that lie whole in standard time, and in daylight saving."""
