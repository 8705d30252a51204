"""Columns that name what a row is about; where one changes, another thing is traded."""

from __future__ import annotations

import polars as pl

INSTRUMENT_COLUMNS = (
    *("contract", "symbol", "ticker", "instrument", "instrument_id", "raw_symbol", "name", "ric", "code", "ts_code"),
    *("tic", "asset", "security", "stock", "pair", "isin", "cusip", "figi", "permno", "stkcd", "secid", "sid", "conid"),
    *("symbol_name", "security_name", "company", "company_name", "stock_code", "stock_symbol", "ticker_symbol", "coin"),
    *("currency_pair", "gvkey", "证券简称", "股票名称", "名称", "證券代號", "證券名稱", "銘柄", "종목코드", "종목명"),
    *("product", "act_symbol", "代码", "股票代码", "证券代码", "简称"),
)
"""Columns that name the subject of a row: a contract, a stock, an identifier."""


def instrument_columns(frame: pl.DataFrame) -> list[str]:
    """Columns of bars that name the subject of a row: where any changes, there is no return of one instrument."""
    return [name for name in frame.columns if name in INSTRUMENT_COLUMNS and frame[name].dtype == pl.String]
