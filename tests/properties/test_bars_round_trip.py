"""Any valid bars, written in any supported dialect, come back equal; every row is accounted for."""

from __future__ import annotations

import gzip
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tailproof.arrays.ranges import ceil_div
from tailproof.bars.load import load
from tailproof.bars.sessions.bar_length import bar_length_of
from tailproof.settings.read_options import ReadOptions

TIME_FORMS = {
    "ISO": "%Y-%m-%dT%H:%M:%SZ",
    "offset": "%Y-%m-%d %H:%M:%S+00:00",
    "naive": "%Y-%m-%d %H:%M:%S",
    "minutes": "%Y-%m-%d %H:%M",
    "US": "%m/%d/%Y %H:%M",
    "German": "%d.%m.%Y %H:%M:%S",
    "compact": "%Y%m%d %H%M%S",
    "digits": "%Y%m%d%H%M%S",
    "half days": "%Y-%m-%d %I:%M:%S %p",
    "fractions": "%Y-%m-%d %H:%M:%S%.3f",
    "MetaTrader": "%Y.%m.%d %H:%M",
    "GMT": "%Y/%m/%d %H:%M:%S GMT",
    "two columns": "%Y-%m-%d %H:%M:%S",
}
EPOCHS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
DELIMITERS = (",", ";", "\t", "|")


@st.composite
def bar_tables(draw: st.DrawFn) -> pl.DataFrame:
    """Rising minutes with gaps, and prices on a grid of a hundredth."""
    rows = draw(st.integers(3, 30))
    start = draw(st.datetimes(datetime(1990, 1, 1), datetime(2025, 1, 1))).replace(second=0, microsecond=0)
    steps = draw(st.lists(st.sampled_from([1, 1, 1, 2, 7, 1000]), min_size=rows - 1, max_size=rows - 1))
    minutes = [sum(steps[:at]) for at in range(rows)]
    cents = st.integers(100, 10**7)
    prices = [sorted(draw(st.lists(cents, min_size=4, max_size=4))) for _ in range(rows)]
    swap = draw(st.lists(st.booleans(), min_size=rows, max_size=rows))
    volume = draw(st.lists(st.integers(0, 10**9), min_size=rows - 1, max_size=rows - 1))
    return pl.DataFrame(
        {
            "time": [start.replace(tzinfo=UTC) + timedelta(minutes=minute) for minute in minutes],
            "open": [row[1 + flip] / 100 for row, flip in zip(prices, swap, strict=True)],
            "high": [row[3] / 100 for row in prices],
            "low": [row[0] / 100 for row in prices],
            "close": [row[2 - flip] / 100 for row, flip in zip(prices, swap, strict=True)],
            "volume": [*volume, volume[0] + 1],  # one that never changes would be taken as not known
        },
        schema_overrides={"time": pl.Datetime("ns", "UTC"), "volume": pl.Float64},
    )


