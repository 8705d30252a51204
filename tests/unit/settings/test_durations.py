from datetime import timedelta

import pytest

from tailproof.core.errors import ConfigError
from tailproof.settings.durations import describe_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("1.5h", timedelta(minutes=90)),
        ("4D", timedelta(days=4)),
        ("2Min", timedelta(minutes=2)),
    ],
)
def test_durations(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "4", "d", "-4d", "1M", "1 day", "1h30min"])
def test_durations_that_are_none(text: str) -> None:
    with pytest.raises(ConfigError, match="duration"):
        parse_duration(text)


def test_durations_read_well() -> None:
    assert [describe_duration(timedelta(seconds=s)) for s in (30, 60, 5400, 86400)] == [
        "30 s",
        "1 min",
        "1.5 h",
        "1 day",
    ]
