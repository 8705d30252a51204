"""Files that cannot be read as they stand are refused by a message that names the way out, and destroys nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailproof.bars import load_bars
from tailproof.core.errors import DataError
from tests.dialects.truth import days, minutes
from tests.dialects.vendors import OHLCV, Write, ohlcv, rows, utc
from tests.dialects.worldwide import DATE_FIRST, commas

DAY: Write = commas(lambda bar: utc(bar, "%Y-%m-%d"))
REFUSED: dict[str, tuple[str, str]] = {
    "prices in parts of 32": (
        rows(DATE_FIRST, lambda bar: f"{utc(bar, '%Y-%m-%d')},110'16,110'24,110'08,110'16,{bar.volume}")(days()),
        r"text in 'open': 90 rows .*found \"110'16\".*110'16 is 110\.5",
    ),
    "another delimiter": (DAY(days()).replace(",", "^"), r'one cell.*such as delimiter="\^"'),
    "blanks between cells": (DAY(days()).replace(",", " "), r'one cell.*such as delimiter=" "'),
    "years, months and days apart": (
        rows("Year,Month,Day," + OHLCV, lambda bar: f"{utc(bar, '%Y,%m,%d')},{ohlcv(bar)}")(days()),
        r"the time is in 3 columns \(Year, Month, Day\): join them",
    ),
    "an epoch that a spreadsheet rounded": (
        commas(lambda bar: f"{bar.ms:.5E}")(minutes()),
        r"time of rounded digits: 120 rows .*export the column as text",
    ),
    "days of too few digits": (
        commas(lambda bar: f"{45293 + (bar.ms / 86_400_000) % 1:.4f}")(minutes()),
        r"unreadable time: \d+ rows",
    ),
    "dates of six digits": (commas(lambda bar: utc(bar, "%y%m%d"))(days()), r"found '240102'.*time_format="),
    "two instruments side by side": (
        rows(
            "Date,A_Open,A_High,A_Low,A_Close,B_Open,B_High,B_Low,B_Close",
            lambda bar: f"{utc(bar, '%Y-%m-%d')},1,2,1,2,{ohlcv(bar).rsplit(',', 1)[0]}",
        )(days()),
        r'2 sets of prices; take one of them: columns="open=A_Open,high=A_High,low=A_Low,close=A_Close" or columns="o',
    ),
    "a row of totals": (DAY(days()) + "Total,,,,,99\n", r"unreadable time: 1 row \(line 92\); found 'Total'"),
    "steps without the length of one": (
        rows("DATE,CLOSE,HIGH,LOW,OPEN,VOLUME", lambda bar: f"a{bar.ms // 1000},{ohlcv(bar)}")(minutes()),
        "unreadable time: 120 rows",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused_with_the_way_out(name: str, tmp_path: Path) -> None:
    text, expected = REFUSED[name]
    path = tmp_path / "bars.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=expected) as caught:
        load_bars(path)
    assert "bars.csv" in str(caught.value)
    assert name == "a row of totals" or "repair=" not in str(caught.value)


@pytest.mark.parametrize("ambiguous", ["error", "order"])
def test_a_repeated_hour_is_decided_and_never_dropped(ambiguous: str, tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    clocks = [f"2024-11-03 {hour}" for hour in ("00:30", "01:00", "01:30", "01:00", "01:30", "02:00")]
    path.write_text(f"time,{OHLCV}\n" + "".join(f"{clock},10,11,9,10,5\n" for clock in clocks))
    given = {"timezone": "America/New_York", "ambiguous": ambiguous}
    if ambiguous == "order":
        assert len(load_bars(path, **given)) == len(clocks)
        return
    with pytest.raises(DataError, match="occurs once in America/New_York; ambiguous=") as caught:
        load_bars(path, **given)
    assert "repair=" not in str(caught.value)
