"""Files that break as files: cut off, compressed wrongly, replaced while they are read, of no known type."""

from __future__ import annotations

import gzip
import os
from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest

from tailproof.bars import load_bars
from tailproof.bars.read.sources import find_source, read_source
from tailproof.core.errors import DataError
from tailproof.core.records import PRICES
from tailproof.settings.read_options import ReadOptions

ROWS = 4000
TABLE = pl.DataFrame(
    {
        "time": pl.datetime_range(datetime(2024, 3, 1), datetime(2024, 4, 1), "1m", eager=True)[:ROWS],
        "open": [10.0] * ROWS,
        "high": [11.0] * ROWS,
        "low": [9.0] * ROWS,
        "close": [10.0 + (at % 7) / 10 for at in range(ROWS)],
    }
)
CSV = TABLE.write_csv().encode()


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_bars(path)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def test_gzip_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv.gz"
    path.write_bytes(gzip.compress(CSV)[:-3000])
    assert "gzip data is cut off or damaged" in refused(path)


def test_gzip_with_a_flipped_bit(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv.gz"
    content = bytearray(gzip.compress(CSV))
    content[len(content) // 2] ^= 16
    path.write_bytes(content)
    refused(path)


def test_zstandard_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv.zst"
    with pa.CompressedOutputStream(str(path), "zstd") as stream:
        stream.write(CSV)
    path.write_bytes(path.read_bytes()[:-200])
    assert "zstd data is cut off or damaged" in refused(path)


def test_text_that_claims_to_be_gzip(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv.gz"
    path.write_bytes(CSV)
    assert "damaged" in refused(path)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_parquet_that_is_cut_off(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "bars.parquet"
    TABLE.write_parquet(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    assert "not a readable Parquet file, or cut off" in refused(path)


def test_parquet_with_a_hole(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    pyarrow.parquet.write_table(TABLE.to_arrow(), path, write_page_checksum=True)
    content = bytearray(path.read_bytes())
    content[1000:1100] = bytes(100)
    path.write_bytes(content)
    assert "Parquet" in refused(path)


def test_arrow_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "bars.arrow"
    TABLE.write_ipc(path)
    path.write_bytes(path.read_bytes()[:-500])
    assert "not a readable Arrow IPC file" in refused(path)


def test_csv_under_the_name_of_parquet(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    path.write_bytes(CSV)
    assert "not a readable Parquet file" in refused(path)


def test_parquet_without_prices(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    TABLE.select("time", "open").write_parquet(path)
    assert "no column for 'close'" in refused(path)


def test_parquet_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    TABLE.clear().write_parquet(path)
    assert "no rows" in refused(path)


def test_a_line_of_ten_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_bytes(CSV + b"2024-05-01,10,11,9," + b"7" * 10_000_000 + b"\n")
    assert "longer than 1,048,576 bytes" in refused(path)


def test_a_header_of_ten_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_bytes(b"time," * 2_000_000)
    assert "line 1 is longer" in refused(path)


@pytest.mark.parametrize("change", ["replaced", "grown"])
def test_a_file_that_changes_while_it_is_read(change: str, tmp_path: Path) -> None:
    path, other = tmp_path / "bars.csv", tmp_path / "new.csv"
    path.write_bytes(CSV)
    chunks = read_source(find_source(path), options=ReadOptions(), required=("time", *PRICES))
    next(chunks)
    if change == "replaced":
        other.write_bytes(CSV[: len(CSV) // 2])
        other.replace(path)
    else:
        with path.open("ab") as file:
            file.write(b"2025-01-01 00:00:00.000000,10,11,9,10\n")
    with pytest.raises(DataError, match="changed while it was read"):
        list(chunks)


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "es_minutes.csv").write_bytes(CSV)
    assert "Did you mean es_minutes.csv?" in refused(tmp_path / "es_minute.csv")


@pytest.mark.parametrize("target", ["bars.csv", "gone.csv"])
def test_a_link_to_nothing_does_not_suggest_itself(target: str, tmp_path: Path) -> None:
    (tmp_path / "bars.csv").symlink_to(tmp_path / target)
    message = refused(tmp_path / "bars.csv")
    assert "this symbolic link leads nowhere, or in a circle" in message
    assert "Did you mean" not in message


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "bars.csv")
    assert "this is a device or a pipe. Write what it gives to a file" in refused(tmp_path / "bars.csv")


def test_a_name_in_other_letters_is_the_nearest(tmp_path: Path) -> None:
    for name in ("NQ.csv", "ES.csv"):
        (tmp_path / name).write_text("")
    assert "Did you mean ES.csv?" in refused(tmp_path / "es.csv")


def test_an_unknown_type(tmp_path: Path) -> None:
    path = tmp_path / "bars.docx"
    path.write_bytes(b"PK")
    assert "file type '.docx' is not known" in refused(path)


def test_a_folder_without_bars(tmp_path: Path) -> None:
    assert "directory without bar files" in refused(tmp_path)


def test_a_pattern_that_finds_nothing(tmp_path: Path) -> None:
    assert "no bar file matches" in refused(tmp_path / "*.csv")


def test_brackets_are_not_a_pattern_where_the_file_exists(tmp_path: Path) -> None:
    (tmp_path / "bars1.csv").write_bytes(CSV)
    (tmp_path / "bars[1].csv").write_bytes(b"time,open,high,low,close\n")
    assert "no rows" in refused(tmp_path / "bars[1].csv")


def test_files_of_one_folder_with_other_columns(tmp_path: Path) -> None:
    TABLE[:100].write_csv(tmp_path / "a.csv")
    TABLE[100:200].with_columns(volume=1).write_csv(tmp_path / "b.csv")
    with pytest.raises(DataError, match=r"b\.csv: its columns differ .*only here \['volume'\]"):
        load_bars(tmp_path)


def test_a_fault_in_the_second_file_names_it(tmp_path: Path) -> None:
    TABLE[:100].write_csv(tmp_path / "bars_1.csv")
    TABLE[50:200].write_csv(tmp_path / "bars_2.csv")
    with pytest.raises(DataError, match=r"time before the row above: 1 row \(bars_2\.csv line 2"):
        load_bars(tmp_path)


def test_a_frame_that_is_none() -> None:
    with pytest.raises(DataError, match="must be a path, or a polars or pandas frame, got dict"):
        load_bars({"open": 1})


@pytest.mark.parametrize("close", [pl.struct("close"), pl.concat_list("close"), pl.col("time")])
def test_a_price_that_is_no_number_by_its_type(close: pl.Expr, tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    TABLE.with_columns(close=close).write_parquet(path)
    assert "must be numbers, or text of numbers, but: 'close' holds" in refused(path)


def test_what_polars_panics_on_is_a_fault_of_the_file(tmp_path: Path) -> None:
    """A time beyond the years that polars can write raises what no ``except Exception`` catches."""
    path = tmp_path / "far.parquet"
    time = pl.Series("time", [2**62, 2**62 + 60_000], dtype=pl.Datetime("ms"))
    prices = {name: [1.0, 1.0] for name in ("open", "high", "low", "close")}
    pl.DataFrame({"time": time, **prices}).write_parquet(path)
    with pytest.raises(DataError, match=r"far\.parquet"):
        load_bars(path)
