"""The store: used when nothing changed, made again when anything did, never trusted when damaged."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from tailproof.arrays.scratch import cache_folder
from tailproof.bars.load import load, load_bars
from tailproof.bars.read.csv_chunks import read_csv_chunks
from tailproof.bars.reading import read_bars
from tailproof.bars.store import bar_store
from tailproof.bars.store.spool import Spool
from tailproof.core.records import PRICES
from tailproof.settings.read_options import ReadOptions

ROWS = 300


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TAILPROOF_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "bars.csv"
    _write(path, 100.0)
    return path


def _write(path: Path, price: float) -> None:
    times = pl.datetime_range(datetime(2024, 1, 2), datetime(2024, 1, 3), "1m", eager=True)[:ROWS]
    pl.DataFrame({"time": times, "open": price, "high": price, "low": price, "close": price}).write_csv(path)


def _from_store(path: Path, **settings: object) -> bool:
    notes = load_bars(path, store="always", **settings).notes  # type: ignore[arg-type]
    return any("come from the store" in note for note in notes)


def test_the_second_reading_is_equal_and_from_the_store(source: Path) -> None:
    first = load_bars(source, store="always")
    second = load_bars(source, store="always")
    assert second.frame.equals(first.frame)
    assert second.frame.schema == load_bars(source, store="never").frame.schema
    assert second.bar_length == first.bar_length
    assert _from_store(source)


def test_other_settings_are_another_store(source: Path) -> None:
    load_bars(source, store="always")
    assert not _from_store(source, price_scale=10.0)


def test_a_changed_file_is_read_again_and_its_old_store_removed(source: Path, tmp_path: Path) -> None:
    load_bars(source, store="always")
    before = source.stat().st_mtime_ns
    _write(source, 200.0)
    os.utime(source, ns=(before, before))  # same size, same time: the sampled blocks differ
    assert load_bars(source, store="always").frame["close"][0] == 200.0
    assert len(list((tmp_path / "cache" / "bars").glob("*.arrow"))) == 1


@pytest.mark.parametrize("damage", ["flip", "cut", "empty record", "lost bars"])
def test_a_damaged_store_is_told_and_made_again(source: Path, tmp_path: Path, damage: str) -> None:
    good = load_bars(source, store="always").frame.clone()
    folder = tmp_path / "cache" / "bars"
    arrow, record = next(folder.glob("*.arrow")), next(folder.glob("*.json"))
    content = bytearray(arrow.read_bytes())
    content[len(content) // 2] ^= 1
    arrow.unlink()  # the mapped file of ``good`` lives on
    if damage == "flip":
        arrow.write_bytes(content)
    elif damage == "cut":
        arrow.write_bytes(content[:-10])
    elif damage == "empty record":
        record.write_text("")
    again = load_bars(source, store="always")
    assert any(note.startswith("Warning: the stored bars") for note in again.notes)
    assert again.frame.equals(good)
    assert _from_store(source)


def test_a_figure_that_was_changed_in_the_record_is_noticed(source: Path, tmp_path: Path) -> None:
    good = load_bars(source, store="always")
    (record,) = (tmp_path / "cache" / "bars").glob("*.json")
    record.write_text(record.read_text().replace('"bar_length_ns": 6', '"bar_length_ns": 7'))
    again = load_bars(source, store="always")
    assert any("checksum" in note for note in again.notes)
    assert again.bar_length == good.bar_length


def test_rows_set_aside_that_were_changed_are_noticed(source: Path, tmp_path: Path) -> None:
    source.write_text(source.read_text() + "2024-01-02T05:30:00.000000,1,2,3,4\n")
    options = ReadOptions(repair=("drop-bad-prices",))
    good = load(source, options, store="always").set_aside
    (aside,) = (tmp_path / "cache" / "bars").glob("*.parquet")
    pl.read_parquet(aside).with_columns(pl.lit(9.0).alias("close")).write_parquet(aside)
    again = load(source, options, store="always")
    assert any(note.startswith("Warning: the stored bars") for note in again.bars.notes)
    assert again.set_aside.equals(good)


def test_what_a_killed_process_left_is_removed(source: Path, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    folder = tmp_path / "cache" / "bars"
    folder.mkdir(parents=True)
    for number in (ended.pid, os.getpid()):
        (folder / f"other.{number}.part").write_text("half")
    load_bars(source, store="always")
    assert [file.name for file in folder.glob("*.part")] == [f"other.{os.getpid()}.part"]


@pytest.mark.parametrize("place", ["a file in the way", "under a file", "full before", "full at the end"])
def test_a_cache_that_cannot_be_written_is_done_without_and_named(
    source: Path, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    expected = load_bars(source, store="never")
    if place == "a file in the way":
        (tmp_path / "cache").mkdir()
        (tmp_path / "cache" / "bars").write_text("")
    elif place == "under a file":
        monkeypatch.setenv("TAILPROOF_CACHE", str(source / "cache"))
    elif place == "full before":
        monkeypatch.setattr(bar_store, "write_frames", full)
    else:
        monkeypatch.setattr(os, "replace", full)
    bars = load_bars(source, store="always")
    assert bars.frame.equals(expected.frame)
    (note,) = [note for note in bars.notes if "could not be stored" in note]
    assert "\n" not in note
    assert "TAILPROOF_CACHE" in note


def test_small_files_leave_no_crumbs(source: Path, tmp_path: Path) -> None:
    load_bars(source)
    assert not (tmp_path / "cache").exists()


def test_nothing_is_left_of_a_refused_file(source: Path, tmp_path: Path) -> None:
    source.write_text(source.read_text() + "torn\n")
    with pytest.raises(Exception, match="too few cells"):
        load_bars(source, store="always")
    assert not list((tmp_path / "cache").rglob("*.part"))


def test_a_spool_beyond_its_rows_is_the_same_on_disk() -> None:
    frames = [pl.DataFrame({"a": range(at, at + 10), "b": ["x"] * 10}) for at in range(0, 100, 10)]
    spool = Spool(rows_in_memory=25)
    for frame in frames:
        spool.add(frame)
    assert not spool.frames
    assert pl.concat(list(spool)).equals(pl.concat(frames))
    assert spool.whole().equals(pl.concat(frames))
    spool.close()


def test_many_bars_without_a_store_are_mapped(source: Path) -> None:
    options = ReadOptions()
    chunks = ((plan, chunk, 0) for plan, chunk in read_csv_chunks(source, options=options, required=("time", *PRICES)))
    mapped = read_bars(chunks, options=options, name="bars", files=("",), store=None, rows_in_memory=10)
    assert mapped.bars.frame.equals(load_bars(source, store="never").frame)


def test_the_tests_never_touch_the_cache_of_the_user() -> None:
    assert Path.home() not in cache_folder().parents
    assert cache_folder().is_dir()
