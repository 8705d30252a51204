"""The fingerprint of a run's inputs, so that a stopped run is resumed with exactly the same ones."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tailproof.core.errors import RunFolderError
from tailproof.core.records import Bars, Design
from tailproof.core.surface import setting, switch
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.settings.section import Effect, option_name
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage import describe_environment
from tailproof.storage.ledger import fingerprint
from tailproof.storage.manifest import OWN_FEATURES

RunFingerprint = dict[str, dict[str, str]]
"""Everything that the results of a run depend on, by kind and name: resuming requires all of it unchanged."""
REMEDIES = {
    "option": "Give these options as they were",
    "data": "give the bars, the VIX and the file of features as they were",
    "file": "restore these files of the folder",
    "package": "install the versions that were there",
    "engine": "go on with the engine and on a machine as before (see tailproof doctor)",
}


def run_fingerprint(
    bars: Bars,
    design: Design,
    settings: TrainSettings,
    engine: Engine,
    job: TrainingJob,
    *,
    data: str,
    own: Mapping[str, str],
) -> RunFingerprint:
    """Everything that the results of a run depend on.

    Args:
        bars: of the run.
        design: every row of it.
        settings: of the run.
        engine: that trains.
        job: of the shipped window.
        data: fingerprint of the bars, from ``trial_of``.
        own: fingerprints of what the caller brought in Python.
    """
    rows = (design.x_NF, design.return_N, design.last_return_N, design.known_at_N, design.label_end_N, design.bar_N)
    options = settings.deciding(also=Effect.SCALE)
    file = settings.features.feature_file
    return {
        "option": {f"--{option_name(name)}": _text(value) for name, value in options.items()},
        "data": {
            "times and closes of the bars": data,
            "features and returns": fingerprint(*rows, bars.frame["open"].to_numpy()),
            "file of features": "none" if file is None else hashlib.sha256(file.read_bytes()).hexdigest(),
            **own,
        },
        "package": describe_environment()["packages"],
        "engine": {"engine": engine.name, **engine.numerics_fingerprint(job)},
    }


def file_fingerprints(folder: Path) -> dict[str, str]:
    """The files of a run folder that a resumed run goes on with and does not write again."""
    files = [folder / name for name in ("training_config.json", OWN_FEATURES)]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}


def refuse_other_fingerprint(path: Path, stored: RunFingerprint, now: RunFingerprint) -> None:
    """Raise RunFolderError where a stopped run would be resumed with anything else than it began with; all is
    named."""
    lines, kinds = [], []
    for kind in {**stored, **now}:
        then, here = stored.get(kind, {}), now.get(kind, {})
        names = [name for name in {**then, **here} if then.get(name) != here.get(name)]
        shown = [(name, setting(name[2:].replace("-", "_")) if kind == "option" else name) for name in names]
        lines += [f"  - {word}: {then.get(name, 'none')} then, {here.get(name, 'none')} now" for name, word in shown]
        kinds += [kind] if names else []
    if not lines:
        return
    remedy = "; ".join(REMEDIES[kind] for kind in kinds)
    raise RunFolderError(
        f"{path}: a stopped run can be resumed only with what it began with, but these differ:\n"
        + "\n".join(lines)
        + f"\n{remedy[0].upper()}{remedy[1:]}; or train with {switch('overwrite')} to begin anew in this folder."
    )


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
