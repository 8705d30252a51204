"""Vendors' names for the columns of bars, in the languages of common exports."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tailproof.core.instrument_columns import INSTRUMENT_COLUMNS

TEXT_COLUMNS = (*INSTRUMENT_COLUMNS, "exchange")
KNOWN_AT = "known_at"
"""A column with the time from which each row is known, such as ``tailproof resample`` writes."""
PUBLICATION_NAMES = (
    *(KNOWN_AT, "release_date", "released", "released_at", "release_time", "published", "published_at"),
    *("publication_date", "publication_time", "realtime_start", "as_of", "vintage_date"),
)
"""Usual names of a column that says when the value of each row was published."""

ALIASES: dict[str, tuple[str, ...]] = {
    "time": (
        *(
            "time",
            "timestamp",
            "datetime",
            "date_time",
            "date",
            "dates",
            "ts",
            "bar_time",
            "open_time",
            "time_utc",
            "t",
        ),
        *("ts_event", "unix", "epoch", "unix_timestamp", "gmt_time", "local_time", "day", "trade_date", "period"),
        *("window_start", "timestamp_utc", "utc_timestamp", "observation_date", "start_time", "time_open", "begin"),
        *("date_gmt", "datetime_utc", "date_utc", "utc_time", "eob", "bob", "begins_at", "time_stamp", "bar_start"),
        *(
            "time_period_start",
            "start",
            "from",
            "begin_time",
            "tanggal",
            "dato",
            "paivamaara",
            "일자",
            "traddt",
            "kline_open_time",
            "trading_date",
            "trading_day",
            "tradedate",
            "trddt",
            "dlycaldt",
        ),
        *("datum", "zeit", "datum_zeit", "fecha", "fecha_hora", "data", "data_hora", "data_ora", "date_heure"),
        *(
            "日期",
            "时间",
            "交易日期",
            "日期时间",
            "交易时间",
            "時間",
            "日期時間",
            "交易日",
            "日付",
            "日時",
            "날짜",
            "дата",
            "tarih",
        ),
        *("ημερομηνια", "التاريخ", "ว_นท", "ngay", "תאריך"),
    ),
    "open": (
        *(
            "open",
            "o",
            "open_price",
            "price_open",
            "first",
            "opening_price",
            "px_open",
            "open_prc",
            "open_p",
            "opnprc",
            "openprc",
            "dlyopen",
        ),
        *("eroffnung", "eroeffnung", "eroffn", "erster", "eroffnungskurs", "eroeffnungskurs", "anfang", "start_price"),
        *(
            "ouverture",
            "oppning",
            "oppningskurs",
            "opening",
            "opening_price",
            "abningskurs",
            "apning",
            "avaus",
            "otevreni",
            "nyito",
            "pembukaan",
            "opnpric",
            "ouv",
            "apertura",
            "abertura",
            "otwarcie",
            "acilis",
            "открытие",
            "откр",
            "trdopn",
        ),
        *("开盘", "开盘价", "今开", "開盤", "開盤價", "開市", "始値", "시가"),
        *("ανοιγμα", "افتتاح", "الافتتاح", "เป_ด", "ราคาเป_ด", "mo_cua", "mo", "פתיחה", "openen", "apningskurs"),
    ),
    "high": (
        *(
            "high",
            "h",
            "high_price",
            "price_high",
            "max",
            "px_high",
            "high_1",
            "high_p",
            "hiprc",
            "askhi",
            "highprc",
            "dlyhigh",
            "day_high",
        ),
        *("hoch", "hochst", "hoechst", "tageshoch", "hochkurs", "hochster", "plus_haut", "haut", "maximo", "maximum"),
        *(
            "massimo",
            "maxima",
            "najwyzszy",
            "hogst",
            "hogsta",
            "hojeste",
            "hoyeste",
            "ylin",
            "tertinggi",
            "hghpric",
            "highest",
            "yuksek",
            "максимум",
            "макс",
            "hoog",
            "最高",
            "最高价",
            "最高價",
            "高値",
            "고가",
        ),
        *("υψηλο", "υψηλοτερο", "اعلى", "الاعلى", "สงสด", "cao_nhat", "cao", "גבוה", "hoogste", "hoy", "hoyest"),
        *("hoj",),
    ),
    "low": (
        *(
            "low",
            "l",
            "low_price",
            "price_low",
            "min",
            "px_low",
            "low_1",
            "low_p",
            "loprc",
            "bidlo",
            "lowprc",
            "dlylow",
            "day_low",
        ),
        *("tief", "tiefst", "tagestief", "tiefkurs", "tiefster", "plus_bas", "bas", "minimo", "minimum"),
        *(
            "minima",
            "najnizszy",
            "lagst",
            "lagsta",
            "laveste",
            "alin",
            "terendah",
            "lwpric",
            "lowest",
            "dusuk",
            "минимум",
            "мин",
            "laag",
            "最低",
            "最低价",
            "最低價",
            "安値",
            "저가",
        ),
        *("χαμηλο", "χαμηλοτερο", "ادنى", "الادنى", "ต_าสด", "thap_nhat", "thap", "נמוך", "laagste", "lav"),
        *("lavest",),
    ),
    "close": (
        *(
            "close",
            "c",
            "close_price",
            "price_close",
            "last",
            "close_last",
            "settle",
            "closing_price",
            "px_last",
            "trdprc_1",
        ),
        *("close_p",),
        *("clsprc", "last_price", "latest", "closeprc", "dlyclose", "price", "settlement_price", "value_close"),
        *("schluss", "schlusskurs", "schlussk", "letzter", "zuletzt", "kurs", "cloture", "dernier", "fermeture"),
        *(
            "cierre",
            "ultimo",
            "chiusura",
            "fechamento",
            "zamkniecie",
            "clot",
            "stangning",
            "stangningskurs",
            "lukkekurs",
            "sluttkurs",
            "siste",
            "paatos",
            "zaver",
            "zaro",
            "terakhir",
            "simdi",
            "clspric",
            "slot",
            "закрытие",
            "закр",
            "цена",
            "kapanis",
        ),
        *("收盘", "收盘价", "收盤", "收盤價", "終値", "종가"),
        *("κλεισιμο", "اغلاق", "الاغلاق", "ป_ด", "ราคาป_ด", "dong_cua", "סגירה", "slotkoers", "sluiting"),
    ),
    "volume": (
        *("volume", "v", "vol", "qty", "quantity", "volume_contracts", "total_volume", "px_volume", "shares"),
        *("trdvol", "acvol_uns", "acvol_1", "prd_vlm", "period_volume"),
        *(
            "volume_traded",
            "traded_volume",
            "dnshrtrd",
            "base_volume",
            "total_quantity",
            "deal_number_volume",
            "dlyvol",
        ),
        *(
            "volumen",
            "stuecke",
            "stucke",
            "umsatz_stucke",
            "wolumen",
            "объем",
            "volume_shares",
            "contracts",
            "hacim",
            "hac",
            "volym",
            "omsattning",
            "objem",
            "forgalom",
            "umsatz_in_stuck",
            "total_traded_quantity",
            "tottrdqty",
            "ttl_trd_qnty",
            "ttltradgvol",
        ),
        *("成交量", "总手", "出来高", "거래량"),
        *(
            "ογκοσ",
            "حجم",
            "الحجم",
            "ปร_มาณ",
            "khoi_luong",
            "kl",
            "נפח",
            "stuck",
            "volum",
            "ilosc",
            "成交股數",
            "成交量_股",
        ),
        *("成交數量",),
    ),
    "vix_close": ("vix_close", "vix", "vix_last", "vixcls"),
}
DATE_NAMES = (
    *("date", "day", "trade_date", "dtyyyymmdd", "datum", "fecha", "data", "trading_date", "日期", "дата", "yyyymmdd"),
    *("trading_day", "日付", "交易日期"),
)
CLOCK_NAMES = (
    *("time", "time_of_day", "clock", "bar_time", "timestamp", "hhmm", "hhmmss", "uhrzeit", "zeit", "hora", "ora"),
    *("heure", "时间", "時間", "время", "timeofday", "時刻"),
)
TICK_VOLUMES = ("tick_volume", "tickvol", "tick_vol")
QUOTE_UNITS = ("usd", "usdt", "busd", "usdc", "eur", "gbp", "jpy", "currency", "quote", "ccy", "ccyquote", "notional")
"""Suffixes of a volume in money, as in ``Volume USDT``."""
WEAK_CLOSES = ("price", "kurs", "latest", "simdi")
"""Names that mean the close only where no other column does."""
CACHED_NAMES = 1 << 15
"""Names of one wide file that are looked at again and again."""
BARE_LETTERS = str.maketrans({"ı": "i", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d"})
"""Letters with a stroke, or without a dot, that Unicode does not take apart."""


MEANING_OF = {alias: meaning for meaning, aliases in ALIASES.items() for alias in aliases} | dict.fromkeys(
    (*DATE_NAMES, *CLOCK_NAMES), "time"
)
"""Plain name of a column to its meaning."""


@lru_cache(CACHED_NAMES)
def plain_name(name: str) -> str:
    """Lower case without accents, with every run of other characters as one underscore.

    >>> plain_name(" Adj Close/Last "), plain_name("Eröffnung"), plain_name("开盘价(元)")
    ('adj_close_last', 'eroffnung', '开盘价_元')
    """
    folded = unicodedata.normalize("NFKD", name.strip().casefold().translate(BARE_LETTERS))
    bare = "".join(character for character in folded if not unicodedata.combining(character))
    bare = unicodedata.normalize("NFC", bare)
    return re.sub(r"\W+", "_", bare).strip("_")


@lru_cache(CACHED_NAMES)
def variants(name: str) -> tuple[str, ...]:
    """The plain forms under which a name may be an alias: as it is, words of camelCase apart, without number or unit.

    >>> variants("1. open"), variants("openPrice"), variants("开盘价(元)")
    (('1_open', 'open'), ('openprice', 'open_price'), ('开盘价_元', '开盘价'))
    """
    words = plain_name(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip()))
    forms = [plain_name(name), words]
    forms += [re.sub(r"^\d+[a-z]?_", "", form) for form in forms]
    forms.append(plain_name(re.sub(r"\s*[(\[（].*?[)\]）]\s*$", "", name)))
    return tuple(dict.fromkeys(form for form in forms if form))
