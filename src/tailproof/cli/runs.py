"""``tailproof runs``: the runs of a folder, sorted and filtered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def runs(
    folder: Path = Path("runs"),
    /,
    *,
    sort: str = "ended",
    where: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative=())] = (),
) -> None:
    """List the runs of a folder with their verdicts, including runs that only the ledger of trials still holds.

    Parameters
    ----------
    folder
        Folder that holds runs, at any depth.
    sort
        Column to sort by: name, ended, state, verdict, rank-ic, skill, rows or data.
    where
        Show only runs for which this holds: verdict=skill, rank-ic>0.01, rows<100000, name=es, state=finished; all of
        several.
    """
    from tailproof.cli.printing import show
    from tailproof.cli.system_errors import message_of
    from tailproof.core.errors import RunFolderError
    from tailproof.report import run_table
    from tailproof.report.reporting import list_runs
    from tailproof.report.run_list import chosen

    if not folder.is_dir():
        raise RunFolderError(f"{folder}: there is no such folder. Give the folder that holds the runs.")
    every = list_runs(folder)
    lines = chosen(every, sort=sort, where=where)
    faults = [line.fault for line in every if line.fault is not None]
    if faults and len(faults) == len(every):
        raise faults[0]
    for fault in faults:
        show(f"tailproof: {message_of(fault)}", error=True)
    run_table.show(lines, of=len(every))
