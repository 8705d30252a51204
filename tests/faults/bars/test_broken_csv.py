"""Small broken CSV files, each refused with a message that says what, where and what to do; none read otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tailproof.bars import load_bars
from tailproof.core.errors import DataError, InputError

HEADER = "time,open,high,low,close,volume"
ROW_1 = "2024-03-01T14:30:00Z,10,11,9,10,5"
ROW_2 = "2024-03-01T14:31:00Z,10,11,9,10,5"
ROW_3 = "2024-03-01T14:32:00Z,10,11,9,10,5"
ROW_4 = "2024-03-01T14:33:00Z,10,11,9,10,5"


def lines(*rows: str, header: str = HEADER) -> bytes:
    return ("\n".join((header, *rows)) + "\n").encode()


def bar(minute: int, cells: str) -> str:
    return f"2024-03-01T14:{minute:02d}:00Z,{cells}"


WHOLE = (ROW_1, ROW_2, ROW_3)
NO_TIME = "open,high,low,close"

BROKEN: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "empty file": (b"", ("empty (0 bytes)",)),
    "one line end": (b"\n", ("the file is empty",)),
    "header alone": (lines(), ("there is a header but no rows",)),
    "one row": (lines(ROW_1), ("1 bar.", "At least 3")),
    "two rows": (lines(ROW_1, ROW_2), ("2 bars.",)),
    "no header": (lines(*WHOLE, header=ROW_4), ("line 1 is data, not a header",)),
    "no close": (
        lines("2024-03-01T14:30:00Z,1,1,1", header="time,open,high,low"),
        ("no column for 'close'", "Columns found"),
    ),
    "no time": (lines("1,1,1,1", header=NO_TIME), ("no column for 'time'",)),
    "nothing known": (lines("1,2", header="a,b"), ("no column for 'time'", "no columns for open, high, low")),
    "two closes": (
        lines("x,1,1,1,1,1", header="time,open,high,low,close,last"),
        ("2 columns mean 'close'", 'columns="close=last"'),
    ),
    "name twice": (lines("x,1,1,1,1,1", header="time,open,high,low,close,close"), ("2 columns mean 'close'",)),
    "text in a price": (lines(ROW_1, bar(31, "10,11,9,abc,5"), ROW_3), ("text in 'close': 1 row (line 3)", "'abc'")),
    "text in the volume": (lines(ROW_1, bar(31, "10,11,9,10,many"), ROW_3), ("text in 'volume'", "line 3")),
    "text in two rows": (lines(bar(30, "x,11,9,10,5"), ROW_2, bar(32, "y,11,9,10,5")), ("2 rows (line 2, 4)",)),
    "not available": (lines(ROW_1, bar(31, "10,11,9,N/A,5"), ROW_3), ("missing 'close'", "drop-bad-prices")),
    "underscored number": (lines(ROW_1, bar(31, "1_0,11,9,10,5"), ROW_3), ("text in 'open'", "'1_0'")),
    "thousands mark": (
        lines(ROW_1, bar(31, '"1,010",1011,1009,1010,5'), ROW_3),
        ("text in 'open'", "no thousands mark"),
    ),
    "decimal commas": (
        lines("2024-03-01T14:30:00Z;1,500;1,500;1,500;1,500", header="time;open;high;low;close"),
        ("text in 'open'", "decimal_comma=True"),
    ),
    "hexadecimal": (lines(ROW_1, bar(31, "0x10,11,9,10,5"), ROW_3), ("text in 'open'",)),
    "price missing": (
        lines(ROW_1, bar(31, "10,11,9,,5"), ROW_3),
        ("missing 'close': 1 row (line 3", 'repair="drop-bad-prices"'),
    ),
    "all prices missing": (lines(ROW_1, bar(31, ",,,,5"), ROW_3), ("missing 'open'", "missing 'close'")),
    "volume missing": (lines(ROW_1, bar(31, "10,11,9,10,"), ROW_3), ("missing 'volume'", "zero-missing-volume")),
    "price zero": (lines(ROW_1, bar(31, "10,11,0,10,5"), ROW_3), ("'low' out of range", "low = 0.0")),
    "price negative": (lines(ROW_1, bar(31, "10,11,-9,10,5"), ROW_3), ("'low' out of range", "-9.0")),
    "NaN": (lines(ROW_1, bar(31, "10,11,9,NaN,5"), ROW_3), ("'close' is not finite",)),
    "all NaN": (lines(ROW_1, bar(31, "NaN,NaN,NaN,NaN,5"), ROW_3), ("'open' is not finite", "'low' is not finite")),
    "infinite": (lines(ROW_1, bar(31, "10,inf,9,10,5"), ROW_3), ("'high' is not finite",)),
    "volume negative": (lines(ROW_1, bar(31, "10,11,9,10,-5"), ROW_3), ("'volume' out of range",)),
    "volume infinite": (lines(ROW_1, bar(31, "10,11,9,10,inf"), ROW_3), ("'volume' out of range",)),
    "high below low": (lines(ROW_1, bar(31, "10,8,9,10,5"), ROW_3), ("high below low: 1 row (line 3",)),
    "open outside": (lines(ROW_1, bar(31, "12,11,9,10,5"), ROW_3), ("'open' outside low-high", "widen-range")),
    "close outside": (lines(ROW_1, bar(31, "10,11,9,8,5"), ROW_3), ("'close' outside low-high",)),
    "time repeated": (
        lines(ROW_1, ROW_2, bar(31, "10,11,9,10.5,5"), ROW_3),
        ("time of the row above repeated", "line 4"),
    ),
    "row repeated": (lines(ROW_1, ROW_2, ROW_2, ROW_3), ("row above repeated: 1 row (line 4", "drop-duplicates")),
    "out of order": (lines(ROW_2, ROW_1, ROW_3), ("time before the row above: 1 row (line 3", 'repair="sort"')),
    "time is text": (lines("soon,10,11,9,10,5", "later,10,11,9,10,5"), ("unreadable time: 2 rows", "'soon'")),
    "one time is text": (lines(ROW_1, "soon,10,11,9,10,5", ROW_3), ("unreadable time: 1 row (line 3)", "'soon'")),
    "time missing": (lines(ROW_1, ",10,11,9,10,5", ROW_3), ("unreadable time: 1 row (line 3)",)),
    "times of two forms": (
        lines(ROW_1, "2024/03/01 14:31,10,11,9,10,5", ROW_3),
        ("unreadable time", "the form of the first"),
    ),
    "day that is none": (lines(ROW_1, "2024-02-30T14:31:00Z,10,11,9,10,5", ROW_3), ("unreadable time", "line 3")),
    "year beyond nanoseconds": (
        lines(ROW_1, ROW_2, "2999-03-01T14:32:00Z,10,11,9,10,5"),
        ("unreadable time", "line 4", "between 1678 and 2261"),
    ),
    "hour that is none": (lines(ROW_1, "2024-03-01T25:31:00Z,10,11,9,10,5", ROW_3), ("unreadable time",)),
    "epochs of two units": (
        lines("1709303400,1,1,1,1", "1709303460000,1,1,1,1", header="time,open,high,low,close"),
        ("time in ms and not in s: 1 row (line 3)",),
    ),
    "small numbers as times": (
        lines("1,1,1,1,1", "2,1,1,1,1", header="time,open,high,low,close"),
        ("unreadable time",),
    ),
    "short row": (lines(ROW_1, "2024-03-01T14:31:00Z,10,11", ROW_3), ("too few cells: 1 row (line 3)", "3 in")),
    "long row": (lines(ROW_1, ROW_2 + ",7", ROW_3), ("too many cells: 1 row (line 3)", "6 as in the header")),
    "short and long row": (
        lines(ROW_1 + ",7", "2024-03-01T14:31:00Z,10,11,9,10", ROW_3),
        ("too few cells", "too many cells"),
    ),
    "every row short": (lines("2024-03-01T14:30:00Z,10", "2024-03-01T14:31:00Z,10"), ("too few cells: 2 rows",)),
    "cut off in a row": (lines(ROW_1, ROW_2)[:-6], ("too few cells", "line 3")),
    "another delimiter inside": (lines(ROW_1, ROW_2.replace(",", ";"), ROW_3), ("too few cells: 1 row (line 3)",)),
    "open quote": (lines(ROW_1, '"' + ROW_2, ROW_3), ("unclosed quote: 1 row (line 3)",)),
    "line end in a quote": (
        lines(ROW_1, bar(31, '10,11,9,"1'), '0",5', ROW_3),
        ("unclosed quote: 2 rows (line 3, 4)",),
    ),
    "NUL block": (lines(ROW_1, ROW_2) + b"\0" * 64 + lines(ROW_3), ("is NUL", "hole from a broken copy")),
    "NUL in the header": (b"ti\0me" + lines(*WHOLE), ("byte 2 is NUL",)),
    "binary": (bytes(range(1, 256)) * 8, ("not a readable CSV",)),
    "foreign bytes": (
        lines(ROW_1, ROW_2, ROW_3).replace(b"T14:31", b"\xff14:31"),
        ("bytes that are not UTF-8", "line 3"),
    ),
    "one line end of old Macintosh": (lines(*WHOLE).replace(b"\n", b"\r", 1), ("lone carriage return",)),
    "web page": (b"<!DOCTYPE html>\n<html><body>Not found</body></html>\n", ("this is a web page",)),
    "JSON": (b'[{"time": 1, "open": 2}]\n', ("no column for",)),
    "three faults at once": (
        lines(bar(30, "x,11,9,10,5"), bar(31, "10,8,9,10,5"), bar(32, "10,11,9,0,5")),
        ("4 kinds of faults", "text in 'open'", "high below low", "'close' out of range"),
    ),
    "same time twice after sorting": (lines(ROW_2, ROW_1, ROW_2, ROW_3), ("time before the row above",)),
    "merged with a marker": (
        lines(ROW_1, "<<<<<<< HEAD", ROW_2, "=======", ROW_3, ">>>>>>> other"),
        ("too few cells: 3 rows (line 3, 5, 7)",),
    ),
    "header again": (lines(ROW_1, HEADER, ROW_2), ("2 bars.",)),
    "no header, with a contract": (
        lines("ESH4," + ROW_2, "ESH4," + ROW_3, header="ESH4," + ROW_1),
        ("line 1 is data, not a header", 'header="time,open'),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_its_message(name: str, tmp_path: Path) -> None:
    content, expected = BROKEN[name]
    path = tmp_path / "bars.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        load_bars(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    for fragment in expected:
        assert fragment in message
    assert isinstance(caught.value, InputError)  # the command line ends with exit code 2
    assert [file.name for file in tmp_path.iterdir()] == ["bars.csv"]


def test_there_are_sixty_of_them() -> None:
    assert len(BROKEN) >= 60


SETTINGS: dict[str, tuple[bytes, dict[str, Any], tuple[str, ...]]] = {
    "clock time that occurs twice": (
        lines("2024-11-03 01:30,1,1,1,1,1", "2024-11-03 01:31,1,1,1,1,1"),
        {"timezone": "America/New_York"},
        ("ambiguous time (daylight saving repeats it): 2 rows (line 2, 3)", "ambiguous="),
    ),
    "clock time that does not exist": (
        lines("2024-03-10 01:59,1,1,1,1,1", "2024-03-10 02:00,1,1,1,1,1"),
        {"timezone": "America/New_York"},
        ("time that daylight saving skips: 1 row (line 3)", "is timezone right?"),
    ),
    "point in a file of decimal commas": (
        b"time;open;high;low;close\n2024-03-01;1.676;1,7;1,6;1,7\n2024-03-02;1,6;1,7;1,6;1,7\n",
        {"decimal_comma": True},
        ("text in 'open': 1 row (line 2)", "decimal comma"),
    ),
    "chosen column that is absent": (
        lines(*WHOLE),
        {"columns": {"close": "Closs"}},
        ("there is no column 'Closs'", "did you mean 'close'?"),
    ),
    "header of too few names": (
        lines(*WHOLE, header=ROW_4),
        {"header": ("time", "open", "high", "low", "close")},
        ("header names 5 columns, but line 1 has 6 cells",),
    ),
    "header without prices": (
        lines(*WHOLE, header=ROW_4),
        {"header": ("time", "a", "b", "c", "d", "e")},
        ("no columns for open, high, low",),
    ),
    "wrong delimiter": (lines(*WHOLE), {"delimiter": ";"}, ("holds one cell", 'such as delimiter=","')),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_do_not_hide_faults(name: str, tmp_path: Path) -> None:
    content, settings, expected = SETTINGS[name]
    path = tmp_path / "bars.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        load_bars(path, **settings)
    for fragment in expected:
        assert fragment in str(caught.value)
