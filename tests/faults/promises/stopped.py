"""Killed, terminated and interrupted commands: old or new, never between, and a run goes on to the same end."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.faults.promises.commands import Command, Ended, How, ended
from tests.faults.promises.ground import OPTIONS, SMALL, Ground, Promise, Trial

from tailproof.core.errors import TailproofError
from tailproof.storage import verify

SAME = ("predictions.parquet", "population_best.safetensors", "population_final.safetensors", "drift.json")
"""verdict.json says how long the audit took; ``tests/resuming`` compares the rest of it."""
SECONDS_TO_END = 10.0
ENDS = {signal.SIGTERM: (143, "tailproof: terminated"), signal.SIGINT: (130, "tailproof: interrupted")}
"""Exit code and last line of a command that a signal ended."""
TOGETHER = 20
"""Trainings that begin at once in one project."""


@dataclass(frozen=True, kw_only=True)
class Stop:
    """How a command is stopped: by a signal after some seconds, or by killing itself before a change to a file."""

    number: signal.Signals
    seconds: float
    change: int | None

    def __str__(self) -> str:
        where = f"after {self.seconds:.2f} s" if self.change is None else f"before change {self.change}"
        return f"{self.number.name} {where}"

    def stopped(self, *arguments: str | Path, often: bool = False) -> Ended:
        """A command that is stopped like this."""
        command = Command(*arguments, how=How(often=often, killed_at=self.change))
        if self.change is None:
            time.sleep(self.seconds)
            command.send(self.number)
        return command.wait()

    def fault(self, end: Ended, *, otherwise: tuple[int, ...] = (0,)) -> str | None:
        """What is wrong with the end of a command that was stopped like this; ``otherwise`` are its own codes."""
        if "Traceback" in end.output:
            return end.tail
        if end.code in otherwise or end.code == -signal.SIGKILL == -self.number:
            return None
        if end.seconds > SECONDS_TO_END:
            return f"ended only after {end.seconds:.1f} s"
        code, line = ENDS.get(self.number, (0, ""))
        return None if end.code == code and line in end.output else end.tail


def _stop(ground: Ground, number: int, whole: Ended) -> Stop:
    """The ``number``-th stop of a command that took this long as a whole: each signal in turn, half the kills aimed."""
    kind = (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGINT)[number % 4]
    aimed = number % 4 == 0
    return Stop(
        number=kind,
        seconds=ground.chance.uniform(0.0, 1.0) * whole.seconds,
        change=ground.chance.randrange(whole.changes) if aimed else None,
    )


def run_trials(ground: Ground) -> Iterator[Trial]:
    """A training is stopped at a random moment, also while it reads, audits and reports, and resumed."""
    whole = ground.folder / "timed" / "run"
    end = ended("train", ground.bars, "--out", whole, *OPTIONS, how=How(often=True))
    assert end.code == 0, end.tail
    number = 0
    while True:
        number += 1
        yield partial(_stopped_run, ground, ground.folder / "stopped" / str(number), whole, _stop(ground, number, end))


def _stopped_run(ground: Ground, project: Path, whole: Path, stop: Stop) -> str | None:
    project.mkdir(parents=True)
    run, ledger = project / "run", project / "trials.jsonl"
    end = stop.stopped("train", ground.bars, "--out", run, *OPTIONS, often=True)
    if (fault := stop.fault(end)) is not None:
        return f"{stop}: {fault}"
    begun = (run / "training_config.json").is_file() and not (run / "manifest.json").is_file()
    if begun and stop.number != signal.SIGKILL and not _results(ledger):
        return f"{stop}: no line in the ledger of a run that had begun: {end.output[-200:]}"
    end = ended("train", ground.bars, "--out", run, *OPTIONS, "--resume")
    if end.code:
        return f"{stop}: {end.tail}"
    if any((run / name).read_bytes() != (whole / name).read_bytes() for name in SAME):
        return f"{stop}: the resumed run differs from the whole one"
    finished = [result for result in _results(ledger) if "stopped" not in result]
    rubbish = _rubbish(project)
    shutil.rmtree(project)
    if rubbish:
        return f"{stop}: {rubbish} is left"
    return None if len(finished) == 1 else f"{stop}: {len(finished)} lines of the finished run in the ledger"


def _results(ledger: Path) -> list[dict[str, object]]:
    return [json.loads(line)["result"] for line in ledger.read_text().splitlines()] if ledger.is_file() else []


def _rubbish(folder: Path) -> list[str]:
    return [file.name for file in folder.rglob("*.part")]


@dataclass(frozen=True, kw_only=True)
class Writer:
    """A command that writes, by its arguments with ``{}`` for the folder of a trial."""

    arguments: tuple[str, ...]
    again: tuple[str, ...] = ("--overwrite",)
    """Added to the command that follows."""
    out: str | None = "out"
    """The file or folder that it writes; None where it writes into the run."""


def _writers(ground: Ground) -> Mapping[str, Writer]:
    bars = str(ground.bars)
    ridge = ("--model", f"{ground.model}:ridge", *SMALL, *("--folds", "2", "--placebos", "1", "--no-baselines"))
    return {
        "report": Writer(arguments=("report", "{}/run"), out=None, again=()),
        "predict": Writer(arguments=("predict", "{}/run", bars, "--out", "{}/out.csv"), out="out.csv"),
        "export": Writer(arguments=("export", "{}/run", "--onnx", "{}/out.onnx"), out="out.onnx"),
        "resample": Writer(arguments=("resample", bars, "--to", "5min", "--out", "{}/out.csv"), out="out.csv"),
        "merge": Writer(arguments=("merge", bars, bars, "--series", "--out", "{}/out.csv"), out="out.csv"),
        "select": Writer(
            arguments=("select", bars, "--out", "{}/out", "--no-population", "--study-folds", "2", *SMALL)
        ),
        "judge": Writer(arguments=("judge", bars, "--out", "{}/out", *ridge), again=("--resume",)),
        "train --overwrite": Writer(arguments=("train", bars, "--out", "{}/run", *OPTIONS, "--overwrite"), again=()),
    }


def write_trials(ground: Ground) -> Iterator[Trial]:
    """A command that writes is stopped; its file is old or new, and nothing else is broken."""
    writers = _writers(ground)
    whole, content = {}, {}
    for name, writer in writers.items():
        folder = ground.folder / "written" / name
        shutil.copytree(ground.run, folder / "run")
        whole[name] = ended(*_in(folder, writer.arguments))
        assert whole[name].code == 0, whole[name].tail
        if writer.out is not None and (folder / writer.out).is_file():
            content[name] = (folder / writer.out).read_bytes()
    number = 0
    while True:
        number += 1
        name = list(writers)[number % len(writers)]
        stop = _stop(ground, number // len(writers), whole[name])
        folder = ground.folder / "writing" / str(number)
        yield partial(_stopped_writer, ground, folder, name, writers[name], stop, content.get(name))


def _in(folder: Path, arguments: tuple[str, ...]) -> list[str]:
    return [argument.replace("{}", str(folder)) for argument in arguments]


def _stopped_writer(
    ground: Ground, folder: Path, name: str, writer: Writer, stop: Stop, content: bytes | None
) -> str | None:
    shutil.copytree(ground.run, folder / "run")
    replaced = content is not None and ground.chance.random() < 0.5
    out = folder / (writer.out or "none")
    if replaced:
        out.write_text("old")
    arguments = _in(folder, writer.arguments)
    what = f"{name}, {stop}"
    end = stop.stopped(*arguments, *(["--overwrite"] if replaced else []))
    if (fault := stop.fault(end)) is not None:
        return f"{what}: {fault}"
    try:
        verify(folder / "run")
    except TailproofError as error:
        return f"{what}: {error}"
    if content is not None and out.exists() and out.read_bytes() not in (content, b"old" if replaced else content):
        return f"{what}: the file is neither old nor new"
    if replaced and not out.exists():
        return f"{what}: the old file is gone"
    if stop.number != signal.SIGKILL and _rubbish(folder):
        return f"{what}: {_rubbish(folder)} is left"
    end = ended(*arguments, *writer.again)
    rubbish = _rubbish(folder)
    shutil.rmtree(folder)
    if end.code:
        return f"{what}: the next command: {end.tail}"
    return f"{what}: {rubbish} is left" if rubbish else None


def together_trials(ground: Ground) -> Iterator[Trial]:
    """Three trainings begin in one folder at once: one run is there in the end, whole, and nobody deletes it."""
    number = 0
    while True:
        number += 1
        yield partial(_together, ground, ground.folder / "together" / str(number))


def _together(ground: Ground, project: Path) -> str | None:
    project.mkdir(parents=True)
    started = [Command("train", ground.bars, "--out", project / "run", *OPTIONS) for _ in range(3)]
    ends = [command.wait() for command in started]
    codes = sorted(end.code for end in ends)
    if codes != [0, 2, 2] or any("Traceback" in end.output for end in ends):
        return f"exit codes {codes}: {[end.output[-200:] for end in ends]}"
    verify(project / "run")
    lines = (project / "trials.jsonl").read_text().splitlines()
    shutil.rmtree(project)
    return None if len(lines) == 1 else f"{len(lines)} lines in the ledger"


def project_trials(ground: Ground) -> Iterator[Trial]:
    """Twenty trainings begin in one project at once; each trial looks at one of them."""
    while True:
        project = ground.folder / "project"
        shutil.rmtree(project, ignore_errors=True)
        project.mkdir()
        seeds = range(TOGETHER)
        started = [
            Command("train", ground.bars, "--out", project / f"run-{seed}", *OPTIONS, "--seed", str(seed))
            for seed in seeds
        ]
        ends = [command.wait() for command in started]
        for seed in seeds:
            yield partial(_in_project, project, f"run-{seed}", ends[seed])


def _in_project(project: Path, name: str, end: Ended) -> str | None:
    if end.code or "Traceback" in end.output:
        return f"{name}: {end.tail}"
    verify(project / name)
    lines = [json.loads(line)["run"] for line in (project / "trials.jsonl").read_text().splitlines()]
    return None if lines.count(name) == 1 and len(lines) == TOGETHER else f"{name}: the ledger holds {lines}"


PROMISES = (
    Promise(
        text="training stopped by KILL, TERM or INT ends within 10 s and resumes to the same bits, one ledger line",
        count=60,
        trials=run_trials,
    ),
    Promise(
        text="report, predict, export, resample, merge, select, judge, train --overwrite stopped by KILL, TERM or INT: "
        "old or new, the run whole, no rubbish",
        count=300,
        trials=write_trials,
    ),
    Promise(text="three trainings begun in one folder at once: one finished run", count=50, trials=together_trials),
    Promise(
        text="twenty trainings begun in one project at once: all finished, all listed",
        count=TOGETHER,
        trials=project_trials,
    ),
)
