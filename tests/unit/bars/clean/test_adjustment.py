"""What an adjustment of prices does is written down."""

from __future__ import annotations

from datetime import datetime

from tests.support.bars import minute_frame

from tailproof.bars import load_bars
from tailproof.bars.clean.adjustment import EFFECTS


def test_what_an_adjustment_does_is_noted() -> None:
    for name, sentence in EFFECTS.items():
        assert sentence in load_bars(minute_frame((datetime(2024, 1, 2), 10)), adjustment=name).notes
