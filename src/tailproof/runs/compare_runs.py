"""Several finished runs beside one another on one page, with their differences on the rows that they share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tailproof.objectives import Objective, row_losses
from tailproof.report.run_record import RunRecord, read_run
from tailproof.statistics.paired import RowLoss, paired
from tailproof.storage import verify
from tailproof.storage.out_file import out_file
from tailproof.storage.readable import readable


def compare_runs(runs: Sequence[Path], *, out: Path, overwrite: bool = False) -> Path:
    """Write one page that compares finished runs with the first of them.

    Raises:
        ConfigError: a file is at ``out`` and ``overwrite`` is False.
        RunFolderError: a folder lacks a file that the page needs.
    """
    target = out_file(out, overwrite=overwrite, runs=runs)
    for run in runs:
        verify(run)
    with readable(*runs):
        target.write(comparison(runs))
    return out


def comparison(folders: Sequence[Path], *, notes: Sequence[str] = ()) -> bytes:
    """The HTML page that compares finished runs with the first of them.

    Args:
        folders: of the runs.
        notes: sentences on all of them together.

    Raises:
        RunFolderError: a folder lacks a file that the page needs.
    """
    from tailproof.report.compare_page import compare_page  # jinja2, for which training should not wait

    runs = [read_run(folder) for folder in folders]
    differences = [paired(run.test, runs[0].test, row_loss=_row_loss(run)) for run in runs[1:]]
    return compare_page(runs, differences, notes=notes).encode()


def _row_loss(run: RunRecord) -> RowLoss:
    return partial(row_losses, Objective(loss="huber", delta=float(run.settings["huber-delta"])))
