"""Simulated bars on disk: whole or not at all."""

from __future__ import annotations

import subprocess
import sys

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tailproof.bars.simulate import simulate, write_simulated
from tailproof.bars.simulate.write import write_chunks
from tailproof.core.errors import ConfigError

ROWS = 100_000


def test_csv_holds_the_simulated_bars(tmp_path):
    path = write_simulated(tmp_path / "bars.csv", rows=ROWS, ic=0.02, seed=0)
    with path.open() as file:
        assert file.readline() == "time,open,high,low,close,volume,vix_close\n"
        assert file.readline().startswith("2015-01-04T23:00:00Z,")
    assert_frame_equal(pl.read_csv(path, try_parse_dates=True), simulate(rows=ROWS, ic=0.02, seed=0))


def test_parquet_holds_the_simulated_bars(tmp_path):
    path = write_simulated(tmp_path / "bars.parquet", rows=ROWS, ic=0.02, seed=0)
    assert_frame_equal(pl.read_parquet(path), simulate(rows=ROWS, ic=0.02, seed=0))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, ending):
    path = tmp_path / f"bars.{ending}"
    path.write_text("old")

    def chunks_then_failure():
        yield simulate(rows=10, ic=0.0, seed=0)
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        write_chunks(path, chunks_then_failure(), overwrite=True)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_old_file_is_replaced_where_that_is_asked_for(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text("old")
    with pytest.raises(ConfigError, match="overwrite=True to replace it"):
        write_simulated(path, rows=10, ic=0.0, seed=0)
    write_simulated(path, rows=10, ic=0.0, seed=0, overwrite=True)
    assert len(pl.read_csv(path)) == 10
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "words"),
    [("bars.txt", "Change the file's ending"), ("file/bars.csv", "cannot be made")],
)
def test_a_path_that_cannot_be_written_is_named(tmp_path, name, words):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=words):
        write_simulated(tmp_path / name, rows=10, ic=0.0, seed=0)


def test_a_folder_is_not_overwritten(tmp_path):
    (tmp_path / "bars.csv").mkdir()
    with pytest.raises(ConfigError, match="this is a folder"):
        write_simulated(tmp_path / "bars.csv", rows=10, ic=0.0, seed=0)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path):
    peaks = [peak_kilobytes(tmp_path / "bars.csv", rows) for rows in (1_000_000, 10_000_000)]
    assert peaks[1] < peaks[0] * 1.2


def peak_kilobytes(path, rows: int) -> int:
    program = (
        "import resource; from tailproof.bars.simulate import write_simulated;"
        f"write_simulated({str(path)!r}, rows={rows}, ic=0.0, seed=0, overwrite=True);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    return int(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout)
