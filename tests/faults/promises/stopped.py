"""Killed, terminated and interrupted commands: old or new, never between, and a run goes on to the same end."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.faults.promises.ground import OPTIONS, Ground, Promise, Trial, command

from tailproof.core.errors import TailproofError
from tailproof.storage import verify

SAME = ("predictions.parquet", "population_best.safetensors", "population_final.safetensors", "drift.json")
"""verdict.json says how long the audit took; ``tests/resuming`` compares the rest of it."""
SECONDS_TO_END = 10.0


def run_trials(ground: Ground) -> Iterator[Trial]:
    """A training is stopped by a signal at a random moment and resumed."""
    began = time.monotonic()
    whole = ground.folder / "timed" / "run"
    _, error = _finished(["train", ground.bars, "--out", whole, *OPTIONS])
    assert error is None, error
    seconds = time.monotonic() - began
    number = 0
    while True:
        number += 1
        number_of_signal = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[number % 3]
        moment = ground.chance.uniform(0.3, 1.0) * seconds
        yield partial(_stopped_run, ground, ground.folder / "stopped" / str(number), whole, number_of_signal, moment)


def _stopped_run(ground: Ground, project: Path, whole: Path, number: int, moment: float) -> str | None:
    project.mkdir(parents=True)
    run = project / "run"
    training = command("train", ground.bars, "--out", run, *OPTIONS)
    time.sleep(moment)
    training.send_signal(number)
    sent = time.monotonic()
    output, _ = training.communicate()
    what = f"{signal.Signals(number).name} after {moment:.2f} s"
    if time.monotonic() - sent > SECONDS_TO_END:
        return f"{what}: ended only after {time.monotonic() - sent:.1f} s"
    if "Traceback" in output and number != signal.SIGINT:
        return f"{what}: {output[-300:]}"
    output, error = _finished(["train", ground.bars, "--out", run, *OPTIONS, "--resume"])
    if error is not None:
        return f"{what}: {error}"
    if any((run / name).read_bytes() != (whole / name).read_bytes() for name in SAME):
        return f"{what}: the resumed run differs from the whole one"
    lines = [json.loads(line)["result"] for line in (project / "trials.jsonl").read_text().splitlines()]
    finished = [result for result in lines if "stopped" not in result]
    shutil.rmtree(project)
    return None if len(finished) == 1 else f"{what}: {len(finished)} lines of the finished run in the ledger"


def _finished(arguments: list[str | Path]) -> tuple[str, str | None]:
    process = command(*arguments)
    output, _ = process.communicate()
    return output, None if process.returncode == 0 else f"exit code {process.returncode}: {output[-300:]}"


def write_trials(ground: Ground) -> Iterator[Trial]:
    """A command that writes is killed at a random moment; its file is old or new, and nothing else is broken."""
    number = 0
    while True:
        number += 1
        folder = ground.folder / "writing" / str(number)
        commands: dict[str, list[str | Path]] = {
            "report": ["report", folder / "run"],
            "predict": ["predict", folder / "run", ground.bars, "--out", folder / "out.csv", "--overwrite"],
            "resample": ["resample", ground.bars, "--to", "5min", "--out", folder / "out.csv", "--overwrite"],
            "merge": ["merge", ground.bars, ground.bars, "--series", "--out", folder / "out.csv", "--overwrite"],
            "train --overwrite": ["train", ground.bars, "--out", folder / "run", *OPTIONS, "--overwrite"],
        }
        name = list(commands)[number % len(commands)]
        yield partial(_killed_writer, ground, folder, name, commands[name], ground.chance.uniform(0.1, 2.5))


def _killed_writer(ground: Ground, folder: Path, name: str, arguments: list[str | Path], moment: float) -> str | None:
    folder.mkdir(parents=True)
    shutil.copytree(ground.run, folder / "run")
    (folder / "out.csv").write_text("old")
    process = command(*arguments)
    time.sleep(moment)
    process.kill()
    process.communicate()
    what = f"{name} killed after {moment:.2f} s"
    try:
        verify(folder / "run")
    except TailproofError as error:
        return f"{what}: {error}"
    text = (folder / "out.csv").read_text()
    if text != "old" and not text.endswith("\n"):
        return f"{what}: the file is neither old nor new"
    _, error = _finished(arguments)
    rubbish = [file.name for file in folder.rglob("*.part")]
    shutil.rmtree(folder)
    if error is not None:
        return f"{what}: the next command: {error}"
    return f"{what}: {rubbish} is left" if rubbish else None


def together_trials(ground: Ground) -> Iterator[Trial]:
    """Three trainings begin in one folder at once: one run is there in the end, whole, and nobody deletes it."""
    number = 0
    while True:
        number += 1
        yield partial(_together, ground, ground.folder / "together" / str(number))


def _together(ground: Ground, project: Path) -> str | None:
    project.mkdir(parents=True)
    started = [command("train", ground.bars, "--out", project / "run", *OPTIONS) for _ in range(3)]
    output = [process.communicate()[0] for process in started]
    codes = sorted(process.returncode for process in started)
    if codes != [0, 2, 2] or any("Traceback" in text for text in output):
        return f"exit codes {codes}: {[text[-200:] for text in output]}"
    verify(project / "run")
    lines = (project / "trials.jsonl").read_text().splitlines()
    shutil.rmtree(project)
    return None if len(lines) == 1 else f"{len(lines)} lines in the ledger"


PROMISES = (
    Promise(
        text="training stopped by KILL, TERM or INT ends within 10 s and resumes to the same bits, one ledger line",
        count=60,
        trials=run_trials,
    ),
    Promise(
        text="report, predict, resample, merge, train --overwrite killed: old or new, the run whole, no rubbish",
        count=100,
        trials=write_trials,
    ),
    Promise(text="three trainings begun in one folder at once: one finished run", count=20, trials=together_trials),
)
