"""manifest.json: which files a finished run holds, with the size and SHA-256 of each; written last of all."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from tailproof.core.errors import RunFolderError
from tailproof.models.network import NETWORK
from tailproof.storage.json_file import read_json

MANIFEST = "manifest.json"
LOG = "training_log.txt"
METRICS = "metrics.jsonl"
LOCK = ".lock"
TRIAL = "trial.json"
"""The run's line in the ledger: what the ledger lacks after a kill is read from here."""
OWN_FEATURES = "own_features.py"
"""The user's file of features as it was: without it the run could not be used again."""
CONFIG = "training_config.json"
DERIVED = ("report.html", "report.md")
"""Made from the other files and made again by ``tailproof report``: nothing depends on them."""
NEEDED = (
    CONFIG,
    "verdict.json",
    "predictions.parquet",
    LOG,
    METRICS,
)
"""Files without which no run is finished."""
WEIGHTS = "population_best.safetensors"
"""Weights of the shipped members; a run that judged an outside model has none."""
STATISTICS = "feature_statistics.json"
"""Scaling and target as fitted on the training rows; a run that judged forecasts from outside has none."""
FILES = (
    "best_model.pth",
    "best_model.safetensors",
    "final_model.pth",
    "final_model.safetensors",
    "population_final.safetensors",
    WEIGHTS,
    STATISTICS,
    OWN_FEATURES,
    NETWORK,
    "audit.json",
    "baselines.parquet",
    "data_quality.json",
    "drift.json",
    "report_data.json",
    "set_aside.parquet",
    TRIAL,
    *NEEDED,
    *DERIVED,
    MANIFEST,
)
"""All files of a finished run; a folder that holds anything else is not touched."""
FORMATS = (1, 2)
"""1 listed the derived files too."""
SHA256 = re.compile(r"[0-9a-f]{64}")


def enclosing_run(path: Path) -> Path | None:
    """The run folder, finished or not, that a path would lie in; None where it lies in none.

    A run folder is one that holds a log and settings: both are there from the moment in which training begins.
    """
    real = Path(os.path.realpath(path))  # unlike ``Path.resolve`` also where links lead in a circle
    return next((folder for folder in real.parents if (folder / CONFIG).is_file() and (folder / LOG).is_file()), None)


def manifest_record(path: Path) -> dict[str, Any]:
    """The content of manifest.json for the files that lie in a folder."""
    names = sorted(file.name for file in path.iterdir() if file.is_file() and file.name in FILES)
    files = [path / name for name in names if name not in (MANIFEST, *DERIVED)]
    entries = {file.name: {"sha256": _sha256(file), "bytes": file.stat().st_size} for file in files}
    return {"format": 2, "files": entries}


def verify(path: Path, *, needed: Collection[str] = NEEDED, only: Collection[str] | None = None) -> dict[str, str]:
    """Check a finished run against its manifest; return the SHA-256 of each file.

    It shows accidents, and changes by a hand that left the manifest alone; whoever writes a new manifest can say
    anything.

    Args:
        path: the run folder.
        needed: names that the manifest must list.
        only: files to compare, where others do not matter; None compares all.

    Raises:
        RunFolderError: there is no manifest, it is none of a run, or files are missing, changed, links, or in the
            folder without being listed (all are named).
    """
    if not (path / MANIFEST).is_file():
        raise RunFolderError(f"{path}: no readable {MANIFEST}, so this is not a finished run. Give one that has ended.")
    entries = _entries(path)
    faults = [f"{name} is not listed in {MANIFEST}" for name in needed if name not in entries]
    for name, (sha256, size) in entries.items():
        if only is None or name in only:
            faults += _faults(path / name, sha256, size)
    listed = entries.keys() | {MANIFEST, *DERIVED}
    faults += [f"{name} is not listed in {MANIFEST}" for name in FILES if name not in listed and (path / name).exists()]
    if faults:
        raise RunFolderError(f"{path}: {'; '.join(dict.fromkeys(faults))}. Train again, or restore the files.")
    return {name: sha256 for name, (sha256, _) in entries.items()}


def _entries(path: Path) -> dict[str, tuple[str, int]]:
    """Name → (SHA-256, bytes), without derived files."""
    file = path / MANIFEST
    if file.is_symlink():
        raise RunFolderError(f"{file}: must be a file of its own, but it is a link. Restore the folder.")
    record = read_json(file)
    files = record.get("files")
    if record.get("format") not in FORMATS or not isinstance(files, dict):
        raise RunFolderError(
            f"{file}: must have one of the formats {FORMATS} and list files, got format {record.get('format')!r}. "
            "Train again with this version, or restore the file."
        )
    entries = {}
    for name, entry in files.items():
        sha256, size = (entry.get("sha256"), entry.get("bytes")) if isinstance(entry, dict) else (None, None)
        if name not in FILES or not SHA256.fullmatch(str(sha256)) or not isinstance(size, int):
            raise RunFolderError(
                f"{file}: must list files of a run with their sha256 and bytes, got {name!r}. Restore the file."
            )
        entries[name] = (str(sha256), size)
    return {name: entry for name, entry in entries.items() if name not in (MANIFEST, *DERIVED)}


def _faults(file: Path, sha256: str, size: int) -> list[str]:
    if file.is_symlink():
        return [f"{file.name} is a link"]
    if not file.is_file():
        return [f"{file.name} is missing"]
    if file.stat().st_size != size or _sha256(file) != sha256:
        return [f"{file.name} has changed since the run ended"]
    return []


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
