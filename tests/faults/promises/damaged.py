"""Flipped bits, cut files and crafted content: refused in one message or harmless, never silently another answer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.faults.promises.ground import Ground, Promise, Trial

from tailproof.bars.load import load
from tailproof.core.errors import TailproofError
from tailproof.prediction import read_trained
from tailproof.report.reporting import list_runs, report_run
from tailproof.settings.read_options import ReadOptions
from tailproof.storage import ledger, verify
from tailproof.storage.ledger import Trial as LedgerTrial
from tailproof.storage.manifest import DERIVED, MANIFEST, NEEDED, manifest_record


def damage(ground: Ground, path: Path) -> str:
    """Flip a bit, cut the end off, or add a byte; returns what was done."""
    content = bytearray(path.read_bytes())
    kind = ground.chance.choice(("flip", "cut", "grow")) if content else "grow"
    place = ground.chance.randrange(len(content)) if content else 0
    if kind == "flip":
        content[place] ^= 1 << ground.chance.randrange(8)
    elif kind == "cut":
        del content[place:]
    else:
        content.insert(place, ground.chance.randrange(256))
    path.write_bytes(content)
    return f"{kind} at {place} of {path.name}"


def artifact_trials(ground: Ground) -> Iterator[Trial]:
    """One file of a finished run is damaged; what predict, report and runs depend on is refused."""
    run = Path(shutil.copytree(ground.run, ground.folder / "artifacts" / "run"))
    names = sorted(file.name for file in run.iterdir())
    while True:
        yield partial(_damaged_artifact, ground, run, ground.chance.choice(names))


def _damaged_artifact(ground: Ground, run: Path, name: str) -> str | None:
    whole = (run / name).read_bytes()
    what = damage(ground, run / name)
    try:
        verify(run)
    except TailproofError:
        return None
    finally:
        (run / name).write_bytes(whole)
    if name in DERIVED:
        return None
    return None if name == MANIFEST and _same_manifest(whole, run) else f"{what}: not noticed"


def _same_manifest(whole: bytes, run: Path) -> bool:
    """A damage between two tokens of JSON leaves the manifest what it was."""
    return json.loads(whole) == manifest_record(run)


def ledger_trials(ground: Ground) -> Iterator[Trial]:
    """A line of the ledger is damaged; the number of trials never falls."""
    project = ground.folder / "ledger"
    project.mkdir()
    for seed in range(5):
        ledger.append(project, LedgerTrial(config={"seed": seed}, data="bars", result={"rank_ic": 0.01}))
    while True:
        yield partial(_damaged_ledger, ground, project)


def _damaged_ledger(ground: Ground, project: Path) -> str | None:
    path = project / ledger.LEDGER
    whole, before = path.read_bytes(), ledger.read(project).trials
    content = bytearray(whole)
    place = ground.chance.randrange(len(content))
    content[place] ^= 1 << ground.chance.randrange(8)
    path.write_bytes(content)
    found = ledger.read(project)
    path.write_bytes(whole)
    if not set(map(repr, found.trials)) <= set(map(repr, before)):
        return f"bit at {place}: another trial than was written"
    joined = whole[place : place + 1] == b"\n"  # two lines became one
    if len(found.trials) + len(found.unreadable) < len(before) - joined:
        return f"bit at {place}: a trial is no longer counted"
    return None


def hostile_trials(ground: Ground) -> Iterator[Trial]:
    """A folder is crafted, with a manifest that vouches for it; it ends in one message, and nothing is executed."""
    number = 0
    while True:
        number += 1
        yield partial(_hostile, ground, ground.folder / "hostile" / str(number) / "run")


CRAFTED = (
    b"",
    b"\x00" * 64,
    b"[" * 200_000,
    b"{}",
    b"[]",
    b"null",
    b'{"settings": null}',
    b'{"settings": {"members": -1}}',
    b'{"settings": {"hidden-dims": ["x"]}}',
    b'{"names": 3}',
    b'{"names": [], "scaling": {}}',
    b'{"verdict": 1, "sentence": []}',
    b"\x80\x04\x95cos\nsystem\n",
    b"PAR1" + b"\xff" * 40 + b"PAR1",
    b"\xff" * 8 + b"{}",
    b'{"kind": "epoch"}\n' * 3,
    b'{"NaN": NaN}',
)


def _hostile(ground: Ground, run: Path) -> str | None:
    shutil.copytree(ground.run, run)
    executed = run.parent / "executed"
    name = ground.chance.choice([*sorted(NEEDED), "own_features.py", "link", "escape"])
    if name == "link":
        name = ground.chance.choice(sorted(NEEDED))
        (run / name).unlink()
        (run / name).symlink_to("/etc/passwd")
    elif name == "own_features.py":
        (run / name).write_text(f"import pathlib\npathlib.Path({str(executed)!r}).touch()\n")
        config = json.loads((run / "training_config.json").read_text())
        config["settings"]["feature-file"] = str(run / name)
        (run / "training_config.json").write_text(json.dumps(config))
    elif name != "escape":
        (run / name).write_bytes(ground.chance.choice(CRAFTED))
    record = manifest_record(run)
    if name == "escape":
        record["files"]["../../../etc/passwd"] = {"sha256": "0" * 64, "bytes": 1}
    (run / MANIFEST).write_text(json.dumps(record))
    fault = None
    for read in (read_trained, report_run, lambda path: list_runs(path.parent)):
        try:
            read(run)
        except TailproofError as error:
            if len(str(error)) > 5_000:
                fault = f"{name}: a message of {len(str(error))} characters"
        except Exception as error:
            fault = f"{name}: {type(error).__name__}: {error}"
    if executed.exists():
        fault = "the program in the folder was executed"
    shutil.rmtree(run.parent)
    return fault


def csv_trials(ground: Ground) -> Iterator[Trial]:
    """A file of bars is mutated; it is read or refused, and rows add up."""
    path = ground.folder / "mutated.csv"
    while True:
        yield partial(_mutated, ground, path)


def _mutated(ground: Ground, path: Path) -> str | None:
    content = bytearray(ground.bars.read_bytes()[: ground.chance.randrange(200, 20_000)])
    for _ in range(ground.chance.randrange(1, 6)):
        place = ground.chance.randrange(len(content))
        content[place : place + ground.chance.randrange(3)] = ground.chance.choice(
            (b"\r", b"\n", b'"', b",", b"\x00", b"NaN", b"-", b"\xff", b"1e999", b";", b"\t", b" ")
        )
    path.write_bytes(content)
    return read_or_refused(path)


def read_or_refused(path: Path) -> str | None:
    """Read bars; what goes wrong but for a refusal in words."""
    try:
        load(path, ReadOptions())
    except TailproofError:
        return None
    except Exception as error:
        return f"{type(error).__name__}: {error} in {path.read_bytes()[-200:]!r}"
    return None


PROMISES = (
    Promise(
        text="a damaged file of a finished run is refused, or harmless (report.html, report.md)",
        count=1_000,
        trials=artifact_trials,
    ),
    Promise(text="a damaged line of the ledger counts as a trial", count=200, trials=ledger_trials),
    Promise(text="a crafted run folder ends in one message, nothing is executed", count=80, trials=hostile_trials),
    Promise(text="a mutated CSV file is read or refused in words", count=500, trials=csv_trials),
)
