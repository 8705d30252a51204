"""``tailproof check`` and ``tailproof merge`` on the command line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from tailproof import pipeline
from tailproof.cli import main
from tailproof.core.errors import ConfigError
from tailproof.settings.train_settings import load_settings


@pytest.fixture
def files(tmp_path: Path) -> Path:
    times = pl.datetime_range(datetime(2024, 7, 1), datetime(2024, 7, 4), "15m", eager=True)
    pl.DataFrame({"t": times, **dict.fromkeys(("open", "high", "low", "Last"), 5.0)}).write_csv(tmp_path / "bars.csv")
    (tmp_path / "vix.csv").write_text("DATE,CLOSE\n2024-07-01,10\n2024-07-02,11\n2024-07-03,12\n")
    return tmp_path


def test_check_reports_and_writes(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(files / "bars.csv"), "--columns", "time=t", "--json", str(files / "report.json")])
    assert "289 rows read = 289 kept + 0 set aside" in capsys.readouterr().out
    assert (files / "report.json").exists()


def test_check_ends_with_two_where_there_are_errors(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = files / "bars.csv"
    path.write_text(path.read_text() + "torn\n")
    with pytest.raises(SystemExit) as stop:
        main(["check", str(path), "--columns", "time=t"])
    assert stop.value.code == 2
    assert "too few cells" in capsys.readouterr().out
    aside = files / "aside.parquet"
    main(["check", str(path), "--columns", "time=t", "--repair", "drop-unreadable", "--set-aside", str(aside)])
    assert pl.read_parquet(aside)["text"].to_list() == ["torn"]


def test_merge_writes_and_check_finds_the_leak(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = files / "merged.csv"
    main(["merge", str(files / "bars.csv"), str(files / "vix.csv"), "--out", str(out), "--columns", "time=t"])
    assert "merged bars" in capsys.readouterr().out
    main(["check", str(out), "--vix", str(files / "vix.csv")])
    assert "no value from the future seen" in capsys.readouterr().out
    leaking = pl.read_csv(out).with_columns(pl.col("time").str.slice(8, 2).cast(pl.Float64).add(9.0).alias("vix_close"))
    leaking.write_csv(out)
    with pytest.raises(SystemExit) as stop:
        main(["check", str(out), "--vix", str(files / "vix.csv")])
    assert stop.value.code == 2
    assert "LEAK" in capsys.readouterr().err


def test_resample_writes_complete_bars_with_the_time_they_were_known(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = files / "bars.csv", files / "hours.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-2]) + "\n")  # the last hour lacks its last quarters
    main(["resample", str(path), "--to", "1h", "--out", str(out), "--columns", "time=t"])
    screen = capsys.readouterr().out
    assert "Resampled 287 bars of 15 min to 71 of 1 h, each known at its end by the clock" in screen
    assert "the last was not complete and is left out" in screen
    assert "71 bars, known from 2024-07-01 01:00 to 2024-07-03 23:00 UTC" in screen
    written = pl.read_csv(out)
    assert written.row(0)[:2] == ("2024-07-01T00:00:00Z", "2024-07-01T01:00:00Z")
    main(["check", str(out)])
    assert "known_at" not in capsys.readouterr().out  # it says what the times say


def test_resample_refuses_what_cannot_be(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["resample", str(files / "bars.csv"), "--columns", "time=t"]
    for to, out, message in (
        ("7min", "out.csv", "whole multiple"),
        ("session", "out.csv", "not one bar of session is complete"),
        ("1h", "out.xlsx", "must end in .csv or .parquet"),
    ):
        with pytest.raises(SystemExit) as stop:
            main([*arguments, "--to", to, "--out", str(files / out)])
        assert stop.value.code == 2
        assert message in capsys.readouterr().err
        assert not (files / out).exists()


def test_options_that_cannot_be_meant_are_told_all_at_once(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["check", str(files / "bars.csv"), "--tz", "Mars", "--columns", "close", "--session-gap", "soon"])
    assert stop.value.code == 2
    screen = capsys.readouterr().err
    for message in ("timezone should be an IANA zone", "columns should be MEANING=NAME", "session-gap should be auto"):
        assert message in screen


def test_a_vix_that_is_too_old_is_not_carried_on_in_training(files: Path) -> None:
    settings = load_settings(overrides={"columns": ("time=t",), "vix_stale_after": "1h"})
    merged, _ = pipeline.read_bars(files / "bars.csv", settings=settings, vix=files / "vix.csv")
    assert any("no value of vix_close younger than 1 h" in note for note in merged.notes)
    with pytest.raises(ConfigError, match="vix_stale_after should be a duration"):
        load_settings(overrides={"vix_stale_after": "auto"})


def test_intraday_vix_has_a_zone_of_its_own_in_training(files: Path) -> None:
    vix = files / "vix_minutes.csv"
    vix.write_text("time,open,high,low,close\n" + "".join(f"2024-07-01 {h:02}:00,1,1,1,1{h:02}\n" for h in range(24)))

    def first_known(**options: object) -> datetime:
        settings = load_settings(overrides={"columns": ("time=t",), **options})
        merged, _ = pipeline.read_bars(files / "bars.csv", settings=settings, vix=vix)
        known = merged.frame.filter(pl.col("vix_close") == 109.0)["known_at"]
        return known.min().replace(tzinfo=None)  # type: ignore[union-attr, return-value, arg-type]

    # the close of the hour from 09:00 is known at 10:00, or at 10:00 New York: 14:00 UTC
    assert first_known() == datetime(2024, 7, 1, 10)
    assert first_known(vix_timezone="America/New_York") == datetime(2024, 7, 1, 14)
    with pytest.raises(ConfigError, match="vix_timezone should be an IANA zone"):
        load_settings(overrides={"vix_timezone": "Mars"})
