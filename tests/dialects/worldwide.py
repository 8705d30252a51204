# ruff: noqa: E501 (one line of a table for each part of a vendor)
"""Files of other languages, encodings and programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.dialects.truth import Bar, hours, minutes
from tests.dialects.vendors import OHLCV, D, Vendor, Write, german, ny, ohlcv, rows, utc

SPREADSHEET_DAY = datetime(1899, 12, 30, tzinfo=UTC)
DATE_FIRST = "Date,Open,High,Low,Close,Volume"
GERMAN_MONTHS = ("Januar", "Februar", "März", "April", "Mai", "Juni")
FRENCH_MONTHS = ("janv.", "févr.", "mars", "avril", "mai", "juin")


def prices(bar: Bar, form: Callable[[float], str] = german, mark: str = ";") -> str:
    return mark.join(form(price) for price in (bar.open, bar.high, bar.low, bar.close))


def semicolons(header: str, date: str = "%d.%m.%Y") -> Write:
    """Dates, decimal commas, and a header in some language, joined by semicolons."""
    return rows(header, lambda bar: f"{utc(bar, date)};{prices(bar)};{bar.volume}")


def investing(header: str, date: str = "%d.%m.%Y") -> Write:
    """Investing.com in some language: quoted cells, the close before the open, newest first."""
    cells = lambda bar: (utc(bar, date), german(bar.close), german(bar.open), german(bar.high), german(bar.low))  # noqa: E731
    return rows(header, lambda bar: ",".join(f'"{cell}"' for cell in (*cells(bar), bar.volume, "0,10%")), newest=True)


def commas(date: Callable[[Bar], str], header: str = DATE_FIRST) -> Write:
    return rows(header, lambda bar: f"{date(bar)},{ohlcv(bar)}")


def google(bars: list[Bar]) -> str:
    """Old Google: the first time of each day in full, the others as steps from it."""
    lines = [
        "MARKET_OPEN_MINUTE=570",
        "INTERVAL=60",
        "COLUMNS=DATE,CLOSE,HIGH,LOW,OPEN,VOLUME",
        "DATA=",
        "TIMEZONE_OFFSET=-300",
    ]
    for at, bar in enumerate(bars):
        time = f"a{bar.ms // 1000}" if at % 60 == 0 else str(at % 60)
        lines.append(f"{time},{bar.close},{bar.high},{bar.low},{bar.open},{bar.volume}")
    return "\n".join(lines) + "\n"


def on_twelve_hours(bar: Bar) -> str:
    return f"{utc(bar, '%d %b %Y %I:%M:%S')} {'a.m.' if bar.time.hour < 12 else 'p.m.'}"


WORLDWIDE: tuple[Vendor, ...] = (
    Vendor(name="Google Finance (steps)", shape="`a1704205800`, then 1, 2, 3 … of `INTERVAL=60`", write=google),
    Vendor(name="Boursorama", shape="tabs, `date ouv haut bas clot vol devise`", **D,
           write=rows("date\touv\thaut\tbas\tclot\tvol\tdevise", lambda b: f"{utc(b, '%d/%m/%Y')} 00:00\t" + ohlcv(b, "\t") + "\tEUR")),
    Vendor(name="Euronext (French)", shape="`Date;Ouverture;Plus haut;Plus bas;Clôture;Volume`", **D,
           write=semicolons("Date;Ouverture;Plus haut;Plus bas;Clôture;Volume", "%d/%m/%Y")),
    Vendor(name="Investing.com (Spanish)", shape="`Fecha,Último,Apertura,Máximo,Mínimo`", **D,
           write=investing('"Fecha","Último","Apertura","Máximo","Mínimo","Vol.","% var."')),
    Vendor(name="Investing.com (Italian)", shape="`Data,Ultimo,Apertura,Massimo,Minimo`", **D,
           write=investing('"Data","Ultimo","Apertura","Massimo","Minimo","Vol.","Var. %"')),
    Vendor(name="Investing.com (Portuguese)", shape="`Data,Último,Abertura,Máxima,Mínima`", **D,
           write=investing('"Data","Último","Abertura","Máxima","Mínima","Vol.","Var%"')),
    Vendor(name="Investing.com (Russian)", shape="`Дата,Цена,Откр.,Макс.,Мин.`", **D,
           write=investing('"Дата","Цена","Откр.","Макс.","Мин.","Объём","Изм. %"')),
    Vendor(name="Investing.com (Turkish)", shape="`Tarih,Şimdi,Açılış,Yüksek,Düşük,Hac.`", **D,
           write=investing('"Tarih","Şimdi","Açılış","Yüksek","Düşük","Hac.","Fark %"')),
    Vendor(name="Investing.com (Indonesian)", shape="`Tanggal,Terakhir,Pembukaan,Tertinggi,Terendah`", **D,
           write=investing('"Tanggal","Terakhir","Pembukaan","Tertinggi","Terendah","Vol.","Perubahan%"', "%d/%m/%Y")),
    Vendor(name="Russian terminal", shape="Windows-1251, date and time apart", encoding="cp1251",
           write=rows("Дата;Время;Открытие;Максимум;Минимум;Закрытие;Объем", lambda b: f"{utc(b, '%d.%m.%Y;%H:%M:%S')};{ohlcv(b, ';')}")),
    Vendor(name="Japanese export", shape="Shift JIS, `日付,始値,高値,安値,終値,出来高`", encoding="shift_jis", **D,
           write=commas(lambda b: utc(b, "%Y/%m/%d"), "日付,始値,高値,安値,終値,出来高")),
    Vendor(name="Yahoo Japan", shape="`2024年1月2日`, newest first", **D,
           write=rows("日付,始値,高値,安値,終値,出来高,調整後終値",
                      lambda b: f"{b.time.year}年{b.time.month}月{b.time.day}日,{ohlcv(b)},{b.close}", newest=True)),
    Vendor(name="KRX", shape="CP949, `일자,종가,…`, newest first", encoding="cp949", **D,
           write=rows("일자,종가,대비,등락률,시가,고가,저가,거래량,거래대금",
                      lambda b: f"{utc(b, '%Y/%m/%d')},{b.close},1.5,0.1,{b.open},{b.high},{b.low},{b.volume},99", newest=True)),
    Vendor(name="Naver", shape="`날짜,종가,전일비,시가,고가,저가,거래량`, newest first", **D,
           write=rows("날짜,종가,전일비,시가,고가,저가,거래량",
                      lambda b: f"{utc(b, '%Y.%m.%d')},{b.close},1.5,{b.open},{b.high},{b.low},{b.volume}", newest=True)),
    Vendor(name="Avanza (Swedish)", shape="`Datum;Öppning;Högst;Lägst;Stängning;Volym`", **D,
           write=semicolons("Datum;Öppning;Högst;Lägst;Stängning;Volym", "%Y-%m-%d")),
    Vendor(name="Nasdaq Nordic", shape="`sep=;` above, `Opening price;High price;…`, newest first", **D,
           write=rows("sep=;\nDate;Bid;Ask;Opening price;High price;Low price;Closing price;Average price;Total volume;Turnover;",
                      lambda b: f"{utc(b, '%Y-%m-%d')};1;2;{prices(b, lambda p: f'{p:.2f}'.replace('.', ','))};1,5;{b.volume};1;", newest=True)),
    Vendor(name="Danish export", shape="`Dato;Åbningskurs;Højeste;Laveste;Lukkekurs;Volumen`", **D,
           write=semicolons("Dato;Åbningskurs;Højeste;Laveste;Lukkekurs;Volumen", "%d-%m-%Y")),
    Vendor(name="Czech export", shape="`Datum;Otevření;Maximum;Minimum;Závěr;Objem`", **D, write=semicolons("Datum;Otevření;Maximum;Minimum;Závěr;Objem")),
    Vendor(name="Börse Frankfurt", shape="`Datum;Eröffnungskurs;…;Umsatz in Stück`", **D,
           write=semicolons("Datum;Eröffnungskurs;Tageshoch;Tagestief;Schlusskurs;Umsatz in Stück")),
    Vendor(name="Swiss export", shape="`4'742.83`", **D,
           write=rows("Datum;Open;High;Low;Close;Volume", lambda b: f"{utc(b, '%d.%m.%Y')};" + prices(b, lambda p: f"{p:,.2f}".replace(",", "'")) + f";{b.volume}")),
    Vendor(name="German months", shape="`2. Januar 2024`, `4.742,83 €`", **D,
           write=rows("Datum;Open;High;Low;Close;Volume",
                      lambda b: f"{b.time.day}. {GERMAN_MONTHS[b.time.month - 1]} {b.time.year};{prices(b, lambda p: german(p) + ' €')};{b.volume}")),
    Vendor(name="French months", shape="`2 janv. 2024`", **D,
           write=rows("Date;Ouverture;Haut;Bas;Clôture;Volume",
                      lambda b: f"{b.time.day} {FRENCH_MONTHS[b.time.month - 1]} {b.time.year};{prices(b)};{b.volume}")),
    Vendor(name="Prices with a currency", shape="`USD 4742.83`", **D,
           write=rows(DATE_FIRST, lambda b: f"{utc(b, '%Y-%m-%d')},{prices(b, lambda p: f'USD {p:.2f}', ',')},{b.volume}")),
    Vendor(name="Excel (days as numbers)", shape="`45293`", **D, write=commas(lambda b: str((b.time - SPREADSHEET_DAY).days))),
    Vendor(name="Excel (times as numbers)", shape="`45293.604166667`",
           write=commas(lambda b: f"{(b.time - SPREADSHEET_DAY) / timedelta(days=1):.9f}")),
    Vendor(name="Excel (United States)", shape="`1/2/2024 2:30 PM`",
           write=commas(lambda b: f"{b.time.month}/{b.time.day}/{b.time.year} {b.time.hour % 12 or 12}:{utc(b, '%M %p')}")),
    Vendor(name="12 hours with points", shape="`02 Jan 2024 02:30:00 p.m.`", write=commas(on_twelve_hours)),
    Vendor(name="ISO weeks", shape="`2024-W01-2`", **D, write=commas(lambda b: utc(b, "%G-W%V-%u"))),
    Vendor(name="Days of the year", shape="`2024-002`", **D, write=commas(lambda b: utc(b, "%Y-%j"))),
    Vendor(name="JavaScript", shape="`Tue Jan 02 2024 14:30:00 GMT+0000 (Coordinated Universal Time)`",
           write=commas(lambda b: utc(b, "%a %b %d %Y %H:%M:%S") + " GMT+0000 (Coordinated Universal Time)")),
    Vendor(name="C (ctime)", shape="`Tue Jan 02 14:30:00 2024`", write=commas(lambda b: utc(b, "%a %b %d %H:%M:%S %Y"))),
    Vendor(name="E-mail dates", shape="`Tue, 02 Jan 2024 14:30:00 GMT`", write=commas(lambda b: f'"{utc(b, "%a, %d %b %Y %H:%M:%S")} GMT"')),
    Vendor(name="Java", shape="`2024-01-02T09:30:00-05:00[America/New_York]`", write=commas(lambda b: ny(b, "%Y-%m-%dT%H:%M:%S") + "-05:00[America/New_York]")),
    Vendor(name="Quotes after blanks", shape='`"2024-01-02", "4743.94", …`', **D,
           write=rows('"Date", "Open", "High", "Low", "Close", "Volume"',
                      lambda b: f'"{utc(b, "%Y-%m-%d")}", ' + ", ".join(f'"{cell}"' for cell in ohlcv(b).split(",")))),
    Vendor(name="Columns aligned by blanks", shape="several blanks between cells", options={"delimiter": " "},
           write=rows("Date       Time   Open    High    Low     Close   Volume", lambda b: f"{utc(b, '%Y-%m-%d %H:%M')}  {ohlcv(b, '  ')}")),
    Vendor(name="Clocks as whole numbers", shape="`20240102,0`, `20240102,10000`", bars=hours(),
           write=rows("Date,Time," + OHLCV, lambda b: f"{utc(b, '%Y%m%d')},{int(utc(b, '%H%M%S'))},{ohlcv(b)}")),
    Vendor(name="Clock before the date", shape="`14:30:00,2024-01-02`", write=commas(lambda b: utc(b, "%H:%M:%S,%Y-%m-%d"), "Time," + DATE_FIRST)),
    Vendor(name="Start and end", shape="`start,end,open,…`",
           write=commas(lambda b: f"{utc(b, '%Y-%m-%d %H:%M:%S')},{(b.time + timedelta(minutes=1)).strftime('%Y-%m-%d %H:%M:%S')}", "start,end," + OHLCV)),
    Vendor(name="Numbered rows", shape="`,time,open,…`", write=rows("," + "time," + OHLCV, lambda b: f"{b.ms // 60_000 % 1440},{utc(b, '%Y-%m-%d %H:%M')},{ohlcv(b)}")),
    Vendor(name="pandas (two levels)", shape="`Attributes,Open,…` / `Symbols,AAPL,…` / `Date,,`", **D,
           write=commas(lambda b: utc(b, "%Y-%m-%d"), "Attributes,Open,High,Low,Close,Volume\nSymbols,AAPL,AAPL,AAPL,AAPL,AAPL\nDate,,,,,")),
    Vendor(name="Units in the names", shape="`Date [UTC],Open [USD],…,Volume [BTC]`", bars=minutes(),
           write=commas(lambda b: utc(b, "%Y-%m-%d %H:%M"), "Date [UTC],Open [USD],High [USD],Low [USD],Close [USD],Volume [BTC]")),
)  # fmt: skip
