"""Settings in messages are written as the one who reads them gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailproof.bars import load_bars, merge_files, quality_report
from tailproof.cli.main import main
from tailproof.core.errors import DataError
from tailproof.core.surface import MARK, of_file, setting, speaking_of_options, switch, worded

BARS = "time,open,high,low,close,volume\n" + "".join(
    f"2024-01-02 14:{minute:02d}:00Z,10,11,9,10.5,7\n" for minute in range(10)
)
REPEATED = BARS + BARS.splitlines()[-1] + "\n"


@pytest.mark.parametrize(
    ("mark", "argument", "option"),
    [
        (setting("session_gap"), "session_gap", "--session-gap"),
        (setting("timezone", "America/New_York"), 'timezone="America/New_York"', "--tz America/New_York"),
        (setting("columns", "close=Adj Close"), 'columns="close=Adj Close"', "--columns 'close=Adj Close'"),
        (setting("columns", "close=收盘"), 'columns="close=收盘"', "--columns close=收盘"),
        (setting("columns", 'close="px"'), "columns='close=\"px\"'", "--columns 'close=\"px\"'"),
        (setting("price_scale", 1000), "price_scale=1000", "--price-scale 1000"),
        (switch("day_first"), "day_first=True", "--day-first"),
        (of_file(setting("columns", "close=px"), "vix_"), 'vix_columns="close=px"', "--vix-columns close=px"),
        (
            of_file(setting("columns", "close=px"), "other_"),
            'other_options=ReadOptions(columns="close=px")',
            "--other-columns close=px",
        ),
    ],
)
def test_a_setting_is_an_argument_or_an_option(mark: str, argument: str, option: str) -> None:
    assert worded(f"Give {mark}.") == f"Give {argument}."
    with speaking_of_options():
        assert worded(f"Give {mark}.") == f"Give {option}."


def test_an_error_names_the_argument_in_python_and_the_option_of_a_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(REPEATED)
    with pytest.raises(DataError) as caught:
        load_bars(path)
    assert 'repair="drop-duplicates"' in str(caught.value)
    assert not MARK.search(str(caught.value) + repr(caught.value))
    assert not MARK.search(quality_report(path).to_json() + quality_report(path).render())
    with pytest.raises(SystemExit):
        main(["check", str(path)])
    shown = capsys.readouterr().out
    assert "--repair drop-duplicates" in shown
    assert not MARK.search(shown)
    with pytest.raises(DataError, match='repair="drop-duplicates"'):
        load_bars(path)


def test_a_stored_report_is_worded_for_the_one_who_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAILPROOF_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "bars.csv"
    path.write_text(BARS.replace("Z,", ","))
    written, stored = (quality_report(path, store="always").notes for _ in range(2))
    assert written == stored
    assert any("UTC (timezone)" in note for note in stored)
    with speaking_of_options():
        assert any("UTC (--tz)" in note for note in quality_report(path, store="always").notes)


def test_a_merged_file_names_its_own_settings(tmp_path: Path) -> None:
    (tmp_path / "bars.csv").write_text(BARS)
    (tmp_path / "vix.csv").write_text("time,level\n2024-01-01,13\n2024-01-02,14\n")
    with pytest.raises(DataError, match=r'other_options=ReadOptions\(columns="close=level"\)'):
        merge_files(tmp_path / "bars.csv", tmp_path / "vix.csv", out=tmp_path / "out.csv")
