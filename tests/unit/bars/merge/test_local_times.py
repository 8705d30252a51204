"""Minutes of the VIX in New York time, read as UTC: known four or five hours early, and warned of."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tailproof.bars import read_series, read_vix


def vix_minutes(folder: Path, *, every: int = 5) -> Path:
    """Closes from 09:30 to 16:15 on the clock of New York, without a zone, in winter and in summer."""
    days = pl.date_range(date(2024, 1, 2), date(2024, 8, 30), "1d", eager=True)
    days = days.filter(days.dt.weekday() <= 5)
    minutes = range(9 * 60 + 30, 16 * 60 + 15, every)
    times = [datetime(day.year, day.month, day.day) + timedelta(minutes=minute) for day in days for minute in minutes]
    path = folder / "vix.csv"
    pl.DataFrame({"time": times, "close": [15.0 + (row % 7) / 10 for row in range(len(times))]}).write_csv(path)
    return path


def warnings(notes: tuple[str, ...]) -> list[str]:
    return [note for note in notes if "times look local but were read as UTC" in note]


def test_minutes_of_new_york_read_as_utc_are_warned_of(tmp_path: Path) -> None:
    (warning,) = warnings(read_vix(vix_minutes(tmp_path)).notes)
    assert "09:30 as in New York" in warning
    assert 'timezone="America/New_York"' in warning
    assert len(warnings(read_series(vix_minutes(tmp_path)).notes)) == 1


def test_minutes_whose_zone_is_named_are_not(tmp_path: Path) -> None:
    assert warnings(read_vix(vix_minutes(tmp_path), timezone="America/New_York").notes) == []


def test_minutes_that_are_utc_are_not(tmp_path: Path) -> None:
    local = pl.read_csv(vix_minutes(tmp_path), try_parse_dates=True)
    utc = local.with_columns(
        pl.col("time").dt.replace_time_zone("America/New_York").dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    )
    utc.write_csv(tmp_path / "utc.csv")
    assert warnings(read_vix(tmp_path / "utc.csv").notes) == []


@pytest.mark.parametrize("opens", [8, 15])
def test_any_clock_that_ignores_daylight_saving_is_warned_of(opens: int, tmp_path: Path) -> None:
    shifted = pl.read_csv(vix_minutes(tmp_path), try_parse_dates=True).with_columns(
        pl.col("time") + pl.duration(minutes=opens * 60 - (9 * 60 + 30))
    )
    shifted.write_csv(tmp_path / "shifted.csv")
    (warning,) = warnings(read_series(tmp_path / "shifted.csv").notes)
    assert f"{opens:02d}:00 in winter and in summer" in warning


def test_days_are_never_warned_of(tmp_path: Path) -> None:
    days = pl.date_range(date(2023, 1, 2), date(2024, 8, 30), "1d", eager=True)
    pl.DataFrame({"date": days, "close": [15.0 + row % 7 for row in range(len(days))]}).write_csv(tmp_path / "d.csv")
    assert warnings(read_vix(tmp_path / "d.csv").notes) == []
