"""Files that cannot be read as they stand are refused by a message that names the way out, and destroys nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailproof.bars import load_bars
from tailproof.core.errors import DataError
from tests.dialects.programs import UNIX_DAY
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
    "years of two digits, months and days apart": (
        rows("Year,Month,Day," + OHLCV, lambda bar: f"{utc(bar, '%y,%m,%d')},{ohlcv(bar)}")(days()),
        r"the time is in 3 columns \(Year, Month, Day\): join them",
    ),
    "years of either count": (
        commas(lambda bar: f"99/{utc(bar, '%m/%d')}", "日期,開盤價,最高價,最低價,收盤價,成交量")(days(30)),
        r'may be 1999 or, counted from 1911 as in Taiwan, 2010.*time_format="%y/%m/%d" or time_format="minguo"',
    ),
    "years of either count below English names": (
        commas(lambda bar: f"99/{utc(bar, '%m/%d')}")(days(30)),
        r'may be 1999 or, counted from 1911 as in Taiwan, 2010.*time_format="%y/%m/%d" or time_format="minguo"',
    ),
    "years of two digits that are days or months too": (
        commas(lambda bar: f"12/{utc(bar, '%m/%d')}")(days(8)),
        r"the year of '12/01/02' may stand first or last.*time_format=\"%y/%m/%d\" or time_format=\"%m/%d/%y\"",
    ),
    "one day whose year may be its day": (
        commas(lambda bar: utc(bar, "%y-%m-%d %H:%M"))(minutes()),
        r"may stand first or last.*time_format=\"%y-%m-%d %H:%M\" or time_format=\"%d-%m-%y %H:%M\"",
    ),
    "quotes": (
        rows("Time,Bid,Ask,Bid Size,Ask Size", lambda bar: f"{bar.time.isoformat()},{bar.low},{bar.high},1,1")(
            minutes()
        ),
        r'quotes and no bars: columns="open=Bid,high=Bid,low=Bid,close=Bid" or columns="open=Ask,.*the mean of both',
    ),
    "quotes without a header": (
        rows("", lambda bar: f"EUR/USD,{utc(bar, '%Y%m%d %H:%M:%S.000')},{bar.low},{bar.high}")(minutes()),
        r'header="symbol,time,bid,ask"',
    ),
    "one price for each ticker": (
        rows("Date,AAPL,MSFT,SPY", lambda bar: f"{utc(bar, '%Y-%m-%d')},{bar.close},{bar.open},{bar.low}")(days()),
        r'instrument="AAPL" or columns="open=AAPL,high=AAPL,low=AAPL,close=AAPL" takes it as a bar',
    ),
    "one price a row": (
        rows("Date,NAV", lambda bar: f"{utc(bar, '%Y-%m-%d')},{bar.close}")(days()),
        r'columns="open=NAV,high=NAV,low=NAV,close=NAV" takes it as a bar of that price alone',
    ),
    "several series under a name of its own": (
        rows("thing,Date," + OHLCV, lambda bar: f"first,{utc(bar, '%Y-%m-%d')},{ohlcv(bar)}")(days())
        + rows("", lambda bar: f"second,{utc(bar, '%Y-%m-%d')},9,9,9,9,1")(days()),
        r'column \'thing\' parts the rows .*\(first, second\).*columns="symbol=thing" instrument="first" takes one',
    ),
    "several series under numbers": (
        rows("number,Date," + OHLCV, lambda bar: f"7,{utc(bar, '%Y-%m-%d')},{ohlcv(bar)}")(days(40))
        + rows("", lambda bar: f"9,{utc(bar, '%Y-%m-%d')},9,9,9,9,1")(days(40)),
        r'column \'number\' parts the rows .*\(7, 9\).*columns="symbol=number" instrument="7" takes one',
    ),
    "days that may be of R or of a spreadsheet": (
        commas(lambda bar: str((bar.time - UNIX_DAY).days))(days(7)[4:]),
        r"unreadable time: 3 rows",
    ),
    "each line in quotes": (
        "".join(f'"{line}"\n' for line in DAY(days()).split("\n")[:-1]),
        r"Where quotes stand around each line, take them away first: sed .* bars\.csv > plain_bars\.csv",
    ),
    "a web page": ("<!DOCTYPE html>\n<html><body>429</body></html>\n", "this is a web page"),
    "an answer without bars": ('{"error": "invalid key"}', "the JSON holds no table of bars"),
    "JSON that is cut off": ('[{"time": "2024-01-02", "open": 1', "line 1, column 34 is not JSON"),
    "JSON of two tickers": (
        '{"AAPL": [{"t": 1, "c": 2}, {"t": 2, "c": 2}], "MSFT": [{"t": 1, "c": 2}, {"t": 2, "c": 2}]}',
        r'holds 2 tables \(AAPL, MSFT\).*instrument="AAPL" takes the first',
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
    options = {"timezone": "America/New_York", "ambiguous": ambiguous}
    if ambiguous == "order":
        assert len(load_bars(path, **options)) == len(clocks)
        return
    with pytest.raises(DataError, match="occurs once in America/New_York; ambiguous=") as caught:
        load_bars(path, **options)
    assert "repair=" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("bars.xlsx", b"PK\x03\x04", r"this is a workbook.*CSV UTF-8.*pandas\.read_excel\('bars\.xlsx'\)"),
        ("bars.csv", b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", "this is a workbook.*read_excel"),
        ("bars.csv", b"PAR1" + b"\0" * 40, r"holds Parquet data and no text\. Name it bars\.parquet"),
        ("bars.csv", b"\x1f\x8b" + b"\0" * 40, r"holds gzip data and no text\. Name it bars\.csv\.gz"),
        ("bars.h5", b"\x89HDF", "pandas.read_hdf"),
        ("bars.abc", b"a,b", "file type '.abc' is not known"),
    ],
)
def test_a_file_of_another_kind_is_named(name: str, content: bytes, expected: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=expected):
        load_bars(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 5_000 + "1" + "}" * 5_000, "nested too deep"),
        ('[{"time": "2024-01-02", "open": 1, "close": 1, "close": 2}]', "a record holds 'close' 2 times"),
        ('[{"time": "2024-01-02", "open": 1}', "is not JSON"),
    ],
    ids=["lists", "records", "name twice", "cut off"],
)
@pytest.mark.parametrize("name", ["bars.json", "bars.csv"])
def test_json_that_holds_no_bars_is_refused_in_a_sentence(name: str, text: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(DataError, match=expected):
        load_bars(path)


def test_numbers_of_json_keep_all_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "bars.json"
    bars = [f'{{"time": "{bar.time:%Y-%m-%d}", "open": 1.10, "high": 2, "low": 1, "close": 1.5, "note": {"9" * 5_000}}}'
            for bar in days(30)]  # fmt: skip
    path.write_text(f"[{','.join(bars)}]")
    assert load_bars(path).frame["open"].unique().to_list() == [1.1]


def test_an_instrument_of_a_file_of_closes_is_read_as_flat_bars(tmp_path: Path) -> None:
    path = tmp_path / "closes.csv"
    path.write_text(rows("Date,AAPL,MSFT", lambda bar: f"{utc(bar, '%Y-%m-%d')},{bar.close},{bar.open}")(days()))
    for options in ({"instrument": "MSFT"}, {"columns": "open=MSFT,high=MSFT,low=MSFT,close=MSFT"}):
        frame = load_bars(path, **options).frame
        for name in ("open", "high", "low", "close"):
            assert frame[name].to_list() == [bar.open for bar in days()]


def test_one_side_of_quotes_is_read_as_flat_bars(tmp_path: Path) -> None:
    path = tmp_path / "ticks.csv"
    path.write_text(rows("", lambda bar: f"{utc(bar, '%Y%m%d %H%M%S250')},{bar.low},{bar.high},0")(minutes()))
    frame = load_bars(path, header="time,bid,ask,size", columns="open=bid,high=bid,low=bid,close=bid").frame
    assert frame["high"].to_list() == [bar.low for bar in minutes()]
    assert frame["time"].dt.microsecond().unique().to_list() == [250_000]


def test_dates_before_and_after_new_year_show_where_the_year_stands(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(commas(lambda bar: f"12/{utc(bar, '%m/%d')}")(days(60)))
    dates = [bar.time.strftime("2012-%m-%d") for bar in days(60)]
    assert load_bars(path).frame["time"].dt.strftime("%Y-%m-%d").to_list() == dates


def test_the_way_to_another_encoding_never_overwrites_the_file(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_bytes(DAY(days()).replace("Open", "Цена").encode("cp866"))
    with pytest.raises(DataError, match=r"iconv .* bars\.csv > utf8_bars\.csv"):
        load_bars(path)


def test_metadata_beside_bars_is_no_file_of_bars(tmp_path: Path) -> None:
    (tmp_path / "bars.csv").write_text(DAY(days()))
    (tmp_path / "meta.json").write_text('{"made": "today"}')
    assert len(load_bars(tmp_path)) == len(days())


def test_lines_longer_than_the_usual_sample_are_read(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    words = "x" * 70_000
    path.write_text(rows(f"Date,{OHLCV},note", lambda bar: f"{utc(bar, '%Y-%m-%d')},{ohlcv(bar)},{words}")(days(30)))
    assert load_bars(path).frame["close"].to_list() == [bar.close for bar in days(30)]
