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
    from tailproof.core.errors import RunFolderError
    from tailproof.report.reporting import list_runs
    from tailproof.report.run_list import chosen
    from tailproof.report.run_table import show

    if not folder.is_dir():
        raise RunFolderError(f"{folder}: there is no such folder. Give the folder that holds the runs.")
    every = list_runs(folder)
    show(chosen(every, sort=sort, where=where), of=len(every))
