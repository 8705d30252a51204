"""Nothing is joined before it was known, nothing stale is carried on, and a join made elsewhere is found out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tailproof.bars import audit_merge, load_bars, merge_files, merge_known, read_series, read_vix, refuse_leak
from tailproof.core.errors import ConfigError, DataError
from tailproof.core.records import Bars

DAYS = [date(2024, 7, day) for day in (1, 2, 3, 5, 8, 9, 10, 11, 12)]


@pytest.fixture
def vix_path(tmp_path: Path) -> Path:
    frame = pl.DataFrame({"DATE": DAYS, "CLOSE": [10.0 + at for at in range(len(DAYS))]})
    frame.write_csv(tmp_path / "vix.csv")
    return tmp_path / "vix.csv"


@pytest.fixture
def bars() -> Bars:
    times = [datetime(2024, 7, 1) + timedelta(minutes=15 * at) for at in range(96 * 12)]
    return load_bars(pl.DataFrame({"time": times, **dict.fromkeys(("open", "high", "low", "close"), 5.0)}))


def value_at(bars: Bars, *moment: int) -> float | None:
    known = bars.frame["known_at"].dt.replace_time_zone(None)
    return bars.frame.filter(known == datetime(*moment))["vix_close"][0]  # type: ignore[arg-type]


def test_a_day_is_known_from_six_in_the_evening(bars: Bars, vix_path: Path) -> None:
    merged = merge_known(bars, read_vix(vix_path))
    assert value_at(merged, 2024, 7, 2, 21, 45) == 10.0  # 17:45 New York: still the day before's
    assert value_at(merged, 2024, 7, 2, 22, 0) == 11.0
    assert value_at(merged, 2024, 7, 1, 21, 45) is None
    assert any("lie before the first value" in note for note in merged.notes)


@pytest.mark.parametrize(("level", "warns"), [(4_500.0, True), (0.18, True), (18.0, False), (85.0, False)])
def test_closes_that_are_hardly_those_of_the_vix_are_named(level: float, *, warns: bool) -> None:
    series = read_vix(pl.DataFrame({"DATE": DAYS, "CLOSE": [level * (1.0 + 0.01 * at) for at in range(len(DAYS))]}))
    assert any("Is this another file?" in note for note in series.notes) == warns


def test_a_lag_counts_from_the_close(bars: Bars, vix_path: Path) -> None:
    merged = merge_known(bars, read_vix(vix_path, lag=timedelta(hours=20)))
    assert value_at(merged, 2024, 7, 3, 15, 45) == 10.0
    assert value_at(merged, 2024, 7, 3, 16, 0) == 11.0


def test_stale_values_are_empty_and_counted(bars: Bars, vix_path: Path) -> None:
    merged = merge_known(bars, read_vix(vix_path), stale_after=timedelta(hours=24))
    assert value_at(merged, 2024, 7, 4, 22, 0) == 12.0
    assert value_at(merged, 2024, 7, 4, 22, 15) is None
    assert any("younger than 1 day" in note for note in merged.notes)


def test_the_age_says_how_long_a_value_was_known(bars: Bars, vix_path: Path) -> None:
    merged = merge_known(bars, read_vix(vix_path), age=True)
    row = merged.frame.filter(pl.col("known_at").dt.replace_time_zone(None) == datetime(2024, 7, 5, 4, 0))
    assert row["vix_close_age_hours"][0] == 30.0


def test_an_intraday_series_is_known_when_its_bar_is_complete(bars: Bars) -> None:
    hours = [datetime(2024, 7, 1) + timedelta(hours=at) for at in range(48)]
    series = read_series(pl.DataFrame({"time": hours, "flow": [float(at) for at in range(48)]}), prefix="desk")
    frame = merge_known(bars, series).frame
    assert (
        frame.filter(pl.col("known_at").dt.replace_time_zone(None) == datetime(2024, 7, 1, 5, 45))["desk_flow"][0]
        == 4.0
    )
    assert (
        frame.filter(pl.col("known_at").dt.replace_time_zone(None) == datetime(2024, 7, 1, 6, 0))["desk_flow"][0] == 5.0
    )


def test_no_value_is_joined_before_it_was_known(bars: Bars, vix_path: Path) -> None:
    series = read_vix(vix_path)
    merged = merge_known(bars, series)
    for row in merged.frame.sample(200, seed=0).iter_rows(named=True):
        known = series.frame.filter(pl.col("known_at") <= row["known_at"])
        assert row["vix_close"] == (known["vix_close"][-1] if known.height else None)


def test_a_planted_same_day_join_is_found_out(bars: Bars, vix_path: Path) -> None:
    series = read_vix(vix_path)
    assert not audit_merge(merge_known(bars, series), series).leaks
    days = pl.DataFrame({"day": DAYS, "vix_close": [10.0 + at for at in range(len(DAYS))]})
    same_day = bars.frame.with_columns(pl.col("time").dt.date().alias("day")).join(days, on="day", how="left")
    audit = audit_merge(replace(bars, frame=same_day), series)
    assert audit.leaks
    with pytest.raises(DataError, match=r"LEAK.*with_="):
        refuse_leak(audit)


def test_points_and_empty_cells_give_no_value(tmp_path: Path) -> None:
    path = tmp_path / "vix.csv"
    path.write_text("DATE,VIXCLS\n2024-07-01,12\n2024-07-02,.\n2024-07-03,\n2024-07-05,13\n")
    series = read_vix(path)
    assert series.frame["vix_close"].to_list() == [12.0, 13.0]
    assert "2 rows without a value" in series.notes[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("DATE,CLOSE\n2024-07-01,12\n2024-07-01,13\n", "time not after the row above"),
        ("DATE,CLOSE\n2024-07-01,12\n2024-07-02,-1\n", "'vix_close' out of range"),
        ("DATE,CLOSE\n2024-07-01,12\n2024-07-02,high\n", "text in 'close'"),
        (
            "DATE,Level\n2024-07-01,12\n",
            r"no column for the VIX.*got the numbers 'Level'. .* give columns=\"close=Level\"",
        ),
        ("DATE,A,B\n2024-07-01,12,13\n", r"got the numbers 'A', 'B'. Name the one .* in columns=\"close=A\""),
        ("DATE,NOTE\n2024-07-01,calm\n", "got DATE, NOTE, none of them numbers beside the time"),
        ("DATE,CLOSE\n2024-07-01,12\n", "fewer than two VIX values"),
    ],
)
def test_a_broken_vix_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "vix.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_vix(tmp_path / "vix.csv")


def test_merged_files_read_back(bars: Bars, vix_path: Path, tmp_path: Path) -> None:
    bars.frame.select("time", "open", "high", "low", "close").write_parquet(tmp_path / "bars.parquet")
    for name in ("out.csv", "out.parquet"):
        merged = merge_files(tmp_path / "bars.parquet", vix_path, out=tmp_path / name)
        again = load_bars(tmp_path / name)
        assert again.frame.select(merged.frame.columns).equals(merged.frame)
    with pytest.raises(ConfigError, match=r"must end in \.csv or \.parquet"):
        merge_files(tmp_path / "bars.parquet", vix_path, out=tmp_path / "out.xlsx")
    assert not list(tmp_path.glob(".*part"))
