import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tailproof.cli import main
from tailproof.cli.main import exit_codes
from tailproof.core.event_records import event_record
from tailproof.core.events import LogLine, RunResumed, RunStarted, StepsDone, TrainingRecord, WindowStarted
from tailproof.core.fit import IntervalRecord
from tailproof.report.screen import folded, screen

RUN = RunStarted(name="run", model_steps=4_000, config={"settings": {"batch-size": 16}})
FOLD = WindowStarted(
    fold=1,
    folds=2,
    epochs=2,
    steps=250,
    members=3,
    networks=6,
    batch_size=16,
    constant_train_loss=0.25,
    constant_validation_loss=None,
)
RECORD = IntervalRecord(
    epoch=2,
    step=300,
    learning_rate=0.001,
    loss_M=np.array([0.1, 0.2, np.nan]),
    grad_norm_mean_M=np.ones(3),
    grad_norm_max_M=np.ones(3),
    skipped_M=np.zeros(3, dtype=int),
)
INTERVAL = TrainingRecord(fold=1, record=RECORD)


def shown(*, terminal: bool = False, quiet: bool = False, log_json: bool = False, width: int = 160) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=width, legacy_windows=False)
    with screen(quiet=quiet, log_json=log_json, console=console) as reporter:
        reporter.emit(LogLine(text="[red]a line[/red]"))
        reporter.emit(RUN)
        reporter.emit(FOLD)
        reporter.emit(StepsDone(fold=1, model_steps=1_000))
        reporter.emit(INTERVAL)
        reporter.emit(StepsDone(fold=1, model_steps=2_000))
        reporter.emit(LogLine(text="another"))
    return out.getvalue()


def test_without_a_terminal_lines_stand_alone() -> None:
    assert shown() == "[red]a line[/red]\nanother\n"


@pytest.mark.parametrize("width", [80, 120, 160])
def test_a_terminal_sees_the_loss_beside_the_constant_the_rate_and_the_same_lines(width: int) -> None:
    printed = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown(terminal=True, width=width))
    assert "[red]a line[/red]" in printed
    last = printed.replace("\r", "\n").splitlines()
    bar = next(line for line in reversed(last) if "epoch 2/2" in line)
    assert f"epoch 2/2 {'loss ' if width > 110 else ''}0.150000 (constant 0.250000)" in bar
    assert "50 %" in bar
    assert ("━" in bar) == (width > 130)
    assert (" model-steps/s, " if width > 110 else " steps/s") in bar
    assert ("rows/s" in bar) == (width > 110)
    assert len(bar.rstrip()) <= width


def test_in_a_narrow_terminal_the_bar_is_one_line_and_words_stay_whole() -> None:
    printed = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown(terminal=True, width=40)).replace("\r", "\n")
    assert "fold 1/2 0.150000" in printed
    assert all(len(line) <= 40 for line in printed.splitlines())
    parts = folded("Fold 1/5  test 15,114 rows  loss 0.024668 (constant 0.024703)", width=40).splitlines()
    assert parts == ["Fold 1/5  test 15,114 rows  loss", "    0.024668 (constant 0.024703)"]


def test_a_fold_that_stopped_early_is_whole_when_the_next_begins() -> None:
    out = io.StringIO()
    with screen(console=Console(file=out, force_terminal=True, width=160, legacy_windows=False)) as reporter:
        reporter.emit(replace(RUN, model_steps=6_000))
        reporter.emit(FOLD)
        reporter.emit(StepsDone(fold=1, model_steps=10))
        reporter.emit(replace(FOLD, fold=0))
        reporter.emit(replace(INTERVAL, fold=0))
    assert "shipped, epoch 2/2" in out.getvalue()
    assert " 50 %" in out.getvalue()


