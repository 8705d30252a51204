"""Each suspicious thing is seen, named and placed; sound bars raise no warning of that kind."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tailproof.bars.load import load, quality_report
from tailproof.bars.loaded import Loaded
from tailproof.bars.read.csv_chunks import read_csv_chunks
from tailproof.bars.reading import read_bars
from tailproof.bars.store.bar_store import BarStore
from tailproof.core.errors import DataError
from tailproof.core.records import PRICES
from tailproof.settings.read_options import ReadOptions

ROWS = 2000


def sound(rows: int = ROWS, *, step: timedelta = timedelta(minutes=1), seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    close_N = np.round(4000 + np.cumsum(rng.normal(0, 1, rows)) * 4 / 4 * 0.5, 0) + rng.integers(0, 4, rows) * 0.25
    start = datetime(2024, 1, 2)
    return pl.DataFrame(
        {
            "time": [start + at * step for at in range(rows)],
            "open": np.r_[close_N[0], close_N[:-1]],
            "high": np.maximum(close_N, np.r_[close_N[0], close_N[:-1]]) + 0.5,
            "low": np.minimum(close_N, np.r_[close_N[0], close_N[:-1]]) - 0.5,
            "close": close_N,
            "volume": rng.integers(1, 500, rows).astype(float),
        }
    )


def kinds(frame: pl.DataFrame | Path, **settings: object) -> dict[str, object]:
    report = quality_report(frame, ReadOptions(**settings))  # type: ignore[arg-type]
    assert report.usable, report.render()
    return {fault.kind: fault for fault in report.warnings}


def at(frame: pl.DataFrame, rows: list[int], **cells: float) -> pl.DataFrame:
    row = pl.int_range(pl.len())
    changes = [pl.when(row.is_in(rows)).then(pl.lit(value)).otherwise(pl.col(name)) for name, value in cells.items()]
    return frame.with_columns(change.alias(name) for change, name in zip(changes, cells, strict=True))


def test_sound_bars_raise_no_warning() -> None:
    assert kinds(sound()) == {}


def test_a_close_that_jumps_and_reverts() -> None:
    spiked = at(sound(), [700], close=4400.0, high=4400.5)
    fault = kinds(spiked)["spike that reverts within a bar"]
    assert fault.lines == (701,)  # type: ignore[attr-defined]


def test_a_wick_far_outside() -> None:
    assert kinds(at(sound(), [700], low=3500.0))["high or low spike inside a bar"].lines == (701,)  # type: ignore[attr-defined]


def test_stale_bars_from_the_tenth_on() -> None:
    flat = at(sound(), list(range(500, 515)), open=4000.0, high=4000.5, low=3999.5, close=4000.0, volume=7.0)
    assert kinds(flat)["stale bars"].count == 6  # type: ignore[attr-defined]


def test_zero_volume() -> None:
    assert kinds(at(sound(), [3, 9], volume=0.0))["zero volume"].count == 2  # type: ignore[attr-defined]


def test_a_price_off_the_tick() -> None:
    fault = kinds(at(sound(), [44], open=4000.1, high=4100.0, low=3900.0))["price off the tick"]
    assert fault.lines == (45,)  # type: ignore[attr-defined]


def test_missing_minutes_are_counted_by_session() -> None:
    holed = sound().with_row_index("n").filter(~pl.col("n").is_in([100, 101, 300])).drop("n")
    fault = kinds(holed)["bars missing inside sessions"]
    assert fault.count == 3  # type: ignore[attr-defined]


def test_holes_of_days() -> None:
    late = sound().with_columns(
        pl.when(pl.int_range(pl.len()) > 1000).then(pl.col("time") + timedelta(days=30)).otherwise("time").alias("time")
    )
    assert "holes of more than 5 days" in kinds(late)


def test_a_splice_of_levels() -> None:
    halved = sound().with_columns(
        (pl.when(pl.int_range(pl.len()) >= 1200).then(pl.col(name) / 2).otherwise(pl.col(name))).alias(name)
        for name in ("open", "high", "low", "close")
    )
    halved = halved.with_columns(pl.when(pl.int_range(pl.len()) == 1200).then("close").otherwise("open").alias("open"))
    halved = halved.with_columns(
        pl.max_horizontal("open", "high").alias("high"), pl.min_horizontal("open", "low").alias("low")
    )
    assert kinds(halved)["price level jumps"].lines == (1201,)  # type: ignore[attr-defined]


def test_a_splice_between_files(tmp_path: Path) -> None:
    sound()[:1000].write_csv(tmp_path / "a.csv")
    shifted = sound()[1000:].with_columns(pl.col(name) * 1.03 for name in ("open", "high", "low", "close"))
    shifted.write_csv(tmp_path / "b.csv")
    fault = kinds(tmp_path)["price level jumps"]
    assert (fault.file, fault.lines) == ("b.csv", (2,))  # type: ignore[attr-defined]


def test_times_in_the_future() -> None:
    late = sound().with_columns(pl.col("time") + timedelta(days=365 * 60))
    assert kinds(late)["time in the future"].count == ROWS  # type: ignore[attr-defined]


def test_mixed_bar_lengths() -> None:
    slow = sound(1000, step=timedelta(minutes=5)).with_columns(pl.col("time") + timedelta(days=3))
    assert any(kind.startswith("mixed bar lengths") for kind in kinds(pl.concat([sound(), slow])))


def test_steps_shorter_than_a_bar() -> None:
    extra = sound(1).with_columns(pl.col("time") + timedelta(minutes=100, seconds=30))
    assert kinds(pl.concat([sound(), extra]).sort("time"))["step shorter than a bar"].count == 2  # type: ignore[attr-defined]


def cash_sessions(clock: timedelta) -> pl.DataFrame:
    days = [datetime(2024, 1, 2) + timedelta(days=day) for day in range(220)]
    times = [day + clock + timedelta(minutes=minute) for day in days for minute in range(0, 390)]
    return sound(len(times)).with_columns(pl.Series("time", times))


def test_local_times_read_as_utc() -> None:
    frame = cash_sessions(timedelta(hours=9, minutes=30))
    assert "times look local but were read as UTC" in kinds(frame)
    assert "times look local but were read as UTC" not in kinds(frame, timezone="America/New_York")


def test_bars_labelled_by_their_end() -> None:
    frame = cash_sessions(timedelta(hours=9, minutes=31))
    assert "bars look labelled by their end" in kinds(frame, timezone="America/New_York")
    assert "bars look labelled by their end" not in kinds(frame, timezone="America/New_York", bar_label="end")


def test_a_daily_column_joined_by_date() -> None:
    days = cash_sessions(timedelta(hours=14))
    joined = days.with_columns((pl.col("time").dt.ordinal_day() % 17 + 10.0).alias("vix_close"))
    assert "'vix_close' changes only from one date to the next" in kinds(joined)


def load_in_small_blocks(path: Path, *, store: BarStore | None = None) -> Loaded:
    options = ReadOptions()
    chunks = read_csv_chunks(path, options=options, required=("time", *PRICES), block_bytes=4096)
    numbered = ((plan, chunk, 0) for plan, chunk in chunks)
    return read_bars(numbered, options=options, name=str(path), files=("",), store=store, rows_in_memory=100)


def test_the_same_is_found_whatever_the_chunks(tmp_path: Path) -> None:
    odd = at(at(sound(), [700], close=4400.0, high=4400.5), [1500], low=3500.0)
    odd = at(odd, list(range(900, 930)), open=4000.0, high=4000.5, low=3999.5, close=4000.0, volume=7.0)
    path = tmp_path / "bars.csv"
    odd.write_csv(path)
    whole = load(path, ReadOptions(), store="never")
    parts = load_in_small_blocks(path)
    assert parts.bars.frame.equals(whole.bars.frame)
    assert parts.report.render() == whole.report.render()


@pytest.mark.parametrize("stored", [False, True])
def test_a_bar_length_that_shows_only_later(stored: bool, tmp_path: Path) -> None:
    """The first block has bars of five minutes, all others of one: what was made of the first is made again."""
    path = tmp_path / "bars.csv"
    frame = sound()
    pl.concat([frame[:600:5], frame[600:]]).write_csv(path)
    whole = load(path, ReadOptions(), store="never")
    store = BarStore(folder=tmp_path / "cache", place="bars", key="any") if stored else None
    parts = load_in_small_blocks(path, store=store)
    assert parts.bars.bar_length == timedelta(minutes=1)
    assert parts.bars.frame.equals(whole.bars.frame)
    assert parts.report.render() == whole.report.render()
    assert not list(tmp_path.rglob("*.part"))


def test_an_error_in_the_last_block_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(sound().write_csv() + "torn\n")
    with pytest.raises(DataError, match="too few cells: 1 row"):
        load_in_small_blocks(path, store=BarStore(folder=tmp_path / "cache", place="bars", key="any"))
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]
