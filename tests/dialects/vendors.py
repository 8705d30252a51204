# ruff: noqa: E501 (one line of a table for each part of a vendor)
"""The files of vendors, as people have them: one entry each, written from bars whose values are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.dialects.truth import Bar, days, hours, minutes

Write = Callable[[list[Bar]], str]
NY = {"timezone": "America/New_York"}


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """One vendor's file: how it is written, what reads it, and what it holds."""

    name: str
    shape: str
    """What the file looks like, for the table in docs/vendors.md."""
    write: Write
    bars: list[Bar] = field(default_factory=minutes)
    options: dict[str, Any] = field(default_factory=dict)
    shift: timedelta = timedelta(0)
    """What the time in the file, read with the options, is later than the bar's start."""
    volume: bool = True
    file: str = "bars.csv"
    encoding: str = "utf-8"


def rows(header: str, line: Callable[[Bar], str], *, newest: bool = False, end: str = "") -> Write:
    """A file of a header (none where it is empty) and one line for each bar."""

    def write(bars: list[Bar]) -> str:
        ordered = bars[::-1] if newest else bars
        lines = [*([header] if header else []), *(line(bar) for bar in ordered)]
        return "\n".join(lines) + "\n" + end

    return write


def ohlcv(bar: Bar, mark: str = ",") -> str:
    return mark.join((f"{bar.open:.2f}", f"{bar.high:.2f}", f"{bar.low:.2f}", f"{bar.close:.2f}", str(bar.volume)))


def german(value: float) -> str:
    whole, part = f"{value:,.2f}".split(".")
    return f"{whole.replace(',', '.')},{part}"


def utc(bar: Bar, form: str) -> str:
    return bar.time.strftime(form)


def ny(bar: Bar, form: str) -> str:
    return bar.new_york.strftime(form)


D: dict[str, Any] = {"bars": days()}
OHLCV = "open,high,low,close,volume"

