"""``tailproof check`` and ``tailproof merge`` on the command line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from tailproof.cli import main


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
