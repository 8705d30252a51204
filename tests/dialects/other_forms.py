# ruff: noqa: E501 (one line of a table for each part of a vendor)
"""Files that are no plain CSV: JSON, UTF-16, times in several columns, Taiwan's years, ranges, words around the rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.dialects.truth import Bar, minutes
from tests.dialects.vendors import OHLCV, D, Vendor, Write, ohlcv, rows, utc
from tests.dialects.worldwide import DATE_FIRST, commas

DAY: Write = commas(lambda bar: utc(bar, "%Y-%m-%d"))
MARK = "\ufeff"


def prices(bar: Bar) -> dict[str, float]:
    return {"open": bar.open, "high": bar.high, "low": bar.low, "close": bar.close, "volume": bar.volume}


def letters(bar: Bar) -> dict[str, float]:
    return {"t": bar.ms, **{name[0]: value for name, value in prices(bar).items()}}


def strings(bar: Bar) -> list[Any]:
    return [bar.ms, *map(str, prices(bar).values())]


def json_of(build: Callable[[list[Bar]], Any]) -> Write:
    return lambda bars: json.dumps(build(bars))


def yahoo_chart(bars: list[Bar]) -> Any:
    quote = {name: [prices(bar)[name] for bar in bars] for name in ("volume", "close", "open", "low", "high")}
    result = {
        "meta": {"validRanges": ["1d", "5d"]},
        "timestamp": [bar.ms // 1000 for bar in bars],
        "indicators": {"quote": [quote]},
    }
    return {"chart": {"result": [result], "error": None}}


def oanda(bars: list[Bar]) -> Any:
    mid = lambda bar: {"o": str(bar.open), "h": str(bar.high), "l": str(bar.low), "c": str(bar.close)}  # noqa: E731
    return {
        "instrument": "EUR_USD",
        "candles": [
            {"complete": True, "volume": bar.volume, "time": bar.time.isoformat(), "mid": mid(bar)} for bar in bars
        ],
    }


def taiwan(bar: Bar) -> str:
    return f"{bar.time.year - 1911}/{utc(bar, '%m/%d')}"


def in_digits(zero: str, point: str = ".") -> dict[int, str]:
    """The digits of a script, of which ``zero`` is the first, and its decimal point."""
    return {ord("0") + at: chr(ord(zero) + at) for at in range(10)} | {ord("."): point}


def three_levels(bars: list[Bar]) -> str:
    lines = ["Source" + ",yahoo" * 5, "Ticker" + ",SPY" * 5, "Price,Open,High,Low,Close,Volume", "Date,,,,,"]
    return "\n".join([*lines, *(f"{utc(bar, '%Y-%m-%d')},{ohlcv(bar)}" for bar in bars)]) + "\n"


J = "bars.json"
OTHER_FORMS: tuple[Vendor, ...] = (
    Vendor(name="Excel (Unicode text)", shape="UTF-16, tabs", encoding="utf-16", **D,
           write=rows(DATE_FIRST.replace(",", "\t"), lambda b: f"{utc(b, '%Y-%m-%d')}\t{ohlcv(b, chr(9))}")),
    Vendor(name="MetaTrader 5 (UTF-16)", shape="UTF-16 without a mark, tabs", encoding="utf-16-le", options={"timezone": "UTC"},
           write=rows("<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>",
                      lambda b: f"{utc(b, '%Y.%m.%d%t%H:%M:%S')}\t{ohlcv(b, chr(9))}\t0\t1")),
    Vendor(name="JSON lines", shape="a record on each line", file="bars.jsonl",
           write=lambda bars: "".join(json.dumps({"time": bar.time.isoformat(), **prices(bar)}) + "\n" for bar in bars)),
    Vendor(name="JSON records", shape="`[{\"time\": …, \"open\": …}, …]`", file=J,
           write=json_of(lambda bars: [{"time": bar.time.isoformat(), **prices(bar)} for bar in bars])),
    Vendor(name="Polygon (JSON)", shape="`{\"results\": [{\"t\": …, \"o\": …}, …]}`", file=J,
           write=json_of(lambda bars: {"ticker": "SPY", "results": [letters(bar) for bar in bars], "status": "OK"})),
    Vendor(name="Binance (JSON)", shape="lists of 12 values, milliseconds", file=J,
           write=json_of(lambda bars: [[*strings(bar), bar.ms + 59_999, "1.5", 9, "1", "1", "0"] for bar in bars])),
    Vendor(name="Kraken (JSON)", shape="`{\"result\": {\"XXBTZUSD\": [[…], …]}}`", file=J,
           write=json_of(lambda bars: {"error": [], "result": {"XXBTZUSD": [[bar.ms // 1000, *strings(bar)[1:5], str(bar.close), str(bar.volume), 5] for bar in bars], "last": 7}})),
    Vendor(name="Finnhub (JSON)", shape="`{\"c\": […], \"t\": […], \"s\": \"ok\"}`", file=J,
           write=json_of(lambda bars: {**{name[0]: [prices(bar)[name] for bar in bars] for name in prices(bars[0])}, "t": [bar.ms // 1000 for bar in bars], "s": "ok"})),
    Vendor(name="Yahoo (chart JSON)", shape="`{\"chart\": {\"result\": [{\"timestamp\": […], …}]}}`", file=J, write=json_of(yahoo_chart)),
    Vendor(name="OANDA (JSON)", shape="`{\"candles\": [{\"mid\": {\"o\": …}}, …]}`", file=J, write=json_of(oanda)),
    Vendor(name="Alpha Vantage (JSON)", shape="`{\"Time Series (Daily)\": {\"2024-01-02\": {\"1. open\": …}}}`", file=J, **D,
           write=json_of(lambda bars: {"Meta Data": {"2. Symbol": "SPY"}, "Time Series (Daily)": {
               utc(bar, "%Y-%m-%d"): {f"{at}. {name}": str(value) for at, (name, value) in enumerate(prices(bar).items(), 1)} for bar in bars[::-1]}})),
    Vendor(name="Twelve Data (JSON)", shape="`{\"values\": [{\"datetime\": …}, …]}`, newest first", file=J,
           write=json_of(lambda bars: {"meta": {"symbol": "SPY"}, "values": [{"datetime": utc(bar, "%Y-%m-%d %H:%M:%S"), **prices(bar)} for bar in bars[::-1]]})),
    Vendor(name="pandas (to_json)", shape="`{\"open\": {\"1704205800000\": …}, …}`", file=J,
           write=json_of(lambda bars: {name: {str(bar.ms): prices(bar)[name] for bar in bars} for name in prices(bars[0])})),
    Vendor(name="pandas (to_json, split)", shape="`{\"columns\": […], \"index\": […], \"data\": […]}`", file=J,
           write=json_of(lambda bars: {"columns": list(prices(bars[0])), "index": [bar.ms for bar in bars], "data": [list(prices(bar).values()) for bar in bars]})),
    Vendor(name="JSON of several tickers", shape="`{\"AAPL\": […], \"MSFT\": […]}`; `--instrument AAPL`", file=J, options={"instrument": "AAPL"},
           write=json_of(lambda bars: {"bars": {"MSFT": [letters(bar) | {"o": 1.0} for bar in bars], "AAPL": [letters(bar) for bar in bars]}})),
    Vendor(name="Year, month, day", shape="the date in three columns", **D,
           write=commas(lambda b: f"{b.time.year},{b.time.month},{b.time.day}", "Year,Month,Day," + OHLCV)),
    Vendor(name="Year to minute", shape="the time in five columns",
           write=commas(lambda b: f"{b.time.year},{b.time.month},{b.time.day},{b.time.hour},{b.time.minute}", "year,month,day,hour,minute," + OHLCV)),
    Vendor(name="Date, hour, minute", shape="the time in three columns", write=commas(lambda b: utc(b, "%Y-%m-%d,%H,%M"), "date,hour,minute," + OHLCV)),
    Vendor(name="Taiwan Stock Exchange", shape="`113/01/02`, years counted from 1911", **D,
           write=rows("日期,成交股數,成交金額,開盤價,最高價,最低價,收盤價,漲跌價差,成交筆數",
                      lambda b: f"{taiwan(b)},\"{b.volume:,}\",1,{ohlcv(b).rsplit(',', 1)[0]},+0.5,7")),
    Vendor(name="Taiwan (years 99 and 100)", shape="`99/12/31`, then `100/01/03`; `--time-format minguo` where all have two digits", options={"time_format": "minguo"}, **D,
           write=commas(lambda b: f"民國{taiwan(b)}")),
    Vendor(name="Taiwan (three digits)", shape="`0990102` or `099/01/02` without a mark of the country", **D,
           write=commas(lambda b: f"{b.time.year - 1911:03}{utc(b, '%m%d')}")),
    Vendor(name="Stock Exchange of Thailand", shape="`02/01/2567`, years counted from 543 BC", **D,
           write=commas(lambda b: f"{utc(b, '%d/%m/')}{b.time.year + 543}", "วันที่,เปิด,สูงสุด,ต่ำสุด,ปิด,ปริมาณ")),
    Vendor(name="Year first, two digits", shape="`24/01/02`, where the days run and the year stays", **D, write=commas(lambda b: utc(b, "%y/%m/%d"))),
    Vendor(name="Arabic digits", shape="`٤٧٤٣٫٩٤` below Arabic names", **D,
           write=lambda bars: "التاريخ,افتتاح,أعلى,أدنى,إغلاق,حجم\n" + DAY(bars).split("\n", 1)[1].translate(in_digits("٠", "٫"))),
    Vendor(name="Persian digits", shape="`۲۰۲۴-۰۱-۰۲,۴۷۴۳.۹۴` below English names", **D,
           write=lambda bars: DATE_FIRST + "\n" + DAY(bars).split("\n", 1)[1].translate(in_digits("۰"))),
    Vendor(name="Full-width digits", shape="`２０２４／０１／０２` in Shift JIS", encoding="shift_jis", **D,
           write=lambda bars: "日付,始値,高値,安値,終値,出来高\n" + DAY(bars).split("\n", 1)[1].translate(in_digits("０", "．") | {ord("-"): "／"})),
    Vendor(name="Excel for Mac (old)", shape="Mac Roman, lines that end with a carriage return", encoding="mac_roman", **D,
           write=lambda bars: rows("Date;Ouverture;Plus haut;Plus bas;Clôture;Volume", lambda b: f"{utc(b, '%d/%m/%Y')};{ohlcv(b, ';')}")(bars).replace("\n", "\r")),
    Vendor(name="DOS program", shape="IBM 850, `Datum;Eröffnung;…`", encoding="cp850", **D,
           write=rows("Datum;Eröffnung;Hoch;Tief;Schluß;Stücke", lambda b: f"{utc(b, '%d.%m.%Y')};{ohlcv(b, ';')}")),
    Vendor(name="Names of companies in Windows-1252", shape="English names of columns, a cell `Société Générale`", encoding="cp1252", **D,
           write=rows("Name;" + DATE_FIRST.replace(",", ";"), lambda b: f"Société Générale;{utc(b, '%Y-%m-%d')};{ohlcv(b, ';')}")),
    Vendor(name="Text mode twice", shape="lines that end with two carriage returns and a line feed", **D, write=lambda bars: DAY(bars).replace("\n", "\r\r\n")),
    Vendor(name="pandas (three levels)", shape="lines for the source, the ticker and the price above the rows", **D, write=three_levels),
    Vendor(name="Range in a cell", shape="`4738.66 - 4745.44`", **D,
           write=rows("Date,Open,Day's Range,Close,Volume", lambda b: f"{utc(b, '%Y-%m-%d')},{b.open:.2f},{b.low:.2f} - {b.high:.2f},{b.close:.2f},{b.volume}")),
    Vendor(name="Markdown table", shape="bars between `|`", **D,
           write=rows("| Date | Open | High | Low | Close | Volume |\n|------|-----:|-----:|:---:|------:|-------:|",
                      lambda b: f"| {utc(b, '%Y-%m-%d')} | {ohlcv(b, ' | ')} |")),
    Vendor(name="Files put behind each other", shape="the header and a byte order mark in the middle", **D,
           write=lambda bars: MARK + DAY(bars[:40]) + MARK + DAY(bars[40:])),
    Vendor(name="Words below the rows", shape="`Source: Foo, Inc., New York`", **D,
           write=rows(DATE_FIRST, lambda b: f"{utc(b, '%Y-%m-%d')},{ohlcv(b)}", end=",,,,,\nData as of today,,,,,\nSource: Foo, Inc., New York\n")),
    Vendor(name="Greek export", shape="`Ημερομηνία,Άνοιγμα,Υψηλό,Χαμηλό,Κλείσιμο,Όγκος`", **D, write=commas(lambda b: utc(b, "%Y-%m-%d"), "Ημερομηνία,Άνοιγμα,Υψηλό,Χαμηλό,Κλείσιμο,Όγκος")),
    Vendor(name="Arabic export", shape="`التاريخ,افتتاح,أعلى,أدنى,إغلاق,حجم`", **D, write=commas(lambda b: utc(b, "%Y-%m-%d"), "التاريخ,افتتاح,أعلى,أدنى,إغلاق,حجم")),
    Vendor(name="Thai export", shape="`วันที่,เปิด,สูงสุด,ต่ำสุด,ปิด,ปริมาณ`", **D, write=commas(lambda b: utc(b, "%Y-%m-%d"), "วันที่,เปิด,สูงสุด,ต่ำสุด,ปิด,ปริมาณ")),
    Vendor(name="Vietnamese export", shape="`Ngày,Mở cửa,Cao nhất,Thấp nhất,Đóng cửa,Khối lượng`", **D, write=commas(lambda b: utc(b, "%d/%m/%Y"), "Ngày,Mở cửa,Cao nhất,Thấp nhất,Đóng cửa,Khối lượng")),
    Vendor(name="Hebrew export", shape="`תאריך,פתיחה,גבוה,נמוך,סגירה,נפח`", **D, write=commas(lambda b: utc(b, "%d/%m/%Y"), "תאריך,פתיחה,גבוה,נמוך,סגירה,נפח")),
    Vendor(name="Norwegian export", shape="`Dato;Åpning;Høy;Lav;Siste;Volum`", **D, write=rows("Dato;Åpning;Høy;Lav;Siste;Volum", lambda b: f"{utc(b, '%d.%m.%Y')};{ohlcv(b, ';')}")),
    Vendor(name="Dutch export", shape="`Datum,Openen,Hoog,Laag,Slot,Volume`", bars=minutes(), write=commas(lambda b: utc(b, "%Y-%m-%d %H:%M"), "Datum,Openen,Hoog,Laag,Slot,Volume")),
)  # fmt: skip
