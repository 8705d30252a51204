"""Settings of reading, repairs by name, and the accounting of rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tailproof.bars.clean.quality_report import QualityReport
from tailproof.bars.clean.set_aside import write_set_aside
from tailproof.bars.load import load, load_bars, quality_report
from tailproof.core.codec import from_tree, to_tree
from tailproof.core.errors import ConfigError, DataError
from tailproof.settings.read_options import ReadOptions
from tailproof.storage.out_file import out_file

ROWS = 40


def table(rows: int = ROWS, start: datetime = datetime(2024, 1, 2, 14, 30)) -> pl.DataFrame:
    times = [start + timedelta(minutes=at) for at in range(rows)]
    close = [100 + (at * 7 % 11) / 4 for at in range(rows)]
    return pl.DataFrame(
        {
            "time": times,
            "open": close,
            "high": [c + 0.5 for c in close],
            "low": [c - 0.5 for c in close],
            "close": close,
        }
    )


def written(frame: pl.DataFrame, folder: Path, name: str = "bars.csv", **how: Any) -> Path:
    frame.write_csv(folder / name, datetime_format="%Y-%m-%d %H:%M:%S", **how)
    return folder / name


def test_columns_by_name(tmp_path: Path) -> None:
    path = written(table().rename({"close": "px", "open": "Opn"}), tmp_path)
    bars = load_bars(path, columns={"close": "px", "open": "opn"})
    assert bars.frame["close"].to_list() == table()["close"].to_list()


def test_date_and_clock_in_two_columns(tmp_path: Path) -> None:
    frame = table().with_columns(
        pl.col("time").dt.strftime("%Y.%m.%d").alias("<DATE>"), pl.col("time").dt.strftime("%H:%M").alias("<TIME>")
    )
    bars = load_bars(written(frame.drop("time"), tmp_path, separator="\t"))
    assert bars.frame["time"].dt.replace_time_zone(None).to_list() == table()["time"].to_list()


def test_bars_labelled_by_their_end_start_one_bar_earlier(tmp_path: Path) -> None:
    path = written(table(), tmp_path)
    start, end = load_bars(path).frame, load_bars(path, bar_label="end").frame
    assert (start["time"] - end["time"]).unique().to_list() == [timedelta(minutes=1)]
    assert end["known_at"].to_list() == start["time"].to_list()


def test_prices_are_divided_by_the_scale(tmp_path: Path) -> None:
    assert load_bars(written(table(), tmp_path), price_scale=100).frame["close"][0] == 1.0


def test_a_zone_is_read_through_the_change_of_daylight_saving(tmp_path: Path) -> None:
    frame = pl.concat([table(5, datetime(2024, 3, 8, 9, 30)), table(5, datetime(2024, 3, 11, 9, 30))])
    bars = load_bars(written(frame, tmp_path), timezone="America/New_York")
    assert bars.frame["time"].dt.hour().to_list() == [14] * 5 + [13] * 5


@pytest.mark.parametrize(("rule", "hours"), [("earliest", [5, 5]), ("latest", [6, 6]), ("order", [5, 6])])
def test_a_repeated_clock_time_goes_by_the_rule(tmp_path: Path, rule: Any, hours: list[int]) -> None:
    early, late = datetime(2024, 11, 3, 1, 58), datetime(2024, 11, 3, 2, 0)
    times = [early, early + timedelta(minutes=1)]
    times += times if rule == "order" else []
    frame = table(len(times) + 1).with_columns(pl.Series("time", [*times, late]))
    path = written(frame, tmp_path)
    bars = load_bars(path, timezone="America/New_York", ambiguous=rule)
    hours_read = bars.frame["time"].dt.hour().to_list()
    assert [hours_read[0], hours_read[len(times) - 1]] == hours
    assert any("occur twice" in note for note in bars.notes)


def test_dates_stay_dates_in_any_zone(tmp_path: Path) -> None:
    days = table().with_columns(
        pl.Series("time", [datetime(2024, 1, 1) + timedelta(at + 2 * (at // 5)) for at in range(40)]).cast(pl.Date)
    )
    for zone in ("UTC", "Europe/Berlin", "Asia/Tokyo"):
        bars = load_bars(written(days, tmp_path), timezone=zone)
        assert bars.frame["time"].dt.date().to_list() == days["time"].to_list()
        assert bars.frame["known_at"][0] == datetime(2024, 1, 1, 21, 0, tzinfo=UTC)


def test_a_pandas_frame_with_times_in_its_index() -> None:
    bars = load_bars(table().to_pandas().set_index("time"))
    assert len(bars) == ROWS


REPAIRS: dict[str, tuple[list[str], int, int]] = {
    "drop-unreadable": (["2024-01-02 15:10:00,x,1,1,1", "torn,1"], 2, 0),
    "drop-bad-prices": (["2024-01-02 15:10:00,1,0.5,1,1", "2024-01-02 15:11:00,1,1,,1"], 2, 0),
    "widen-range": (["2024-01-02 15:10:00,100,99,98,101", "2024-01-02 15:11:00,97,99,98,99"], 0, 2),
    "drop-duplicates": (["2024-01-02 15:09:00,102.25,102.75,101.75,102.25"], 1, 0),
    "keep-first": (["2024-01-02 15:09:00,1,1,1,1"], 1, 0),
    "keep-last": (["2024-01-02 15:09:00,1,1,1,1"], 1, 0),
    "sort": (["2024-01-02 14:29:00,1,1,1,1"], 0, 0),
    "drop-future": (["2200-01-02 14:29:00,1,1,1,1"], 1, 0),
}


@pytest.mark.parametrize("repair", REPAIRS)
def test_a_repair_is_counted_and_what_it_took_is_kept(repair: str, tmp_path: Path) -> None:
    rows, dropped, changed = REPAIRS[repair]
    path = written(table(), tmp_path)
    path.write_text(path.read_text() + "\n".join(rows) + "\n")
    if repair != "drop-future":
        with pytest.raises(DataError):
            load_bars(path)
    loaded = load(path, ReadOptions(repair=(repair,)))
    report = loaded.report
    assert (report.rows_set_aside, report.rows_changed) == (dropped, changed)
    assert report.rows_read == ROWS + len(rows) == report.rows_kept + report.rows_set_aside
    assert loaded.set_aside.height == dropped + changed
    assert set(loaded.set_aside["repair"]) <= {repair}
    assert report.repairs[repair] == max(1, dropped + changed)
    assert f'repair="{repair}"' in report.render()
    assert loaded.bars.frame["time"].is_sorted()
    write_set_aside(loaded.set_aside, out_file(tmp_path / "aside.parquet", overwrite=False))
    assert pl.read_parquet(tmp_path / "aside.parquet").equals(loaded.set_aside)


def test_keep_last_keeps_the_last(tmp_path: Path) -> None:
    path = written(table(), tmp_path)
    path.write_text(path.read_text() + "2024-01-02 15:09:00,1,1,1,1\n")
    assert load_bars(path, repairs=("keep-last",)).frame["close"][-1] == 1.0
    assert load_bars(path, repairs=("keep-first",)).frame["close"][-1] != 1.0


def test_a_missing_volume_becomes_zero_where_asked(tmp_path: Path) -> None:
    volume = pl.Series("volume", [None, *range(1, ROWS)], dtype=pl.Int64)
    path = written(table().with_columns(volume), tmp_path)
    assert load_bars(path, repairs=("zero-missing-volume",)).frame["volume"][0] == 0.0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"repairs": ("drop-duplicate",)}, "did you mean 'drop-duplicates'"),
        ({"repairs": ("keep-first", "keep-last")}, "exclude each other"),
        ({"timezone": "New York"}, "IANA zone"),
        ({"price_scale": 0.0}, "price_scale should be greater than 0"),
        ({"bar_label": "middle"}, "bar_label should be"),
        ({"decimal_comma": True, "delimiter": ","}, "they are one character"),
    ],
)
def test_settings_that_cannot_be_meant(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_bars(pl.DataFrame(), **settings)


def test_a_report_lists_errors_without_raising(tmp_path: Path) -> None:
    path = written(table(), tmp_path)
    path.write_text(path.read_text() + "torn,1\n")
    report = quality_report(path)
    assert not report.usable
    assert "too few cells" in report.render()


def test_a_report_with_its_faults_comes_back_from_json(tmp_path: Path) -> None:
    path = written(table(), tmp_path)
    path.write_text(path.read_text() + "torn,1\n")
    report = quality_report(path)
    assert report.errors
    tree = json.loads(json.dumps(to_tree(report)))
    assert from_tree(tree, QualityReport).render() == report.render()


def test_columns_made_here_are_never_taken_from_a_file(tmp_path: Path) -> None:
    frame = table().with_columns(session=pl.lit(9), segment=pl.lit(9), line=pl.lit(1))
    bars = load_bars(written(frame, tmp_path))
    assert bars.frame["session"].to_list() == [0] * ROWS


def test_a_scaled_price_is_the_nearest_double() -> None:
    """A product with 1 / 100 is not: 78155 / 100 would read as 781.5500000000001."""
    times = [datetime(2024, 1, 2, 9, minute) for minute in range(4)]
    frame = pl.DataFrame({"time": times, **dict.fromkeys(("open", "high", "low", "close"), 78155)})
    assert load_bars(frame, price_scale=100.0).frame["close"].to_list() == [781.55] * 4


def slashed(days: range, pattern: str, *, rows_a_day: int = 300) -> str:
    times = [datetime(2024, 3, day, 9, 30) + timedelta(minutes=at) for day in days for at in range(rows_a_day)]
    return "time,open,high,low,close\n" + "".join(f"{time:{pattern}},1,1,1,1\n" for time in times)


@pytest.mark.parametrize("pattern", ["%d/%m/%Y %H:%M", "%d-%m-%Y %H:%M"])
def test_a_day_above_12_far_below_shows_the_order(pattern: str, tmp_path: Path) -> None:
    (tmp_path / "bars.csv").write_text(slashed(range(4, 14), pattern))
    bars = load_bars(tmp_path / "bars.csv")
    assert bars.frame["time"][0] == datetime(2024, 3, 4, 9, 30, tzinfo=UTC)
    assert any("read day before month" in note for note in bars.notes)


def test_an_order_that_no_date_shows_is_called_a_guess(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(slashed(range(4, 5), "%d/%m/%Y %H:%M"))
    guessed = load_bars(path)
    assert guessed.frame["time"][0] == datetime(2024, 4, 3, 9, 30, tzinfo=UTC)
    assert any("a guess, since no date seen shows which (day_first=True" in note for note in guessed.notes)
    assert load_bars(path, day_first=True).frame["time"][0] == datetime(2024, 3, 4, 9, 30, tzinfo=UTC)
    path.write_text(slashed(range(14, 15), "%m/%d/%Y %H:%M"))
    shown = load_bars(path)
    assert shown.frame["time"][0] == datetime(2024, 3, 14, 9, 30, tzinfo=UTC)
    assert not any("a guess" in note for note in shown.notes)


def test_disorder_does_not_hide_times_that_are_repeated_further_down(tmp_path: Path) -> None:
    clocks = ("14:30", "14:31", "14:33", "14:32", "14:31", "14:34", "14:34")
    path = tmp_path / "bars.csv"
    path.write_text("time,open,high,low,close\n" + "".join(f"2024-01-02T{clock}Z,10,11,9,10\n" for clock in clocks))
    report = quality_report(path)
    faults = {fault.kind: (fault.count, list(fault.lines)) for fault in report.errors}
    assert faults == {
        "time before the row above": (2, [5, 6]),
        "row above repeated": (1, [8]),
        "time repeated further down": (1, [6]),
    }
    assert len(load_bars(path, repairs=("sort", "keep-first"))) == 5
