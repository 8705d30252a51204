import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tailproof.cli import main
from tailproof.report.screen import screen

EPOCH = {"fold": 2, "first_member": 0, "epoch": 3, "train_loss": [0.1, 0.2], "steps": 500, "seconds": 2.0}


def shown(*, terminal: bool = False, quiet: bool = False, log_json: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=160)
    with screen(quiet=quiet, log_json=log_json, epochs=3, windows=2, batch_size=16, console=console) as made:
        made.say("[red]a line[/red]")
        made.show("epoch", EPOCH)
    return out.getvalue()


def test_without_a_terminal_lines_stand_alone() -> None:
    assert shown() == "[red]a line[/red]\n"


def test_a_terminal_sees_the_rate_and_the_same_lines() -> None:
    told = shown(terminal=True)
    assert "[red]a line[/red]" in told
    assert "fold 2, epoch 3" in told
    assert "500 model-steps/s, 8,000 rows/s" in told


def test_quiet_is_quiet() -> None:
    assert shown(quiet=True) == ""


def test_json_lines_can_be_read_back() -> None:
    first, second = (json.loads(line) for line in shown(log_json=True).splitlines())
    assert first == {"kind": "line", "text": "[red]a line[/red]"}
    assert second == {"kind": "epoch", **EPOCH}


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    main(["simulate", "--rows", "3000", "--out", str(tmp_path / "bars.csv")])
    return tmp_path / "bars.csv"


OPTIONS = ("--engine", "lanes", "--members", "1", "--placebos", "0", "--folds", "2", "--epochs", "1")


def test_the_quiet_command_prints_the_verdict_alone(bars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    main(["train", str(bars), "--out", str(bars.parent / "run"), "--quiet", *OPTIONS])
    sentence = json.loads((bars.parent / "run" / "verdict.json").read_text())["sentence"]
    assert capsys.readouterr().out == f"{sentence}\n"


def test_the_json_command_prints_every_record_of_the_metrics(bars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    main(["train", str(bars), "--out", str(bars.parent / "run"), "--log-json", *OPTIONS])
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    metrics = [json.loads(line) for line in (bars.parent / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [each for each in told if each["kind"] != "line"] == metrics
    log = (bars.parent / "run" / "training_log.txt").read_text()
    assert all(part in log for each in told if each["kind"] == "line" for part in each["text"].splitlines())
