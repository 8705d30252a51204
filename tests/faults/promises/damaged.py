"""Flipped bits, cut files and crafted content: refused in one message or harmless, never silently another answer."""

from __future__ import annotations

import itertools
import json
import os
import pickle
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest import mock

import numpy as np
import polars as pl
from safetensors.numpy import load as load_safetensors
from safetensors.numpy import save as save_safetensors
from tests.faults.promises.ground import Ground, Promise, Trial

from tailproof.bars.load import load
from tailproof.bars.loaded import Loaded
from tailproof.core.errors import TailproofError
from tailproof.engines.self_test import SelfTest
from tailproof.prediction import read_trained
from tailproof.report.reporting import list_runs, report_run
from tailproof.runs.sound_devices import store_test, stored_test
from tailproof.settings.read_options import ReadOptions
from tailproof.storage import ledger, verify
from tailproof.storage.ledger import Trial as LedgerTrial
from tailproof.storage.manifest import DERIVED, MANIFEST, NEEDED, WEIGHTS, manifest_record


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


ARTIFACTS = 21
"""Files of the damaged run; each is damaged equally often."""


def artifact_trials(ground: Ground) -> Iterator[Trial]:
    """One file of a finished run is damaged; what predict, report and runs depend on is refused."""
    run = Path(shutil.copytree(ground.run, ground.folder / "artifacts" / "run"))
    for name in itertools.cycle(sorted(file.name for file in run.iterdir())):
        yield partial(_damaged_artifact, ground, run, name)


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
    """A bit of the ledger is flipped, or its end is cut off; no trial that is still there in part goes uncounted."""
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
    cut = ground.chance.random() < 0.3
    if cut:
        del content[place:]
    else:
        content[place] ^= 1 << ground.chance.randrange(8)
    path.write_bytes(content)
    listed = ledger.read(project)
    path.write_bytes(whole)
    if not set(map(repr, listed.trials)) <= set(map(repr, before)):
        return f"damage at {place}: another trial than was written"
    joined = whole[place : place + 1] == b"\n"  # two lines became one
    begun = len(content.splitlines()) if cut else len(before) - joined
    if len(listed.trials) + len(listed.unreadable) < begun:
        return f"damage at {place}: a trial is no longer counted"
    return None


def cache_trials(ground: Ground) -> Iterator[Trial]:
    """A file of the cache is damaged: stored bars, rows set aside, their record, or the record of a device's test."""
    cache = ground.folder / "cache"
    bars = ground.folder / "stored.csv"
    *lines, last = ground.bars.read_text().splitlines()
    bars.write_text("\n".join([*lines, f"{last.partition(',')[0]},1,2,3,4,5"]) + "\n")
    whole = _stored(bars, cache)
    store_test(FAILED, folder=cache)
    files = sorted(file for file in cache.rglob("*") if file.is_file())
    assert [file.suffix for file in files] == [".arrow", ".json", ".parquet", ".json"], files
    for file in itertools.cycle(files):
        yield partial(_damaged_cache, ground, bars, whole, cache, file)


FAILED = SelfTest(device="cuda:0", seconds=1.0, report=None, failure="the driver hangs")


def _stored(bars: Path, cache: Path) -> Loaded:
    with mock.patch.dict(os.environ, TAILPROOF_CACHE=str(cache)):
        return load(bars, ReadOptions(repair=("drop-bad-prices",)), store="always")


def _damaged_cache(ground: Ground, bars: Path, whole: Loaded, cache: Path, file: Path) -> str | None:
    content = file.read_bytes()
    file.unlink()  # ``whole`` maps the file that was
    file.write_bytes(content)
    what = damage(ground, file)
    try:
        if file.parent.name == "devices":
            return None if stored_test("cuda:0", folder=cache) in (None, FAILED) else f"{what}: another result"
        found = _stored(bars, cache)
    except Exception as error:
        return f"{what}: {type(error).__name__}: {error}"
    finally:
        file.unlink(missing_ok=True)
        file.write_bytes(content)
    same = (
        found.bars.frame.equals(whole.bars.frame)
        and found.bars.bar_length == whole.bars.bar_length
        and found.set_aside.equals(whole.set_aside)
        and replace(found.report, notes=()) == replace(whole.report, notes=())
    )
    noted = any("damaged" in note or "come from the store" in note for note in found.bars.notes)
    return None if same and noted else f"{what}: other bars" if noted else f"{what}: nothing is said"


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
HOSTILE_MODELS = ("pickle", "nan", "shape", "dtype", "header", "rows")


