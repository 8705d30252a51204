"""Parquet and Arrow files as programs write them, each read to the truth that it was made from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from tailproof.bars import load_bars
from tailproof.core.errors import DataError
from tests.dialects.truth import days, minutes

BARS = minutes(40)
PRICES = ("open", "high", "low", "close", "volume")
TIMES = pa.array([bar.time for bar in BARS], pa.timestamp("us", "UTC"))


def table(times: pa.Array) -> pa.Table:
    return pa.table({"time": times, **{name: pa.array([float(getattr(bar, name)) for bar in BARS]) for name in PRICES}})


TABLES = {
    "a fixed offset": table(TIMES.cast(pa.timestamp("ns", "-05:00"))),
    "an offset of half an hour": table(TIMES.cast(pa.timestamp("ms", "+05:30"))),
    "times in a dictionary": table(pa.array([bar.time.isoformat() for bar in BARS]).dictionary_encode()),
    "ticks of .NET": table(pa.array([bar.ms * 10_000 + 621_355_968_000_000_000 for bar in BARS])),
}


@pytest.mark.parametrize("suffix", [".parquet", ".feather"])
@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_to_its_truth(name: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"bars{suffix}"
    if suffix == ".parquet":
        pyarrow.parquet.write_table(TABLES[name], path)
    else:
        pyarrow.feather.write_feather(TABLES[name], str(path))
    frame = load_bars(path).frame
    assert frame["time"].dt.cast_time_unit("us").to_list() == [bar.time for bar in BARS]
    assert frame["close"].to_list() == [bar.close for bar in BARS]


def test_midnights_at_a_fixed_offset_are_dates(tmp_path: Path) -> None:
    path = tmp_path / "days.parquet"
    times = pa.array([f"{bar.time:%Y-%m-%d}T05:00:00+00:00" for bar in days(40)])
    instants = pa.array(pd.to_datetime(times.to_pylist()).as_unit("us"), pa.timestamp("us", "-05:00"))
    columns = {name: pa.array([float(getattr(bar, name)) for bar in days(40)]) for name in PRICES}
    pyarrow.parquet.write_table(pa.table({"Date": instants, **columns}), path)
    assert load_bars(path).frame["time"].dt.cast_time_unit("us").to_list() == [bar.time for bar in days(40)]


def test_tickers_in_the_names_of_pandas_are_parted(tmp_path: Path) -> None:
    path = tmp_path / "both.parquet"
    one = pd.DataFrame(
        {name: [getattr(bar, name) for bar in BARS] for name in PRICES}, index=[bar.time for bar in BARS]
    )
    pd.concat({"SPY": one, "MSFT": one * 2}, axis=1).to_parquet(path)
    assert load_bars(path, instrument="MSFT").frame["close"].to_list() == [2 * bar.close for bar in BARS]
    with pytest.raises(DataError, match=r"hold 2 instruments \(SPY, MSFT\).*instrument=\"SPY\""):
        load_bars(path)
