"""Each broken input: one clear message, exit code 2, no traceback, no run folder left behind."""

import re
from pathlib import Path

import polars as pl
import pytest
from tests.support.bars import random_bar_frame

from tailproof.cli import main


def run(arguments: list[str]) -> int:
    try:
        main(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def lines_of(frame: pl.DataFrame) -> list[str]:
    return frame.write_csv(datetime_format="%Y-%m-%dT%H:%M:%SZ").splitlines()


LINES = lines_of(random_bar_frame(200))
SWAPPED = [*LINES[:10], LINES[11], LINES[10], *LINES[12:]]
CELLS = LINES[20].split(",")

BROKEN = {
    "missing close": ([",".join(line.split(",")[:4]) for line in LINES], "no column for 'close'"),
    "text in a price": (
        [*LINES[:20], LINES[20].replace(CELLS[4], "abc"), *LINES[21:]],
        "text in 'close'.*line 21.*abc",
    ),
    "empty price": ([*LINES[:20], LINES[20].replace(CELLS[4], ""), *LINES[21:]], "missing 'close'.*line 21"),
    "NaN price": ([*LINES[:20], LINES[20].replace(CELLS[4], "nan"), *LINES[21:]], "'close' is not finite.*line 21"),
    "negative price": ([*LINES[:20], LINES[20].replace(CELLS[3], "-1"), *LINES[21:]], "'low' out of range.*line 21"),
    "unsorted": (SWAPPED, "time before the row above.*line 12"),
    "duplicated times": ([*LINES[:20], *LINES[19:]], "repeated.*line 21"),
    "high below low": ([*LINES[:20], LINES[20].replace(CELLS[2], "1"), *LINES[21:]], "high below low.*line 21"),
    "empty file": ([], "empty"),
    "header only": (LINES[:1], "no rows"),
    "one row": (LINES[:2], "1 bar"),
    "unreadable time": ([LINES[0], "noon" + LINES[1][20:], *LINES[2:]], "unreadable time"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_broken_csv(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines, expected = BROKEN[name]
    path = tmp_path / "bars.csv"
    path.write_text("".join(f"{line}\n" for line in lines))
    expect_refusal(["train", str(path), "--out", str(tmp_path / "run")], expected, tmp_path, capsys)


def test_a_binary_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bars.csv"
    path.write_bytes(bytes(range(256)) * 10)
    expect_refusal(["train", str(path), "--out", str(tmp_path / "run")], "NUL", tmp_path, capsys)


def test_a_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bars").mkdir()
    arguments = ["train", str(tmp_path / "bars"), "--out", str(tmp_path / "run")]
    expect_refusal(arguments, "directory", tmp_path, capsys)


def test_too_few_rows_for_a_split(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("\n".join(LINES[:40]) + "\n")
    arguments = ["train", str(path), "--out", str(tmp_path / "run"), "--split", "holdout"]
    expect_refusal(arguments, "at least 10 rows", tmp_path, capsys)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--epoch", "3"], "Did you mean --epochs"),
        (["--epochs", "0"], "epochs=0"),
        (["--features", "vwap_gapp"], "Did you mean 'vwap_gap'"),
        (["--hidden-dims", "16", "0"], "hidden-dims"),
        (["--device", "quantum"], "device must be .*got quantum"),
    ],
)
def test_bad_options(
    options: list[str],
    expected: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("\n".join(LINES) + "\n")
    arguments = ["train", str(path), "--out", str(tmp_path / "run"), *options]
    expect_refusal(arguments, expected, tmp_path, capsys)


def expect_refusal(
    arguments: list[str],
    expected: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    shown = " ".join((captured.out + captured.err).split())
    assert re.search(expected, shown), shown
    assert "Traceback" not in shown
    assert not (folder / "run").exists()