def _hostile_model(ground: Ground, run: Path, kind: str) -> str:
    """Weights that are no weights, or forecasts that unfold into memory; returns the name of the file."""
    weights = run / WEIGHTS
    whole = load_safetensors(weights.read_bytes())
    name = ground.chance.choice(sorted(whole))
    match kind:
        case "pickle":
            weights.write_bytes(pickle.dumps(whole))
        case "nan":
            whole[name].reshape(-1)[0] = ground.chance.choice((np.nan, np.inf, -np.inf))
        case "shape":
            whole[name] = np.ones((*whole[name].shape, 2), dtype=np.float32)
        case "dtype":
            whole[name] = whole[name].astype(ground.chance.choice(("float64", "int64", "bool")))
        case "header":
            weights.write_bytes((2**63).to_bytes(8, "little") + weights.read_bytes())
        case _:
            forecasts = pl.read_parquet(run / "predictions.parquet")
            forecasts[np.zeros(1_000_000, dtype=np.int64)].write_parquet(run / "predictions.parquet")
            return "predictions.parquet"
    if kind not in ("pickle", "header"):
        weights.write_bytes(save_safetensors(whole))
    return WEIGHTS


def _hostile(ground: Ground, run: Path) -> str | None:
    shutil.copytree(ground.run, run)
    executed = run.parent / "executed"
    name = ground.chance.choice([*sorted(NEEDED), "own_features.py", "link", "escape", *HOSTILE_MODELS])
    model = name in HOSTILE_MODELS
    if name == "link":
        name = ground.chance.choice(sorted(NEEDED))
        (run / name).unlink()
        (run / name).symlink_to("/etc/passwd")
    elif name == "own_features.py":
        (run / name).write_text(f"import pathlib\npathlib.Path({str(executed)!r}).touch()\n")
        config = json.loads((run / "training_config.json").read_text())
        config["settings"]["feature-file"] = str(run / name)
        (run / "training_config.json").write_text(json.dumps(config))
    elif model:
        name = f"{_hostile_model(ground, run, name)} ({name})"
    elif name != "escape":
        (run / name).write_bytes(ground.chance.choice(CRAFTED))
    record = manifest_record(run)
    if name == "escape":
        record["files"]["../../../etc/passwd"] = {"sha256": "0" * 64, "bytes": 1}
    (run / MANIFEST).write_text(json.dumps(record))
    fault = None
    refused = False
    for read in (read_trained, report_run, lambda path: list_runs(path.parent)):
        try:
            read(run)
        except TailproofError as error:
            refused = True
            if len(str(error)) > 5_000:
                fault = f"{name}: a message of {len(str(error))} characters"
        except Exception as error:
            fault = f"{name}: {type(error).__name__}: {error}"
    if model and not refused and fault is None:
        fault = f"{name}: not refused"
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
    content = bytearray(ground.bars.read_bytes()[: ground.chance.randrange(200, 6_000)])
    for _ in range(ground.chance.randrange(1, 6)):
        place = ground.chance.randrange(len(content))
        content[place : place + ground.chance.randrange(3)] = ground.chance.choice(
            (b"\r", b"\n", b'"', b",", b"\x00", b"NaN", b"-", b"\xff", b"1e999", b";", b"\t", b" ")
        )
    path.write_bytes(content)
    return read_or_refused(path)


def read_or_refused(path: Path) -> str | None:
    """Read bars; what goes wrong but for a refusal in words, or rows that are neither kept nor set aside."""
    try:
        report = load(path, ReadOptions()).report
    except TailproofError:
        return None
    except Exception as error:
        return f"{type(error).__name__}: {error} in {path.read_bytes()[-200:]!r}"
    if report.rows_read != report.rows_kept + report.rows_set_aside:
        return f"{report.rows_read} rows, but {report.rows_kept} kept and {report.rows_set_aside} set aside"
    return None


PROMISES = (
    Promise(
        text="a damaged file of a finished run is refused, or harmless (report.html, report.md)",
        count=1_000 + 200 * ARTIFACTS,
        trials=artifact_trials,
    ),
    Promise(
        text="a ledger that was damaged or cut off: what is left in part counts as a trial",
        count=200,
        trials=ledger_trials,
    ),
    Promise(text="a damaged file of the cache is made again, and a line says so", count=200, trials=cache_trials),
    Promise(text="a crafted run folder ends in one message, nothing is executed", count=80, trials=hostile_trials),
    Promise(text="a mutated CSV file is read or refused in words", count=2_000, trials=csv_trials),
)
