"""A run that was killed after its last file was written."""

from __future__ import annotations

from pathlib import Path

from tailproof.storage import ledger, stopped_run, verify
from tailproof.storage.json_file import read_json
from tailproof.storage.manifest import MANIFEST
from tailproof.storage.unfinished import Unfinished


def settle_finished(run: Path) -> str | None:
    """Do what a finished run had left to do when it was killed: its line in the ledger, and tidying up.

    Returns:
        The sentence of its verdict; None where no finished run is in the folder, or one that is to replace it was
        stopped.

    Raises:
        RunFolderError: the run is damaged.
    """
    if not (run / MANIFEST).is_file() or stopped_run(run) is not None:
        return None
    verify(run)
    ledger.settle(run.parent)
    Unfinished(run, growing=()).remove()
    return str(read_json(run / "verdict.json").get("sentence", ""))