def read_back(path: Path, **chosen: object) -> pl.DataFrame:
    loaded = load(path, ReadOptions(**chosen), store="never")  # type: ignore[arg-type]
    report = loaded.report
    assert report.rows_read == report.rows_kept + report.rows_set_aside
    return loaded.bars.frame.select("time", "open", "high", "low", "close", "volume")


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    table=bar_tables(),
    form=st.sampled_from([*TIME_FORMS, *EPOCHS]),
    delimiter=st.sampled_from(DELIMITERS),
    line_end=st.sampled_from(["\n", "\r\n"]),
    mark=st.booleans(),
    quoted=st.booleans(),
    packed=st.sampled_from(["", ".gz", ".zst"]),
    decimal_comma=st.booleans(),
    upper=st.booleans(),
    ending=st.booleans(),
    named=st.booleans(),
    whole=st.booleans(),
    ends=st.booleans(),
)
def test_csv_in_any_dialect(
    table: pl.DataFrame,
    form: str,
    delimiter: str,
    line_end: str,
    mark: bool,
    quoted: bool,
    packed: str,
    decimal_comma: bool,
    upper: bool,
    ending: bool,
    named: bool,
    whole: bool,
    ends: bool,
) -> None:
    decimal_comma = decimal_comma and delimiter != ","
    length = bar_length_of(table["time"])
    written = table.with_columns(pl.col("time") + length) if ends else table
    written = written.with_columns(_written_time(form))
    if whole:
        written = written.with_columns((pl.col("open", "high", "low", "close") * 100).round().cast(pl.Int64))
    if form == "two columns":
        halves = written["time"].str.split(" ")
        cells = {"date": halves.list.get(0), "time": halves.list.get(1)}
        written = pl.DataFrame(cells).hstack(written.drop("time"))
    if upper:
        written = written.rename(str.upper)
    text = written.write_csv(
        separator=delimiter,
        line_terminator=line_end,
        quote_style="always" if quoted else "necessary",
        decimal_comma=decimal_comma,
        include_bom=mark,
        include_header=named,
    )
    content = text.encode() if ending else text.encode().removesuffix(line_end.encode())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"bars.csv{packed}"
        _write(path, content, packed)
        chosen = {
            "decimal_comma": decimal_comma,
            "header": () if named else tuple(written.columns),
            "price_scale": 100.0 if whole else 1.0,
            "bar_label": "end" if ends else "start",
        }
        assert read_back(path, **chosen).equals(table)


@settings(max_examples=25)
@given(table=bar_tables(), kind=st.sampled_from(["parquet", "arrow"]), unit=st.sampled_from(["ms", "us", "ns"]))
def test_columnar_files(table: pl.DataFrame, kind: str, unit: str) -> None:
    typed = table.with_columns(pl.col("time").dt.cast_time_unit(unit), pl.col("volume").cast(pl.Int64))  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"bars.{kind}"
        typed.write_parquet(path) if kind == "parquet" else typed.write_ipc(path)
        assert read_back(path).equals(table)


@settings(max_examples=25)
@given(table=bar_tables(), parts=st.integers(2, 5))
def test_files_of_a_folder_are_one_series(table: pl.DataFrame, parts: int) -> None:
    size = ceil_div(table.height, parts)
    with tempfile.TemporaryDirectory() as folder:
        for at, start in enumerate(range(0, table.height, size)):
            table[start : start + size].write_csv(Path(folder) / f"bars{at + 8}.csv")
        assert read_back(Path(folder)).equals(table)


@settings(max_examples=25)
@given(table=bar_tables(), data=st.data())
def test_rows_set_aside_and_kept_are_the_rows_read(table: pl.DataFrame, data: st.DataObject) -> None:
    repeats = data.draw(st.lists(st.integers(0, table.height - 1), max_size=5))
    broken = data.draw(st.integers(0, 3))
    rows = table.write_csv().splitlines()
    for row in sorted(repeats, reverse=True):
        rows.insert(row + 2, rows[row + 1])
    rows += ["torn,1"] * broken
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bars.csv"
        path.write_text("\n".join(rows) + "\n")
        chosen = ReadOptions(repair=("drop-duplicates", "drop-unreadable"))
        loaded = load(path, chosen, store="never")
    assert loaded.report.rows_read == len(rows) - 1
    assert loaded.report.rows_set_aside == len(repeats) + broken == loaded.set_aside.height
    assert loaded.bars.frame.select(table.columns).equals(table)


def _written_time(form: str) -> pl.Expr:
    if form in EPOCHS:
        return (pl.col("time").dt.timestamp("ns") // EPOCHS[form]).alias("time")
    return pl.col("time").dt.strftime(TIME_FORMS[form])


def _write(path: Path, content: bytes, packed: str) -> None:
    if packed == ".gz":
        path.write_bytes(gzip.compress(content, compresslevel=1))
    elif packed == ".zst":
        with pa.CompressedOutputStream(str(path), "zstd") as stream:
            stream.write(content)
    else:
        path.write_bytes(content)
