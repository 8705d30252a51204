"""The records that an unfinished run stores in its folder, for ``core.codec``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tailproof.core.codec import DecodeError, Record, from_tree
from tailproof.core.errors import RunFolderError
from tailproof.core.surface import setting
from tailproof.engines.fit_state import FitState
from tailproof.runs.step_counter import StepCounts
from tailproof.walkforward import FoldCheckpoint


@dataclass(frozen=True, kw_only=True)
class RunCheckpoint:
    """The progress of a run; each checkpoint replaces the one before."""

    fingerprint: dict[str, dict[str, str]]
    """The inputs that the run's results depend on, by kind and name."""
    stops: int
    """Times that the run was stopped before."""
    time: str
    """When this was stored, UTC."""
    fold: int
    """The fold whose training ``fit`` belongs to."""
    fit: FitState | None
    """None between two folds."""
    counts: StepCounts | None
    """Step counts of that training; None between two folds."""


@dataclass(frozen=True, kw_only=True)
class FinishedFolds:
    """Folds that were finished since the checkpoint before; these files are added to one another."""

    folds: tuple[FoldCheckpoint, ...]


def read_record(tree: Mapping[str, Any], kind: type[Record], path: Path) -> Record:
    """The record that a run stored in its folder ``path``.

    Raises:
        RunFolderError: it was stored by a version with another format.
    """
    try:
        return from_tree(tree, kind)
    except DecodeError as error:
        raise RunFolderError(
            f"{path}: this version of tailproof cannot go on with what the stopped run stored: {error}. Go on with the "
            "version that began it (it is named in training_config.json), or train anew into another "
            + setting("out")
            + "."
        ) from error