@pytest.mark.parametrize("resumed", [False, True])
def test_what_another_process_trained_is_no_speed_of_this_one(resumed: bool) -> None:
    out = io.StringIO()
    with screen(console=Console(file=out, force_terminal=True, width=160, legacy_windows=False)) as reporter:
        reporter.emit(replace(RUN, model_steps=6_000))
        reporter.emit(FOLD)
        reporter.emit(replace(FOLD, fold=2))
        if resumed:
            reporter.emit(RunResumed())
        reporter.emit(StepsDone(fold=1, model_steps=1_000))
        reporter.emit(INTERVAL)
    printed = out.getvalue()
    assert " 67 %" in printed
    assert ("model-steps/s" in printed) != resumed


@pytest.mark.parametrize("terminal", [False, True])
def test_details_are_left_to_the_log(terminal: bool) -> None:
    out = io.StringIO()
    with screen(console=Console(file=out, force_terminal=terminal, width=80, legacy_windows=False)) as reporter:
        reporter.emit(LogLine(text="a layer", role="detail"))
        reporter.emit(LogLine(text="Epoch", role="heading"))
        reporter.emit(LogLine(text="No evidence of skill.", role="verdict"))
    words = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", out.getvalue()).replace("\r", "\n").splitlines()
    assert [line for line in words if line.strip()] == ["Epoch", "No evidence of skill."], "in words, without colour"


def test_programs_are_given_the_details_too() -> None:
    out = io.StringIO()
    with screen(log_json=True, console=Console(file=out)) as reporter:
        reporter.emit(LogLine(text="a layer", role="detail"))
    assert json.loads(out.getvalue()) == {"kind": "line", "text": "a layer"}


def test_quiet_is_quiet() -> None:
    assert shown(quiet=True) == ""


def test_json_lines_can_be_read_back_and_tell_nothing_of_the_moment() -> None:
    printed = [json.loads(line) for line in shown(log_json=True).splitlines()]
    assert printed[0] == {"kind": "line", "text": "[red]a line[/red]"}
    assert [each["kind"] for each in printed] == ["line", "run", "fold", "interval", "line"]
    assert printed[3] == event_record(INTERVAL)
    assert printed[3]["loss"] == [0.1, 0.2, None]


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


def test_a_run_is_a_screen_of_lines_and_verbose_all_of_them(bars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--engine", "lanes", "--members", "1", "--placebos", "1", "--folds", "3", "--epochs", "1")
    shown: list[list[str]] = []
    logs: list[list[str]] = []
    for number, verbosity in enumerate(((), ("--verbose",))):
        capsys.readouterr()
        main(["train", str(bars), "--out", str(bars.parent / f"run{number}"), *options, *verbosity])
        shown.append(capsys.readouterr().out.splitlines())
        log = (bars.parent / f"run{number}" / "training_log.txt").read_text()
        logs.append([line[len("2026-01-31 12:00:00 ") :] for line in log.splitlines()])
    assert 15 < len(shown[0]) <= 27
    assert set(shown[0]) < set(logs[0])
    assert shown[1] == logs[1]
    assert len(shown[1]) > len(shown[0]) + 10
    table = [line.split()[0] for line in logs[0] if line.startswith(("constant ", "Start ", "1/1 "))]
    assert table == ["constant", "Start", "1/1"]
    assert any(", 1 epoch," in line for line in shown[0])
    assert any("1 member and 1 placebo of as many" in line for line in shown[0])


def test_an_interrupt_ends_a_command_with_its_code_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught, exit_codes():
        raise KeyboardInterrupt
    assert caught.value.code == 130
    assert capsys.readouterr().err == "tailproof: interrupted\n"


def test_the_json_command_prints_every_record_of_the_metrics(bars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    main(["train", str(bars), "--out", str(bars.parent / "run"), "--log-json", *OPTIONS])
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    metrics = [json.loads(line) for line in (bars.parent / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [each for each in printed if each["kind"] != "line"] == metrics
    log = (bars.parent / "run" / "training_log.txt").read_text()
    assert all(part in log for each in printed if each["kind"] == "line" for part in each["text"].splitlines())
