# ruff: noqa: E501 (one line of a table for each part of a vendor)
"""Dumps of exchanges and terminals, and the times of programs that count or write them in their own way."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from tests.dialects.truth import Bar, days, hours
from tests.dialects.vendors import NY, OHLCV, D, Vendor, Write, ny, ohlcv, rows, utc
from tests.dialects.worldwide import DATE_FIRST, commas

HOURS: dict[str, Any] = {"bars": hours()}
J: dict[str, Any] = {"bars": hours(), "file": "bars.json"}
UNIX_DAY = datetime(1970, 1, 1, tzinfo=UTC)
NET_TICKS, WINDOWS_TICKS = 621_355_968_000_000_000, 116_444_736_000_000_000


def json_of(build: Callable[[list[Bar]], Any]) -> Write:
    return lambda bars: json.dumps(build(bars))


def texts(bar: Bar, *names: str) -> list[str]:
    return [str(getattr(bar, name)) for name in names]


def one_later(form: str) -> Callable[[Bar], str]:
    """The clock of a zone an hour east of UTC."""
    return lambda bar: (bar.time + timedelta(hours=1)).strftime(form)


def half_day(before: str, after: str, form: str, clock: str) -> Callable[[Bar], str]:
    return lambda bar: f"{utc(bar, form)} {before if bar.time.hour < 12 else after} {utc(bar, clock)}"


def iqfeed(bars: list[Bar]) -> str:
    """The volume of the day so far stands before that of the bar, and a word ends the answer."""
    totals = accumulate(bar.volume for bar in bars)
    lines = [
        f"LH,{ny(bar, '%Y-%m-%d %H:%M:%S')},{bar.high:.4f},{bar.low:.4f},{bar.open:.4f},{bar.close:.4f},{total},{bar.volume},0,"
        for bar, total in zip(bars, totals, strict=True)
    ]
    return "\n".join([*lines, "!ENDMSG!,"]) + "\n"


PROGRAMS: tuple[Vendor, ...] = (
    Vendor(name="IQFeed (answer)", shape="no header, the volume of the day before that of the bar, `!ENDMSG!` at the end", options=NY, write=iqfeed),
    Vendor(name="IQFeed (pyiqfeed)", shape="`open_p,high_p,low_p,close_p,tot_vlm,prd_vlm`",
           write=rows("date,time,open_p,high_p,low_p,close_p,tot_vlm,prd_vlm,num_trds", lambda b: f"{utc(b, '%Y-%m-%d,%H:%M:%S')},{b.open},{b.high},{b.low},{b.close},9,{b.volume},1")),
    Vendor(name="Refinitiv Workspace", shape="`TRDPRC_1,HIGH_1,LOW_1,OPEN_PRC,ACVOL_UNS`", **D,
           write=rows("Timestamp,TRDPRC_1,HIGH_1,LOW_1,OPEN_PRC,ACVOL_UNS", lambda b: f"{utc(b, '%Y-%m-%d')},{b.close},{b.high},{b.low},{b.open},{b.volume}")),
    Vendor(name="Refinitiv Tick History", shape="`#RIC,Domain,Date-Time,GMT Offset,…`",
           write=rows("#RIC,Domain,Date-Time,GMT Offset,Type,Open,High,Low,Last,Volume,No. Trades", lambda b: f"ESc1,Market Price,{utc(b, '%Y-%m-%dT%H:%M:%S.000000000Z')},-5,Intraday 1Min,{ohlcv(b)},5")),
    Vendor(name="Bloomberg (BDH sheet)", shape="lines of the request above `Date,PX_OPEN,…`", **D,
           write=rows("SPX Index,,,,,\n,,,,,\nStart Date,1/2/2024,,,,\nEnd Date,,,,,\nDate,PX_OPEN,PX_HIGH,PX_LOW,PX_LAST,PX_VOLUME", lambda b: f"{utc(b, '%m/%d/%Y')},{ohlcv(b)}")),
    Vendor(name="CQG", shape="no header, the symbol first, clocks such as 930", options=NY, write=rows("", lambda b: f"EP,{ny(b, '%Y%m%d')},{ny(b, '%H%M')},{ohlcv(b)}")),
    Vendor(name="Norgate", shape="`Date,…,Open Interest,Delivery Month`", **D,
           write=rows("Date,Open,High,Low,Close,Volume,Open Interest,Delivery Month", lambda b: f"{utc(b, '%Y%m%d')},{ohlcv(b)},1000,202403")),
    Vendor(name="RiceQuant", shape="`datetime` beside the `trading_date` of each row",
           write=rows("order_book_id,datetime,open,high,low,close,volume,trading_date", lambda b: f"IF2403,{utc(b, '%Y-%m-%d %H:%M:%S')},{ohlcv(b)},2024-01-02")),
    Vendor(name="vnpy", shape="`symbol,exchange,datetime,…`, times with `+08:00`",
           write=rows("symbol,exchange,datetime,open,high,low,close,volume,open_interest", lambda b: f"IF2403,CFFEX,{b.time + timedelta(hours=8):%Y-%m-%d %H:%M:%S}+08:00,{ohlcv(b)},5")),
    Vendor(name="Zipline (csvdir)", shape="`date,…,dividend,split`", **D, write=rows("date,open,high,low,close,volume,dividend,split", lambda b: f"{utc(b, '%Y-%m-%d')},{ohlcv(b)},0.0,1.0")),
    Vendor(name="Lean (quotes)", shape="minutes of bids and asks; the bids are taken", file="20240102_quote.csv", volume=False,
           write=rows("", lambda b: f"{(b.time.hour * 60 + b.time.minute) * 60_000},{b.open},{b.high},{b.low},{b.close},0,{b.open + 1:.2f},{b.high + 1:.2f},{b.low + 1:.2f},{b.close + 1:.2f},0")),
    Vendor(name="KuCoin (JSON)", shape="time, open, close, high, low; newest first", **J,
           write=json_of(lambda bars: {"code": "200000", "data": [[str(b.ms // 1000), *texts(b, "open", "close", "high", "low", "volume"), "1.5"] for b in bars[::-1]]})),
    Vendor(name="Bybit (JSON)", shape="`{\"result\": {\"list\": [[…], …]}}`, newest first", **J,
           write=json_of(lambda bars: {"retCode": 0, "result": {"symbol": "BTCUSDT", "list": [[str(b.ms), *texts(b, "open", "high", "low", "close", "volume"), "1.5"] for b in bars[::-1]]}})),
    Vendor(name="Coinbase Advanced (JSON)", shape="`{\"candles\": [{\"start\": …}, …]}`, newest first", **J,
           write=json_of(lambda bars: {"candles": [{"start": str(b.ms // 1000), **dict(zip(("low", "high", "open", "close", "volume"), texts(b, "low", "high", "open", "close", "volume"), strict=True))} for b in bars[::-1]]})),
    Vendor(name="Bitstamp (JSON)", shape="`{\"data\": {\"ohlc\": [{\"timestamp\": …}, …]}}`", **J,
           write=json_of(lambda bars: {"data": {"pair": "BTC/USD", "ohlc": [{"timestamp": str(b.ms // 1000), **dict(zip(("open", "high", "low", "close", "volume"), texts(b, "open", "high", "low", "close", "volume"), strict=True))} for b in bars]}})),
    Vendor(name="Deribit (JSON)", shape="lists, the times under `ticks`", **J,
           write=json_of(lambda bars: {"result": {"ticks": [b.ms for b in bars], "status": "ok", **{name: [getattr(b, name) for b in bars] for name in ("open", "high", "low", "close", "volume")}}})),
    Vendor(name="BitMEX", shape="`timestamp,symbol,…,trades,volume,vwap,…`", **HOURS,
           write=rows("timestamp,symbol,open,high,low,close,trades,volume,vwap,turnover", lambda b: f"{utc(b, '%Y-%m-%dT%H:%M:%S.000Z')},XBTUSD,{b.open},{b.high},{b.low},{b.close},5,{b.volume},{b.close},2")),
    Vendor(name=".NET (ticks)", shape="ticks of 100 ns since the year 1", write=commas(lambda b: str(b.ms * 10_000 + NET_TICKS))),
    Vendor(name=".NET (ticks of days)", shape="ticks of 100 ns since the year 1, each a midnight", **D, write=commas(lambda b: str(b.ms * 10_000 + NET_TICKS))),
    Vendor(name="Windows (FILETIME)", shape="ticks of 100 ns since 1601 UTC", write=commas(lambda b: str(b.ms * 10_000 + WINDOWS_TICKS))),
    Vendor(name="R (days as numbers)", shape="days since 1970, as weekends show", **D, write=commas(lambda b: str((b.time - UNIX_DAY).days))),
    Vendor(name="SAS", shape="`02JAN2024:14:30:00`", write=commas(lambda b: utc(b, "%d%b%Y:%H:%M:%S").upper())),
    Vendor(name="FIX", shape="`20240102-14:30:00.000`", write=commas(lambda b: utc(b, "%Y%m%d-%H:%M:%S.000"))),
    Vendor(name="kdb+", shape="`2024.01.02D14:30:00.000000000`", write=commas(lambda b: utc(b, "%Y.%m.%dD%H:%M:%S.000000000"))),
    Vendor(name="Go", shape="`2024-01-02 14:30:00 +0000 UTC`", write=commas(lambda b: utc(b, "%Y-%m-%d %H:%M:%S +0000 UTC"))),
    Vendor(name="Zone in parentheses", shape="`2024-01-02 15:30:00 (UTC+1)`", write=commas(one_later("%Y-%m-%d %H:%M:%S (UTC+1)"))),
    Vendor(name="Zone in brackets", shape="`2024-01-02T09:30:00[America/New_York]`", write=commas(lambda b: ny(b, "%Y-%m-%dT%H:%M:%S[America/New_York]"))),
    Vendor(name="Chinese clock", shape="`2024年01月02日 14时30分`", write=commas(lambda b: utc(b, "%Y年%m月%d日 %H时%M分"))),
    Vendor(name="Chinese half days", shape="`2024/01/02 下午 02:30:00`", write=commas(half_day("上午", "下午", "%Y/%m/%d", "%I:%M:%S"))),
    Vendor(name="Korean half days", shape="`2024. 01. 02. 오후 02:30`", write=commas(half_day("오전", "오후", "%Y. %m. %d.", "%I:%M"))),
    Vendor(name="Finnish clock", shape="`2.1.2024 klo 14.30`", write=commas(lambda b: f"{b.time.day}.{b.time.month}.{utc(b, '%Y klo %H.%M')}")),
    Vendor(name="German clock", shape="`02.01.2024 14:30 Uhr`", write=commas(lambda b: utc(b, "%d.%m.%Y %H:%M Uhr"))),
    Vendor(name="French clock", shape="`02/01/2024 14h30`", options={"day_first": True}, write=commas(lambda b: utc(b, "%d/%m/%Y %Hh%M"))),
    Vendor(name="Cells that Excel leaves alone", shape="`=\"2024-01-02 14:30\",=\"472.71\",…`",
           write=rows(DATE_FIRST, lambda b: ",".join(f'="{cell}"' for cell in (utc(b, "%Y-%m-%d %H:%M"), *ohlcv(b).split(","))))),
    Vendor(name="DOS (end of file)", shape="Control-Z behind the last line", **D, write=rows(DATE_FIRST, lambda b: f"{utc(b, '%Y-%m-%d')},{ohlcv(b)}", end="\x1a")),
    Vendor(name="pandas (no volume)", shape="`<NA>` in every cell of the volume", volume=False, **D,
           write=rows(DATE_FIRST, lambda b: f"{utc(b, '%Y-%m-%d')},{ohlcv(b).rsplit(',', 1)[0]},<NA>")),
    Vendor(name="Stooq (hours)", shape="`<TICKER>,<PER>,<DATE>,<TIME>,…`", **HOURS,
           write=rows("<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>", lambda b: f"SPY.US,60,{utc(b, '%Y%m%d,%H%M%S')},{ohlcv(b)},0")),
    Vendor(name="JForex", shape="`Time (EET)`, clocks of Athens", options={"timezone": "Europe/Athens"},
           write=commas(lambda b: f"{b.time + timedelta(hours=2):%Y.%m.%d %H:%M:%S}", "Time (EET)," + OHLCV)),
    Vendor(name="Index beside a count", shape="`level_0,index,Date,…`", bars=days(),
           write=rows("level_0,index," + DATE_FIRST, lambda b: f"{b.volume % 7},{b.volume % 5},{utc(b, '%Y-%m-%d')},{ohlcv(b)}")),
)  # fmt: skip
