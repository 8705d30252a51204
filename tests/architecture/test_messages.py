"""Messages say what must hold and what was found, in the words that all of them use."""

from __future__ import annotations

from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "src" / "tailproof"


def test_a_message_says_got_or_but() -> None:
    """As in "embargo must not be negative, got -1"."""
    found = [
        f"{file.relative_to(SOURCES)}:{number}"
        for file in SOURCES.rglob("*.py")
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if "however:" in line
    ]
    assert found == []
