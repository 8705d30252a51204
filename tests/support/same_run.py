"""Whether two run folders hold the same run, byte for byte, but for what tells of times and durations."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from tailproof.report import report_files

SECONDS = re.compile(r" *(\d+ h )?(\d+ min )?\d[\d.,]* s\b")
"""A duration in words, with the blanks that fill its column."""
RATE = re.compile(r"\d[\d.,]* (model-steps|rows|steps)/s")
STAMP = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ?")
SPOKEN_OF_A_STOP = ("Resumed from ", "Stopped", "Warning: ", "Nothing was kept", "Run folder: ")
SPOKEN_OF_WORKERS = ("Workers: ",)
OUT_OF_SILENCE = re.compile(r"^  ((fold \d+/\d+  )?epoch \d+/\d+  step |[\d,]+ of [\d,]+ fits done, about )")
"""An interval or a count of fits, logged because nothing else was for a while: a slow machine is silent for longer."""
REPORTS = ("report.html", "report.md")
"""They show durations and the sizes of files: they are made again from files in which all durations are one second."""


def assert_same_run(resumed: Path, whole: Path) -> None:
    names = [sorted(file.name for file in folder.iterdir()) for folder in (resumed, whole)]
    assert names[0] == names[1]
    first, second = (_timeless_files(folder) for folder in (resumed, whole))
    assert first.keys() == second.keys() == set(names[0])
    for name, content in sorted(first.items(), key=lambda file: file[0] in REPORTS):
        assert content == second[name], _first_difference(name, content, second[name])


def _timeless_files(folder: Path) -> dict[str, bytes]:
    """Content of every file as it would be had all taken a second."""
    with tempfile.TemporaryDirectory() as name:
        copied = Path(shutil.copytree(folder, Path(name) / folder.name))
        for file in copied.iterdir():
            if file.name not in REPORTS:
                file.write_bytes(timeless_content(file))
        reports = report_files(copied)
        assert set(reports) == set(REPORTS)
        return {file.name: file.read_bytes() for file in copied.iterdir()} | reports


def timeless_content(file: Path) -> bytes:
    if file.name == "manifest.json":
        return "\n".join(sorted(json.loads(file.read_text())["files"])).encode()
    if file.name == "trial.json":
        trial = json.loads(file.read_text())
        del trial["time"], trial["sha256"]
        trial["result"].pop("resumed", None)
        return json.dumps(trial).encode()
    if file.name == "training_log.txt":
        lines = [STAMP.sub("", line) for line in file.read_text().splitlines()]
        return "\n".join(
            _no_durations(line)
            for line in lines
            if not line.startswith(SPOKEN_OF_A_STOP + SPOKEN_OF_WORKERS) and not OUT_OF_SILENCE.match(line)
        ).encode()
    if file.suffix in (".json", ".jsonl"):
        values = [json.loads(text) for text in _texts(file)]
        return "\n".join(json.dumps(_timeless(value)) for value in values).encode()
    return file.read_bytes()


def _texts(file: Path) -> list[str]:
    text = file.read_text()
    return text.splitlines() if file.suffix == ".jsonl" else [text]


def _timeless(value: Any) -> Any:
    """A JSON value in which all took a second, in one and the same process."""
    if isinstance(value, dict):
        return {name: 1.0 if name == "seconds" else _timeless(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_timeless(each) for each in value]
    return _no_durations(value) if isinstance(value, str) else value


def _no_durations(line: str) -> str:
    return SECONDS.sub(" - s", RATE.sub("- /s", line))


def _first_difference(name: str, one: bytes, other: bytes) -> str:
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    return f"{name}: {next((pair for pair in pairs if pair[0] != pair[1]), 'one is longer')}"
