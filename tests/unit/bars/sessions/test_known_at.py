"""No bar and no value is known before it is over, whatever names it and whatever a file says."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tailproof.bars import load_bars, merge_files, merge_known, read_series, resample, resample_file
from tailproof.bars.written_bars import write_bars
from tailproof.core.errors import DataError
from tailproof.core.records import Bars
from tailproof.settings.read_options import ReadOptions
from tailproof.storage.out_file import out_file

DAYS = 8
EVENING = datetime(2024, 7, 1, 22)


def days(first: datetime | date, *, weekdays: bool = False, **more: pl.Expr) -> pl.DataFrame:
    times = [first + timedelta(days=at + (2 * (at // 5) if weekdays else 0)) for at in range(DAYS)]
    prices = {name: [100.0 + at for at in range(DAYS)] for name in ("open", "high", "low", "close")}
    return pl.DataFrame({"time": times, **prices}).with_columns(**more)


def minutes(count: int, *, gap_after: tuple[int, ...] = ()) -> pl.DataFrame:
    """Bars of a minute, two hours without any after each row of ``gap_after``."""
    minute = [at + 120 * sum(at > row for row in gap_after) for at in range(count)]
    prices = {name: [100.0 + at % 7 for at in range(count)] for name in ("open", "high", "low", "close")}
    return pl.DataFrame({"time": [EVENING + timedelta(minutes=at) for at in minute], **prices})


def known(bars: Bars) -> list[datetime]:
    return bars.frame["known_at"].dt.replace_time_zone(None).to_list()


def test_a_date_is_known_at_four_in_new_york() -> None:
    bars = load_bars(days(date(2024, 7, 1), weekdays=True), timezone="Asia/Tokyo")
    assert known(bars)[0] == datetime(2024, 7, 1, 20)
    assert any("known at 16:00 New York" in note for note in bars.notes)


def test_a_day_named_by_the_evening_before_is_known_when_it_ends() -> None:
    bars = load_bars(days(EVENING))
    assert known(bars)[0] == EVENING + timedelta(days=1)
    assert any("Each bar is known when it ends: the bars of 1 day are named by a time of day" in n for n in bars.notes)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_days_of_a_market_that_never_closes_are_over_at_midnight(tmp_path: Path, ending: str) -> None:
    frame, path = days(date(2024, 7, 1)), tmp_path / f"days.{ending}"
    frame.write_csv(path) if ending == "csv" else frame.write_parquet(path)
    bars = load_bars(path)
    assert known(bars)[0] == datetime(2024, 7, 2)
    assert any("some are of a Saturday or Sunday, so that a day is over at midnight UTC" in n for n in bars.notes)
    write_bars(bars, out_file(out := tmp_path / "again.csv", overwrite=False))
    assert known(load_bars(out)) == known(bars)


def test_a_day_of_such_a_market_is_not_seen_in_its_last_hours() -> None:
    """A planted look-ahead: 18:00 New York, from which other days are used, is 22:00 UTC in summer."""
    bars = load_bars(minutes(3 * 1440))
    merged = merge_known(bars, read_series(days(date(2024, 7, 1)), prefix="coin")).frame
    first = merged.filter(pl.col("coin_close").is_not_null())["known_at"].dt.replace_time_zone(None)[0]
    assert first == datetime(2024, 7, 2)


def test_weeks_and_months_may_be_named_by_a_sunday() -> None:
    weeks = days(date(2024, 7, 7)).with_columns(time=pl.date_range(date(2024, 7, 7), date(2025, 1, 1), "1w").head(DAYS))
    assert known(load_bars(weeks))[0] == datetime(2024, 7, 13, 20)


def test_one_time_of_day_among_dates_makes_them_all_spans(tmp_path: Path) -> None:
    """Found late: the bars are made again, also of the rows that looked like dates."""
    last = pl.int_range(DAYS) == DAYS - 1
    later = pl.when(last).then(pl.col("time").dt.offset_by("1h")).otherwise("time")
    days(datetime(2024, 7, 1), time=later).write_csv(tmp_path / "bars.csv")
    assert known(load_bars(tmp_path / "bars.csv"))[0] == datetime(2024, 7, 2)


def test_days_labelled_at_their_end_are_known_then() -> None:
    bars = load_bars(days(EVENING), bar_label="end")
    assert known(bars)[0] == EVENING
    assert bars.frame["time"].dt.replace_time_zone(None)[0] == EVENING - timedelta(days=1)


def test_a_series_of_sessions_is_not_seen_while_they_last() -> None:
    """A planted look-ahead: by its date alone each session would be used from the minute that it opens."""
    bars = load_bars(minutes(3 * 1440))
    merged = merge_known(bars, read_series(days(EVENING), prefix="session")).frame
    first = merged.filter(pl.col("session_close").is_not_null())["known_at"].dt.replace_time_zone(None)[0]
    assert first == EVENING + timedelta(days=1)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_sessions_read_back_are_known_when_they_were(tmp_path: Path, ending: str) -> None:
    """Sessions of 5 to 90 hours, as of markets that hardly close: no length of a bar says when they are over."""
    minutes(12_000, gap_after=(300, 900, 1300, 6700, 7000, 7400)).write_csv(tmp_path / "bars.csv")
    out = tmp_path / f"sessions.{ending}"
    written = resample_file(tmp_path / "bars.csv", to="session", out=out, options=ReadOptions())
    back = load_bars(out)
    assert len(back) == 6
    assert known(back) == known(written) == known(resample(load_bars(tmp_path / "bars.csv"), "session"))
    assert any("known later than their end, at the file's known_at" in note for note in back.notes)
    series = read_series(out, prefix="session")
    assert series.frame["known_at"].dt.replace_time_zone(None).to_list() == known(written)


def test_merging_into_sessions_keeps_when_they_were_known(tmp_path: Path) -> None:
    minutes(12_000, gap_after=(300, 900, 1300, 6700, 7000, 7400)).write_csv(tmp_path / "bars.csv")
    days(date(2024, 6, 28)).select("time", "close").write_csv(tmp_path / "vix.csv")
    resample_file(tmp_path / "bars.csv", to="session", out=tmp_path / "s.csv", options=ReadOptions())
    merge_files(tmp_path / "s.csv", tmp_path / "vix.csv", out=tmp_path / "merged.csv")
    assert known(load_bars(tmp_path / "merged.csv")) == known(load_bars(tmp_path / "s.csv"))


def test_a_known_at_before_the_end_is_not_believed() -> None:
    bars = load_bars(minutes(10).with_columns(known_at=pl.col("time").dt.offset_by("30s")))
    assert known(bars) == [EVENING + timedelta(minutes=at + 1) for at in range(10)]
    assert any("10 bars have a known_at before their end: it is not believed" in note for note in bars.notes)


def test_a_known_at_that_goes_back_is_a_fault() -> None:
    """Joins backward in time rest on its order."""
    declared = pl.col("time").reverse().dt.offset_by("1d")
    with pytest.raises(DataError, match="known_at before that of the row above: 9 rows"):
        load_bars(minutes(10).with_columns(known_at=declared))


@pytest.mark.parametrize("cell", ["soon", ""])
def test_a_known_at_that_cannot_be_read_stops(tmp_path: Path, cell: str) -> None:
    declared = pl.when(pl.int_range(DAYS) == 3).then(pl.lit(cell)).otherwise(pl.lit("2024-08-01T00:00:00Z"))
    days(EVENING, known_at=declared).write_csv(tmp_path / "bars.csv")
    with pytest.raises(DataError, match=r"known_at: unreadable time: 1 row \(line 5\)"):
        load_bars(tmp_path / "bars.csv", repairs=("drop-unreadable",))
