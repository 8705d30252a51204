"""Files of a run that may hold anything."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from tailproof.core.errors import RunFolderError
from tailproof.storage.json_file import MAX_BYTES, read_json
from tailproof.storage.readable import rows_of_run


def test_rows_are_read(tmp_path: Path) -> None:
    frame = pl.DataFrame({"prediction": [0.1, 0.2, 0.7]})
    frame.write_parquet(tmp_path / "predictions.parquet")
    assert rows_of_run(tmp_path / "predictions.parquet").collect().equals(frame)


@pytest.mark.parametrize("name", ["~nobody", "run[1]", "run*"])
def test_a_name_is_no_pattern(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).mkdir()
    frame = pl.DataFrame({"prediction": [0.1]})
    with (Path(name) / "predictions.parquet").open("wb") as file:
        frame.write_parquet(file)
    assert rows_of_run(Path(name) / "predictions.parquet").collect().equals(frame)


def test_a_few_bytes_that_unfold_into_many_rows_are_refused(tmp_path: Path) -> None:
    pl.DataFrame({"prediction": [0.5] * 1_000_000}).write_parquet(tmp_path / "bomb.parquet")
    with pytest.raises(RunFolderError, match=r"at most one row per byte, got 1,000,000 rows in"):
        rows_of_run(tmp_path / "bomb.parquet")


def test_what_is_no_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "none.parquet").write_bytes(b"PAR1")
    with pytest.raises(RunFolderError, match=r"none\.parquet: not readable as Parquet"):
        rows_of_run(tmp_path / "none.parquet")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "verdict.json")
    with pytest.raises(
        RunFolderError, match=r"verdict\.json: not readable as JSON \(it is a folder, a device or a pipe\)"
    ):
        read_json(tmp_path / "verdict.json")


def test_json_beyond_its_bound_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "verdict.json").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(RunFolderError, match=r"67,108,865 bytes"):
        read_json(tmp_path / "verdict.json")