VENDORS: tuple[Vendor, ...] = (
    Vendor(name="HistData (ASCII minutes)", shape="no header, `20240102 093000;o;h;l;c;0`", volume=False, options=NY,
           write=rows("", lambda b: f"{ny(b, '%Y%m%d %H%M%S')};{b.open:.6f};{b.high:.6f};{b.low:.6f};{b.close:.6f};0")),
    Vendor(name="HistData (MetaTrader)", shape="no header, date and time", volume=False, options=NY,
           write=rows("", lambda b: f"{ny(b, '%Y.%m.%d,%H:%M')},{ohlcv(b).rsplit(',', 1)[0]},0")),
    Vendor(name="Kibot", shape="no header, `01/02/2024,09:30,…`", options=NY,
           write=rows("", lambda b: f"{ny(b, '%m/%d/%Y,%H:%M')},{ohlcv(b)}")),
    Vendor(name="Kibot (daily)", shape="no header, `01/02/2024,…`", **D,
           write=rows("", lambda b: f"{utc(b, '%m/%d/%Y')},{ohlcv(b)}")),
    Vendor(name="FirstRate Data", shape="no header, `2024-01-02 09:30:00,…`", options=NY,
           write=rows("", lambda b: f"{ny(b, '%Y-%m-%d %H:%M:%S')},{ohlcv(b)}")),
    Vendor(name="FirstRate Data (header)", shape="`timestamp,open,…`", options=NY,
           write=rows("timestamp," + OHLCV, lambda b: f"{ny(b, '%Y-%m-%d %H:%M:%S')},{ohlcv(b)}")),
    Vendor(name="MetaTrader 4", shape="no header, `2024.01.02,09:30,…`", options=NY,
           write=rows("", lambda b: f"{ny(b, '%Y.%m.%d,%H:%M')},{ohlcv(b)}")),
    Vendor(name="MetaTrader 5", shape="tabs, `<DATE> <TIME> <OPEN> … <TICKVOL> <VOL> <SPREAD>`", options=NY,
           write=rows("<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>",
                      lambda b: f"{ny(b, '%Y.%m.%d')}\t{ny(b, '%H:%M:%S')}\t" + ohlcv(b, "\t") + "\t0\t1")),
    Vendor(name="MetaTrader 5 (Python)", shape="`time` in seconds, `tick_volume`, `real_volume`",
           write=rows("time,open,high,low,close,tick_volume,spread,real_volume",
                      lambda b: f"{b.ms // 1000},{ohlcv(b)},1,0")),
    Vendor(name="NinjaTrader", shape="no header, `20240102 093100;…`, ends of bars", options={**NY, "bar_label": "end"},
           write=rows("", lambda b: f"{(b.new_york + timedelta(minutes=1)).strftime('%Y%m%d %H%M%S')};{ohlcv(b, ';')}")),
    Vendor(name="Binance klines", shape="no header, 12 columns, milliseconds",
           write=rows("", lambda b: f"{b.ms},{ohlcv(b)},{b.ms + 59999},{b.volume * b.close:.4f},37,{b.volume / 2},9.5,0")),
    Vendor(name="Binance klines (2025)", shape="no header, 12 columns, microseconds",
           write=rows("", lambda b: f"{b.ms}000,{ohlcv(b)},{b.ms + 59999}999,{b.volume * b.close:.4f},37,1.5,9.5,0")),
    Vendor(name="Binance (header)", shape="`open_time,open,…,close_time,…,ignore`",
           write=rows("open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,ignore",
                      lambda b: f"{b.ms},{ohlcv(b)},{b.ms + 59999},{b.volume * b.close:.4f},37,1.5,0")),
    Vendor(name="Binance (python-binance)", shape="`Open time,Open,…`",
           write=rows("Open time,Open,High,Low,Close,Volume,Close time,Quote asset volume,Number of trades",
                      lambda b: f"{utc(b, '%Y-%m-%d %H:%M:%S')},{ohlcv(b)},{utc(b, '%Y-%m-%d %H:%M:59.999')},9.5,37")),
    Vendor(name="Kraken", shape="no header, seconds, trades last",
           write=rows("", lambda b: f"{b.ms // 1000},{ohlcv(b)},17")),
    Vendor(name="Google Finance (old)", shape="`COLUMNS=DATE,CLOSE,HIGH,LOW,OPEN,VOLUME` below other lines",
           write=rows("EXCHANGE%3DNYSEARCA\nMARKET_OPEN_MINUTE=570\nINTERVAL=60\nCOLUMNS=DATE,CLOSE,HIGH,LOW,OPEN,VOLUME",
                      lambda b: f"{b.ms // 1000},{b.close},{b.high},{b.low},{b.open},{b.volume}")),
    Vendor(name="GOOGLEFINANCE sheet", shape="`1/2/2024 16:00:00`", bars=days(40), shift=timedelta(hours=21),
           options={**NY},
           write=rows("Date,Open,High,Low,Close,Volume", lambda b: f"{b.time.month}/{b.time.day}/{b.time.year} 16:00:00,{ohlcv(b)}")),
    Vendor(name="Alpha Vantage", shape="`timestamp,open,…`, newest first", options=NY,
           write=rows("timestamp," + OHLCV, lambda b: f"{ny(b, '%Y-%m-%d %H:%M:%S')},{ohlcv(b)}", newest=True)),
    Vendor(name="Alpha Vantage (pandas)", shape="`date,1. open,…,5. volume`, newest first", options=NY,
           write=rows("date,1. open,2. high,3. low,4. close,5. volume",
                      lambda b: f"{ny(b, '%Y-%m-%d %H:%M:%S')},{ohlcv(b)}", newest=True)),
    Vendor(name="Alpha Vantage (daily adjusted)", shape="adjusted close beside the close, newest first", **D,
           write=rows("timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient",
                      lambda b: f"{utc(b, '%Y-%m-%d')},{b.open},{b.high},{b.low},{b.close},{b.close * 0.98:.4f},{b.volume},0.0,1.0",
                      newest=True)),
    Vendor(name="Barchart", shape="`Time,Open,High,Low,Last,Change,%Chg,Volume`, newest first, a last line of text", **D,
           write=rows("Time,Open,High,Low,Last,Change,%Chg,Volume",
                      lambda b: f"{utc(b, '%m/%d/%Y')},{b.open},{b.high},{b.low},{b.close},1.25,+0.12%,{b.volume}",
                      newest=True, end='"Downloaded from Barchart.com as of 05-06-2024 05:06pm CDT"\n')),
    Vendor(name="Coinbase candles", shape="no header, seconds, low, high, open, close; newest first",
           write=rows("", lambda b: f"{b.ms // 1000},{b.low},{b.high},{b.open},{b.close},{b.volume}", newest=True)),
    Vendor(name="Coinbase (header)", shape="`time,low,high,open,close,volume`, newest first",
           write=rows("time,low,high,open,close,volume",
                      lambda b: f"{b.ms // 1000},{b.low},{b.high},{b.open},{b.close},{b.volume}", newest=True)),
    Vendor(name="Tushare", shape="`ts_code,trade_date,…,vol,amount`, newest first", **D,
           write=rows("ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount",
                      lambda b: f"000001.SZ,{utc(b, '%Y%m%d')},{b.open},{b.high},{b.low},{b.close},1.0,2.0,3.0,{b.volume},9.5",
                      newest=True)),
    Vendor(name="JoinQuant", shape="dates as an index without a name, `money` last", **D,
           write=rows(",open,close,high,low,volume,money",
                      lambda b: f"{utc(b, '%Y-%m-%d')},{b.open},{b.close},{b.high},{b.low},{b.volume},1.5")),
    Vendor(name="CSMAR", shape="`Stkcd,Trddt,Opnprc,Hiprc,Loprc,Clsprc,Dnshrtrd`", **D,
           write=rows("Stkcd,Trddt,Opnprc,Hiprc,Loprc,Clsprc,Dnshrtrd,Dnvaltrd",
                      lambda b: f"000001,{utc(b, '%Y-%m-%d')},{ohlcv(b)},9.5")),
    Vendor(name="Chinese export", shape="`日期,开盘价,最高价,最低价,收盘价,成交量`", **D,
           write=rows("日期,开盘价,最高价,最低价,收盘价,成交量,成交额", lambda b: f"{utc(b, '%Y-%m-%d')},{ohlcv(b)},9.5")),
    Vendor(name="AkShare", shape="`日期,股票代码,开盘,收盘,最高,最低,成交量`", **D,
           write=rows("日期,股票代码,开盘,收盘,最高,最低,成交量,成交额,振幅,涨跌幅",
                      lambda b: f"{utc(b, '%Y-%m-%d')},000001,{b.open},{b.close},{b.high},{b.low},{b.volume},1.5,2.5,0.5")),
    Vendor(name="Wind", shape="units in the names: `开盘价(元)`", **D,
           write=rows("代码,简称,日期,开盘价(元),最高价(元),最低价(元),收盘价(元),成交量(股)",
                      lambda b: f"000001.SZ,平安银行,{utc(b, '%Y-%m-%d')},{ohlcv(b)}")),
    Vendor(name="Yahoo (download)", shape="`Date,Open,High,Low,Close,Adj Close,Volume`", **D,
           write=rows("Date,Open,High,Low,Close,Adj Close,Volume",
                      lambda b: f"{utc(b, '%Y-%m-%d')},{b.open},{b.high},{b.low},{b.close},{b.close},{b.volume}")),
    Vendor(name="Yahoo (page)", shape="`Jan 02, 2024`, thousands with commas, newest first", **D,
           write=rows('"Date","Open","High","Low","Close","Adj Close","Volume"',
                      lambda b: f'"{utc(b, "%b %d, %Y")}","{b.open:,.2f}","{b.high:,.2f}","{b.low:,.2f}","{b.close:,.2f}",'
                                f'"{b.close:,.2f}","{b.volume:,}"', newest=True)),
    Vendor(name="yfinance", shape="three header lines", **D,
           write=rows("Price,Close,High,Low,Open,Volume\nTicker,SPY,SPY,SPY,SPY,SPY\nDate,,,,,",
                      lambda b: f"{utc(b, '%Y-%m-%d')},{b.close},{b.high},{b.low},{b.open},{b.volume}")),
    Vendor(name="yfinance (minutes)", shape="`Datetime` with an offset",
           write=rows("Datetime,Open,High,Low,Close,Volume,Dividends,Stock Splits",
                      lambda b: f"{ny(b, '%Y-%m-%d %H:%M:%S')}-05:00,{ohlcv(b)},0.0,0.0")),
    Vendor(name="yfinance (several tickers)", shape="three header lines; `--instrument SPY`", options={"instrument": "SPY"}, **D,
           write=rows("Ticker,SPY,SPY,SPY,SPY,SPY,QQQ,QQQ,QQQ,QQQ,QQQ\nPrice,Open,High,Low,Close,Volume,Open,High,Low,Close,Volume"
                      "\nDate,,,,,,,,,,", lambda b: f"{utc(b, '%Y-%m-%d')},{ohlcv(b)},1,1,1,1,1")),
    Vendor(name="Ticker.history (offset midnights)", shape="`2024-01-02 00:00:00-05:00`", **D,
           write=rows("Date,Open,High,Low,Close,Volume,Dividends,Stock Splits",
                      lambda b: f"{utc(b, '%Y-%m-%d')} 00:00:00{'-05:00' if b.time.strftime('%m%d') < '0310' else '-04:00'},{ohlcv(b)},0.0,0.0")),
    Vendor(name="Stooq", shape="`<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,…`", options=NY,
           write=rows("<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
                      lambda b: f"SPY.US,1,{ny(b, '%Y%m%d')},{ny(b, '%H%M%S')},{ohlcv(b)},0")),
    Vendor(name="Stooq (daily)", shape="`Date,Open,High,Low,Close,Volume`", **D,
           write=rows("Date,Open,High,Low,Close,Volume", lambda b: f"{utc(b, '%Y-%m-%d')},{ohlcv(b)}")),
    Vendor(name="Stooq (Polish)", shape="`Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen`", **D,
           write=rows("Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen", lambda b: f"{utc(b, '%Y-%m-%d')},{ohlcv(b)}")),
    Vendor(name="Databento (pretty)", shape="`ts_event` ISO with nanoseconds, `instrument_id`, `symbol`",
           write=rows("ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol",
                      lambda b: f"{utc(b, '%Y-%m-%dT%H:%M:%S.000000000Z')},33,1,206299,{ohlcv(b)},ESH4")),
    Vendor(name="Databento (raw)", shape="nanoseconds, prices times 1e9; `--price-scale 1000000000`",
           options={"price_scale": 1e9},
           write=rows("ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume",
                      lambda b: f"{b.ms}000000,33,1,206299," + ",".join(str(round(p * 100) * 10**7) for p in
                                (b.open, b.high, b.low, b.close)) + f",{b.volume}")),
    Vendor(name="Lean (minutes)", shape="no header, milliseconds of the day in the file's name, prices times 10,000",
           options={**NY, "price_scale": 1e4}, file="20240102_trade.csv",
           write=rows("", lambda b: f"{(b.new_york.hour * 60 + b.new_york.minute) * 60000}," + ",".join(
               str(round(p * 10000)) for p in (b.open, b.high, b.low, b.close)) + f",{b.volume}")),
    Vendor(name="Lean (daily)", shape="no header, `20240102 00:00`", options={"price_scale": 1e4}, **D,
           write=rows("", lambda b: f"{utc(b, '%Y%m%d')} 00:00," + ",".join(
               str(round(p * 10000)) for p in (b.open, b.high, b.low, b.close)) + f",{b.volume}")),
    Vendor(name="Interactive Brokers", shape="`20240102  09:30:00` (two blanks)", options=NY,
           write=rows("date,open,high,low,close,volume,average,barCount",
                      lambda b: f"{ny(b, '%Y%m%d  %H:%M:%S')},{ohlcv(b)},{b.close},12")),
    Vendor(name="Interactive Brokers (zone)", shape="`20240102 09:30:00 US/Eastern`",
           write=rows("date," + OHLCV, lambda b: f"{ny(b, '%Y%m%d %H:%M:%S')} US/Eastern,{ohlcv(b)}")),
    Vendor(name="Interactive Brokers (daily)", shape="`20240102`", **D,
           write=rows("date,open,high,low,close,volume,wap,count", lambda b: f"{utc(b, '%Y%m%d')},{ohlcv(b)},{b.close},9")),
    Vendor(name="TradingView", shape="`time` in seconds, indicator columns of one name",
           write=rows("time,open,high,low,close,Volume,Plot,Plot", lambda b: f"{b.ms // 1000},{ohlcv(b)},1.5,2.5")),
    Vendor(name="TradingView (ISO)", shape="`2024-01-02T09:30:00-05:00`",
           write=rows("time,open,high,low,close,Volume", lambda b: f"{ny(b, '%Y-%m-%dT%H:%M:%S')}-05:00,{ohlcv(b)}")),
    Vendor(name="Alpaca", shape="`t,o,h,l,c,v`",
           write=rows("t,o,h,l,c,v,n,vw", lambda b: f"{utc(b, '%Y-%m-%dT%H:%M:%SZ')},{ohlcv(b)},12,{b.close}")),
    Vendor(name="Alpaca (pandas)", shape="`symbol,timestamp,…` with `+00:00`",
           write=rows("symbol,timestamp,open,high,low,close,volume,trade_count,vwap",
                      lambda b: f"SPY,{utc(b, '%Y-%m-%d %H:%M:%S')}+00:00,{ohlcv(b)},12,{b.close}")),
    Vendor(name="Alpaca (daily)", shape="midnights of New York in UTC", **D,
           write=rows("timestamp," + OHLCV, lambda b: f"{utc(b, '%Y-%m-%d')}T{'05' if b.time.strftime('%m%d') < '0311' else '04'}:00:00Z,{ohlcv(b)}")),
    Vendor(name="Polygon", shape="`v,vw,o,c,h,l,t,n`, milliseconds",
           write=rows("v,vw,o,c,h,l,t,n", lambda b: f"{b.volume},{b.close},{b.open},{b.close},{b.high},{b.low},{b.ms},12")),
    Vendor(name="Polygon flat files", shape="`ticker,…,window_start` in nanoseconds",
           write=rows("ticker,volume,open,close,high,low,window_start,transactions",
                      lambda b: f"SPY,{b.volume},{b.open},{b.close},{b.high},{b.low},{b.ms}000000,12")),
    Vendor(name="Tiingo", shape="adjusted columns beside the plain ones", **D,
           write=rows("date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor",
                      lambda b: f"{utc(b, '%Y-%m-%d')},{b.close},{b.high},{b.low},{b.open},{b.volume},1,1,1,1,1,0,1")),
    Vendor(name="Tiingo IEX", shape="`date,close,high,low,open,volume` with `+00:00`",
           write=rows("date,close,high,low,open,volume",
                      lambda b: f"{utc(b, '%Y-%m-%d %H:%M:%S')}+00:00,{b.close},{b.high},{b.low},{b.open},{b.volume}")),
    Vendor(name="EODHD", shape="`Date,Open,High,Low,Close,Adjusted_close,Volume`", **D,
           write=rows("Date,Open,High,Low,Close,Adjusted_close,Volume",
                      lambda b: f"{utc(b, '%Y-%m-%d')},{b.open},{b.high},{b.low},{b.close},{b.close},{b.volume}")),
    Vendor(name="EODHD (intraday)", shape="`Timestamp,Gmtoffset,Datetime,…`",
           write=rows("Timestamp,Gmtoffset,Datetime,Open,High,Low,Close,Volume",
                      lambda b: f"{b.ms // 1000},0,{utc(b, '%Y-%m-%d %H:%M:%S')},{ohlcv(b)}")),
    Vendor(name="Dukascopy", shape="`02.01.2024 15:30:00.000 GMT+0100`",
           write=rows("Gmt time,Open,High,Low,Close,Volume",
                      lambda b: f"{(b.time + timedelta(hours=1)).strftime('%d.%m.%Y %H:%M:%S')}.000 GMT+0100,{ohlcv(b)}")),
    Vendor(name="Dukascopy (GMT)", shape="`02.01.2024 14:30:00.000`",
           write=rows("Gmt time,Open,High,Low,Close,Volume", lambda b: f"{utc(b, '%d.%m.%Y %H:%M:%S')}.000,{ohlcv(b)}")),
    Vendor(name="Dukascopy (node)", shape="`timestamp` in milliseconds", write=rows("timestamp," + OHLCV, lambda b: f"{b.ms},{ohlcv(b)}")),
    Vendor(name="Nasdaq.com", shape="`$` before prices, `Close/Last`, newest first", **D,
           write=rows("Date,Close/Last,Volume,Open,High,Low",
                      lambda b: f"{utc(b, '%m/%d/%Y')},${b.close:.2f},{b.volume},${b.open:.2f},${b.high:.2f},${b.low:.2f}", newest=True)),
    Vendor(name="Nasdaq Data Link (CHRIS)", shape="`Last` and `Settle`: say which is the close", **D,
           options={"columns": {"close": "Settle"}},
           write=rows("Date,Open,High,Low,Last,Change,Settle,Volume,Previous Day Open Interest",
                      lambda b: f"{utc(b, '%Y-%m-%d')},{b.open},{b.high},{b.low},{b.close},0.5,{b.close},{b.volume},99")),
    Vendor(name="Nasdaq Data Link (Sharadar)", shape="`ticker,date,…,closeadj`", **D,
           write=rows("ticker,date,open,high,low,close,volume,closeadj,closeunadj,lastupdated",
                      lambda b: f"SPY,{utc(b, '%Y-%m-%d')},{ohlcv(b)},1,1,2024-05-05")),
    Vendor(name="investing.com", shape='`"Date","Price","Open",…,"Vol.","Change %"`, newest first', **D,
           write=rows('"Date","Price","Open","High","Low","Vol.","Change %"',
                      lambda b: f'"{utc(b, "%m/%d/%Y")}","{b.close:,.2f}","{b.open:,.2f}","{b.high:,.2f}","{b.low:,.2f}",'
                                f'"{b.volume / 1000:.3f}K","-0.25%"', newest=True)),
    Vendor(name="investing.com (German)", shape='`"Datum","Zuletzt","Eröffn.",…`, decimal commas', **D,
           write=rows('"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"',
                      lambda b: f'"{utc(b, "%d.%m.%Y")}","{german(b.close)}","{german(b.open)}","{german(b.high)}",'
                                f'"{german(b.low)}","{f"{b.volume / 1000:.3f}".replace(".", ",")}K","-0,25%"', newest=True)),
    Vendor(name="Bloomberg", shape="lines above, `Dates,PX_OPEN,…,PX_LAST,PX_VOLUME`", **D,
           write=rows("SPY US Equity\nPeriod,D\n\nDates,PX_OPEN,PX_HIGH,PX_LOW,PX_LAST,PX_VOLUME",
                      lambda b: f"{utc(b, '%m/%d/%Y')},{ohlcv(b)}")),
    Vendor(name="Refinitiv", shape="`#RIC,Domain,Date-Time,GMT Offset,Type,…,Last,Volume`",
           write=rows("#RIC,Domain,Date-Time,GMT Offset,Type,Open,High,Low,Last,Volume,No. Trades",
                      lambda b: f"SPY,Market Price,{utc(b, '%Y-%m-%dT%H:%M:%S')}.000000000Z,-5,Intraday 1Min,{ohlcv(b)},12")),
    Vendor(name="CryptoDataDownload", shape="an address above the header, `Volume BTC,Volume USD`, newest first",
           write=rows("https://www.CryptoDataDownload.com\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USD",
                      lambda b: f"{b.ms // 1000},{utc(b, '%Y-%m-%d %H:%M:%S')},BTC/USD,{ohlcv(b)},9.5", newest=True)),
    Vendor(name="CryptoDataDownload (old)", shape="`2024-01-02 09-AM`", bars=hours(),
           write=rows("https://www.CryptoDataDownload.com\nDate,Symbol,Open,High,Low,Close,Volume BTC,Volume USD",
                      lambda b: f"{utc(b, '%Y-%m-%d %I-%p')},BTCUSD,{ohlcv(b)},9.5")),
    Vendor(name="Bitstamp", shape="`high,timestamp,volume,low,close,open`",
           write=rows("high,timestamp,volume,low,close,open",
                      lambda b: f"{b.high},{b.ms // 1000},{b.volume},{b.low},{b.close},{b.open}")),
    Vendor(name="Bitcoin minutes (Kaggle)", shape="`Timestamp,…,Volume_(BTC),Volume_(Currency),Weighted_Price`",
           write=rows("Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price",
                      lambda b: f"{b.ms // 1000},{ohlcv(b)},9.5,{b.close}")),
    Vendor(name="OKX", shape="`ts,o,h,l,c,vol,volCcy,volCcyQuote,confirm`, newest first",
           write=rows("ts,o,h,l,c,vol,volCcy,volCcyQuote,confirm", lambda b: f"{b.ms},{ohlcv(b)},1.5,2.5,1", newest=True)),
    Vendor(name="ccxt", shape="no header, milliseconds and six columns", write=rows("", lambda b: f"{b.ms},{ohlcv(b)}")),
    Vendor(name="Bybit", shape="`start_time,open_price,high_price,…`",
           write=rows("start_time,open_price,high_price,low_price,close_price,volume,turnover", lambda b: f"{b.ms},{ohlcv(b)},1.5")),
    Vendor(name="Charles Schwab", shape="`openPrice,highPrice,…,totalVolume`",
           write=rows("datetime,openPrice,highPrice,lowPrice,closePrice,totalVolume", lambda b: f"{b.ms},{ohlcv(b)}")),
    Vendor(name="onvista", shape="`Datum;Eröffnung;Hoch;Tief;Schluss;Volumen`, decimal commas", **D,
           write=rows("Datum;Eröffnung;Hoch;Tief;Schluss;Volumen",
                      lambda b: f"{utc(b, '%d.%m.%Y')};" + ";".join(german(p) for p in (b.open, b.high, b.low, b.close)) + f";{b.volume}")),
    Vendor(name="ariva", shape="`Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen`, newest first", **D,
           write=rows("Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen",
                      lambda b: f"{utc(b, '%Y-%m-%d')};" + ";".join(german(p) for p in (b.open, b.high, b.low, b.close))
                                + f";{b.volume};1.234.567,5", newest=True)),
    Vendor(name="Excel (German)", shape="`sep=;` above, decimal commas", options=NY,
           write=rows("sep=;\nDatum;Uhrzeit;Open;High;Low;Close;Volume",
                      lambda b: f"{ny(b, '%d.%m.%Y;%H:%M')};" + ohlcv(b, ";").replace(".", ","))),
    Vendor(name="R (write.table of an xts)", shape="one name fewer than cells", **D,
           write=rows('"SPY.Open","SPY.High","SPY.Low","SPY.Close","SPY.Volume"', lambda b: f'"{utc(b, "%Y-%m-%d")}",{ohlcv(b)}')),
    Vendor(name="quantmod", shape="`Index,SPY.Open,…,SPY.Adjusted`", **D,
           write=rows("Index,SPY.Open,SPY.High,SPY.Low,SPY.Close,SPY.Volume,SPY.Adjusted", lambda b: f"{utc(b, '%Y-%m-%d')},{ohlcv(b)},1")),
    Vendor(name="pandas (index without a name)", shape="the first name is empty", options=NY,
           write=rows(",Open,High,Low,Close,Volume", lambda b: f"{ny(b, '%Y-%m-%d %H:%M:%S')},{ohlcv(b)}")),
    Vendor(name="OANDA", shape="`time,mid.o,mid.h,mid.l,mid.c,volume`",
           write=rows("time,volume,mid.o,mid.h,mid.l,mid.c",
                      lambda b: f"{utc(b, '%Y-%m-%dT%H:%M:%S')}.000000000Z,{b.volume},{b.open},{b.high},{b.low},{b.close}")),
    Vendor(name="FXCM", shape="`DateTime,BidOpen,…,AskClose`: say which", options={"columns": {
        "open": "BidOpen", "high": "BidHigh", "low": "BidLow", "close": "BidClose"}}, volume=False,
           write=rows("DateTime,BidOpen,BidHigh,BidLow,BidClose,AskOpen,AskHigh,AskLow,AskClose",
                      lambda b: f"{utc(b, '%m/%d/%Y %H:%M:%S')},{ohlcv(b).rsplit(',', 1)[0]},9,9,9,9")),
    Vendor(name="TradeStation", shape='`"Date","Time",…,"Up","Down"`, ends of bars', options={**NY, "bar_label": "end"},
           write=rows('"Date","Time","Open","High","Low","Close","TotalVolume","Down"',
                      lambda b: f"{(b.new_york + timedelta(minutes=1)).strftime('%m/%d/%Y,%H:%M')},{ohlcv(b)},0")),
    Vendor(name="Sierra Chart", shape="`Date, Time, Open, High, Low, Last, Volume, …`", options=NY,
           write=rows("Date, Time, Open, High, Low, Last, Volume, NumberOfTrades, BidVolume, AskVolume",
                      lambda b: f"{b.new_york.year}/{b.new_york.month}/{b.new_york.day}, {ny(b, '%H:%M:%S')}, "
                                + ohlcv(b, ", ") + ", 3, 1, 2")),
    Vendor(name="MultiCharts", shape="`<Date>, <Time>, …`", options=NY,
           write=rows("<Date>,<Time>,<Open>,<High>,<Low>,<Close>,<Volume>", lambda b: f"{ny(b, '%m/%d/%Y,%H:%M:%S')},{ohlcv(b)}")),
    Vendor(name="AmiBroker / MetaStock", shape="no header, ticker first", options=NY,
           write=rows("", lambda b: f"SPY,{ny(b, '%Y%m%d,%H%M')},{ohlcv(b)}")),
    Vendor(name="PostgreSQL", shape="`2024-01-02 14:30:00+00`", write=rows("ts," + OHLCV, lambda b: f"{utc(b, '%Y-%m-%d %H:%M:%S')}+00,{ohlcv(b)}")),
    Vendor(name="Quandl WIKI", shape="`Date,Open,…,Ex-Dividend,Split Ratio,Adj. Open,…`", **D,
           write=rows("Date,Open,High,Low,Close,Volume,Ex-Dividend,Split Ratio,Adj. Open,Adj. High,Adj. Low,Adj. Close,Adj. Volume",
                      lambda b: f"{utc(b, '%Y-%m-%d')},{ohlcv(b)},0.0,1.0,1,1,1,1,1")),
    Vendor(name="Wall Street Journal", shape="`Date, Open, High, Low, Close`, two-digit years, newest first", volume=False, **D,
           write=rows("Date, Open, High, Low, Close", lambda b: f"{utc(b, '%m/%d/%y')}, {ohlcv(b, ', ').rsplit(', ', 1)[0]}", newest=True)),
    Vendor(name="MarketWatch", shape='`"4,742.83"`, newest first', **D,
           write=rows("Date,Open,High,Low,Close,Volume",
                      lambda b: f'{utc(b, "%m/%d/%Y")},"{b.open:,.2f}","{b.high:,.2f}","{b.low:,.2f}","{b.close:,.2f}","{b.volume:,}"',
                      newest=True)),
    Vendor(name="NSE India", shape="`02-Jan-2024`, blanks in names, newest first", **D,
           write=rows('"Date ","OPEN ","HIGH ","LOW ","close ","VOLUME "',
                      lambda b: f'"{utc(b, "%d-%b-%Y")}","{b.open:,.2f}","{b.high:,.2f}","{b.low:,.2f}","{b.close:,.2f}","{b.volume:,}"',
                      newest=True)),
    Vendor(name="CRSP", shape="`permno,dlycaldt,dlyopen,…`", **D,
           write=rows("permno,dlycaldt,dlyopen,dlyhigh,dlylow,dlyclose,dlyvol", lambda b: f"84398,{utc(b, '%Y-%m-%d')},{ohlcv(b)}")),
    Vendor(name="Finam", shape="`<TICKER>;<PER>;<DATE>;<TIME>;…`", options={"timezone": "Europe/Moscow"},
           write=rows("<TICKER>;<PER>;<DATE>;<TIME>;<OPEN>;<HIGH>;<LOW>;<CLOSE>;<VOL>",
                      lambda b: f"SPY;1;{(b.time + timedelta(hours=3)).strftime('%Y%m%d;%H%M%S')};{ohlcv(b, ';')}")),
    Vendor(name="MOEX", shape="`open,close,high,low,value,volume,begin,end`", options={"timezone": "Europe/Moscow"},
           write=rows("open,close,high,low,value,volume,begin,end",
                      lambda b: f"{b.open},{b.close},{b.high},{b.low},9.5,{b.volume},"
                                f"{(b.time + timedelta(hours=3)).strftime('%Y-%m-%d %H:%M:%S')},{(b.time + timedelta(hours=3)).strftime('%Y-%m-%d %H:%M:59')}")),
    Vendor(name="IQFeed", shape="no header, time, high, low, open, close, total, volume: name them",
           options={**NY, "header": ("time", "high", "low", "open", "close", "total", "volume")},
           write=rows("", lambda b: f"{ny(b, '%Y-%m-%d %H:%M:%S')},{b.high},{b.low},{b.open},{b.close},99,{b.volume}")),
    Vendor(name="Trailing delimiter", shape="every row ends with a comma", options=NY,
           write=rows("Date,Open,High,Low,Close,Volume", lambda b: f"{ny(b, '%Y-%m-%d %H:%M')},{ohlcv(b)},")),
    Vendor(name="Comment lines", shape="`#` above the header", options=NY,
           write=rows("# symbol: SPY\n# source: mine\nDate,Open,High,Low,Close,Volume", lambda b: f"{ny(b, '%Y-%m-%d %H:%M')},{ohlcv(b)}")),
)  # fmt: skip
