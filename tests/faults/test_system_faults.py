"""A fault of the machine ends a command with one sentence and exit code 3, and leaves nothing half written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tailproof.cli import main

OPTIONS = ("--engine", "lanes", "--members", "1", "--placebos", "0", "--folds", "2", "--epochs", "1", "--no-baselines")


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    main(["simulate", "--rows", "3000", "--out", str(tmp_path / "bars.csv")])
    return tmp_path / "bars.csv"


def refused(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code, capsys.readouterr().err


def looping(folder: Path) -> Path:
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    return folder / "a"


@pytest.mark.parametrize("place", ["a file", "a loop", "too long a name"])
@pytest.mark.parametrize("command", ["train", "simulate", "resample", "predict", "watch", "runs", "report", "select"])
def test_a_path_that_cannot_be(command: str, place: str, bars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = bars.parent
    bad = {"a file": bars, "a loop": looping(folder), "too long a name": folder / ("n" * 300)}[place]
    arguments = {
        "train": ["train", str(bars), "--out", str(bad / "run"), *OPTIONS],
        "simulate": ["simulate", "--rows", "500", "--out", str(bad / "b.csv")],
        "resample": ["resample", str(bars), "--to", "5min", "--out", str(bad / "b.csv")],
        "predict": ["predict", str(bad / "run"), str(bars), "--out", str(folder / "p.csv")],
        "watch": ["watch", str(bad / "run")],
        "runs": ["runs", str(bad / "runs")],
        "report": ["report", str(bad / "run")],
        "select": ["select", str(bars), "--out", str(bad / "study"), "--no-population"],
    }[command]
    before = sorted(path.name for path in folder.iterdir())
    code, error = refused(*arguments, capsys=capsys)
    assert code in (2, 3)
    assert error.startswith("tailproof: ")
    assert "Traceback" not in error
    assert len(error.strip().splitlines()) == 1
    assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE])
def test_room_is_asked_for_before_anything_is_read(
    number: int, bars: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(handle: int, start: int, size: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    code, error = refused("train", str(bars), "--out", str(bars.parent / "run"), *OPTIONS, capsys=capsys)
    assert code == 3
    assert error.startswith(f"tailproof: {bars.parent}: {os.strerror(number)}. ")
    assert not (bars.parent / "run").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_screen_is_no_reason_to_stop(bars: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w") as screen, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", screen)
        main(["train", str(bars), "--out", str(bars.parent / "run"), *OPTIONS])
    assert (bars.parent / "run" / "manifest.json").is_file()


@pytest.mark.parametrize("place", [0, 1, 5, 11])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_write_that_fails_in_training_leaves_no_finished_run_and_no_rubbish(
    call: str, place: int, bars: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = 0
    original = getattr(os, call)

    def failing(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls > place:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return original(*arguments)

    out = bars.parent / "run"
    monkeypatch.setattr(os, call, failing)
    code, error = refused("train", str(bars), "--out", str(out), *OPTIONS, capsys=capsys)
    assert code == 3
    assert "Make room" in error
    assert not list(out.glob(".*.part"))
    monkeypatch.undo()
    main(["train", str(bars), "--out", str(out), *OPTIONS, "--overwrite"])
    assert (out / "manifest.json").is_file()
