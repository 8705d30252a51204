"""Reports on runs long after training, quickly: training code is not imported."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tailproof import report
from tailproof.core.errors import RunFolderError
from tailproof.report.run_list import RunLine, State, damaged_line, line_of_folder, line_of_trial
from tailproof.storage import ledger, verify
from tailproof.storage.atomic import write_atomic
from tailproof.storage.ledger import LEDGER, RESUMED, STOPPED, Trial
from tailproof.storage.manifest import CONFIG
from tailproof.storage.out_file import out_file
from tailproof.storage.readable import readable


def report_run(run: Path, *, out: Path | None = None, overwrite: bool = False) -> list[Path]:
    """Make the report of a finished run again; give back the files that were written.

    Args:
        run: folder of the run. Only the two files of the report are written: its manifest does not list them, so that
            an interrupt between the two harms nothing.
        out: write the HTML page there instead, and leave the folder as it is.
        overwrite: replace a file at ``out``.

    Raises:
        RunFolderError: this is not a finished run, or its files have changed since it ended.
    """
    target = None if out is None else out_file(out, overwrite=overwrite)
    verify(run)
    with readable(run):
        files = report.report_files(run)
    if target is not None:
        target.write(files["report.html"])
        return [target.path]
    for name, content in files.items():
        write_atomic(run / name, content)
    return [run / name for name in files]


def list_runs(folder: Path) -> list[RunLine]:
    """Every run inside a folder, at any depth, in order of its name: those of the ledgers, and those not in one yet.

    A run whose folder was deleted, or replaced by another of the same name, is known from the ledger: it was a trial.
    A folder whose verdict or settings have changed since the run ended is listed as damaged, without its figures,
    and so is a line of a ledger: it was a trial too. A ledger or a folder that cannot be read is listed with its fault.
    """
    lines: dict[Path, RunLine] = {}
    remembered: list[RunLine] = []

    def name(path: Path) -> str:
        return str(path.relative_to(folder))

    def unreadable(error: OSError) -> None:
        remembered.append(damaged_line(name(Path(error.filename)), fault=error))

    projects = []
    for place, folders, files in os.walk(folder, onerror=unreadable):
        path = Path(place)
        if CONFIG in files or CONFIG in folders:
            lines[path] = line_of_folder(path, name=name(path))
        if LEDGER in files or LEDGER in folders:
            projects.append(path)
    for project in projects:
        try:
            listed = ledger.read(project)
        except (RunFolderError, OSError) as error:
            remembered.append(damaged_line(name(project / LEDGER), fault=error))
            continue
        remembered += _without_folder(project, listed.trials, lines, root=folder)
        remembered += [damaged_line(f"{name(project / LEDGER)}, line {number}") for number in listed.unreadable]
    return sorted([*remembered, *lines.values()], key=lambda line: line.name)


def _without_folder(
    project: Path, trials: Sequence[Trial], lines: Mapping[Path, RunLine], *, root: Path
) -> list[RunLine]:
    """The trials of one ledger without a folder; where several share a name, the folder holds the last."""
    last = {trial.run: trial for trial in trials}
    remembered = []
    for place, trial in enumerate(trials):
        if STOPPED in trial.result and _was_resumed(trial, trials[place + 1 :]):
            continue
        line = lines.get(project / trial.run) if trial.run else None
        ended: State = "stopped" if STOPPED in trial.result else "finished"
        if line is not None and line.state in (ended, "damaged") and trial is last[trial.run]:
            continue
        state: State = "unknown" if not trial.run else "deleted" if line is None else "replaced"
        name = str((project / trial.run).relative_to(root)) if trial.run else "?"
        remembered.append(line_of_trial(trial.result, name=name, time=trial.time, state=state))
    return remembered


def _was_resumed(stopped: Trial, later: Sequence[Trial]) -> bool:
    """Whether the next run in the same folder is the same run, resumed: its line covers both."""
    again = next((trial for trial in later if trial.run == stopped.run), None)
    return again is not None and again.key == stopped.key and RESUMED in again.result
