"""The three real files load with what their README says, and each trap in it is reported."""

from __future__ import annotations

from pathlib import Path

from tailproof.bars import merge_known, quality_report, read_vix
from tailproof.bars.load import load
from tailproof.core.records import Bars
from tailproof.settings.read_options import ReadOptions


def read(path: Path, **settings: object) -> tuple[Bars, str]:
    loaded = load(path, ReadOptions(**settings), store="never")  # type: ignore[arg-type]
    return loaded.bars, loaded.report.render()


def test_es_minutes(shared_data: Path) -> None:
    bars, report = read(shared_data / "es_1min_2013_2020.csv")
    assert len(bars) == 19_083
    assert "on 16 dates, 2013-10-06 22:00 to 2020-01-06 23:59 UTC" in report
    assert "2 contract changes" in report
    assert "holes of more than 5 days" in report  # the dates are not contiguous
    assert "price level jumps" in report  # 2013 to 2020
    assert "The tick is 0.25." in report
    assert "38.3% of the returns inside segments are exactly zero" in report
    assert "breaks longer than 30 min" in report  # the halt from 17:00 to 18:00 New York


def test_spy_hours(shared_data: Path) -> None:
    path = shared_data / "spy_1h_1998_2021.csv"
    _, report = read(path)
    assert "times look local but were read as UTC" in report
    bars, report = read(path, timezone="America/New_York", calendar="XNYS")
    assert len(bars) == 40_832
    assert "look local" not in report
    assert "returns over nights hold dividends" in report
    assert bars.frame["session"].n_unique() == 5_849  # no return crosses a night
    assert bars.frame["time"].dt.convert_time_zone("America/New_York").dt.hour().is_between(9, 15).all()


def test_vix_days_as_bars(shared_data: Path) -> None:
    path = shared_data / "vix_daily_1990_2026.csv"
    report = quality_report(path)
    assert not report.usable
    assert "'open' outside low-high: 47 rows" in report.render()
    bars, report = read(path, repairs=("widen-range",))
    assert len(bars) == 9_235
    assert "DATE as time, OPEN as open" in report
    assert "open = high = low = close: 506 rows" in report
    assert "A bar of 1 day is known at 16:00 New York of its last date, not during it." in report


def test_vix_days_joined_to_es(shared_data: Path) -> None:
    bars, _ = read(shared_data / "es_1min_2013_2020.csv")
    merged = merge_known(bars, read_vix(shared_data / "vix_daily_1990_2026.csv"))
    assert any("47 rows whose open or close lies outside" in note for note in merged.notes)
    assert "vix_close matched to 19,083 of 19,083 bars (100.0%)." in merged.notes
