"""``tailproof simulate``: bars whose signal is known exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tailproof.cli.printing import show


def simulate(
    *,
    rows: int,
    out: Path,
    ic: float = 0.0,
    seed: int = 0,
    overwrite: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Write ES+VIX-like minute bars with a planted next-bar signal of known rank IC.

    Parameters
    ----------
    rows
        Bars to write; 1142809 is the size of the original data set.
    out
        CSV or Parquet file, by its ending; its folder is made where it is absent.
    ic
        Population rank IC of the planted signal; 0 means that nothing predicts the next return.
    seed
        Decides every random number.
    overwrite
        Replace the file at --out.
    """
    from tailproof.bars.simulate import write_simulated

    write_simulated(out, rows=rows, ic=ic, seed=seed, overwrite=overwrite)
    show(f"{rows:,} simulated minute bars with a planted rank IC of {ic:g} (seed {seed}): {out}")
