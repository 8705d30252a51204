"""What the screen cannot show is no reason to stop, and what a name holds cannot steer it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tailproof.cli import main
from tailproof.cli.system_errors import system_message
from tailproof.core.printable import printable

OPTIONS = ("--engine", "lanes", "--members", "1", "--placebos", "0", "--folds", "2", "--epochs", "1", "--no-baselines")


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    main(["simulate", "--rows", "3000", "--out", str(tmp_path / "bars.csv")])
    return tmp_path / "bars.csv"


def train(bars: Path, out: Path, *, shell: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = f"{sys.executable} -m tailproof train {bars} --out {out} {' '.join(OPTIONS)} {shell}"
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, check=False, env=os.environ | environment
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_what_the_encoding_lacks_is_replaced(encoding: str, bars: Path, tmp_path: Path) -> None:
    done = train(bars, tmp_path / "run", shell="--verbose", PYTHONIOENCODING=encoding, PYTHONUTF8="0", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    assert b"LayerNorm(64) -> ReLU" in done.stdout
    assert "LayerNorm(64) → ReLU" in (tmp_path / "run" / "training_log.txt").read_text(encoding="utf-8")


def test_a_reader_that_has_seen_enough_does_not_stop_the_run(bars: Path, tmp_path: Path) -> None:
    done = train(bars, tmp_path / "run", shell="| head -2")
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert len(done.stdout.splitlines()) == 2
    assert (tmp_path / "run" / "manifest.json").is_file()


def test_names_cannot_steer_the_terminal_or_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = tmp_path / "a\u202eb\u2066c.csv"
    main(["simulate", "--rows", "3000", "--out", str(hostile)])
    main(["train", str(hostile), "--out", str(tmp_path / "run"), *OPTIONS])
    log = (tmp_path / "run" / "training_log.txt").read_text(encoding="utf-8")
    for text in (log, capsys.readouterr().out):
        assert "a\\u202eb\\u2066c.csv" in text
        assert all(line.isprintable() for line in text.split("\n"))


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\r", "\x85", "\u202e", "\u2028", "\ud800", "\x9b"])
def test_control_characters_become_escapes(character: str) -> None:
    assert printable(f"a{character}b").isprintable()
    assert printable("é → 漢\n\t") == "é → 漢\n\t"


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_every_fault_of_the_system_is_one_sentence(number: int) -> None:
    message = system_message(OSError(number, os.strerror(number), "runs/es"))
    assert message is not None
    assert message.startswith("runs/es: ")
    assert message.endswith(".")
    assert "\n" not in message


def test_a_fault_that_a_library_puts_into_words_counts_too() -> None:
    message = system_message(RuntimeError("write failed: No space left on device (os error 28)"))
    assert message is not None
    assert "Make room" in message
    assert system_message(RuntimeError("a defect")) is None
