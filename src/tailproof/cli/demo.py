"""``tailproof demo``: the whole way on real bars that are already on the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tailproof.cli.train import default_folder
from tailproof.core.settings import TrainSettings


def demo(*, out: Path | None = None, overwrite: Annotated[bool, Parameter(negative=())] = False) -> None:
    """Train on real S&P 500 days, with NASDAQ and VIX days merged in: nothing is downloaded.

    Parameters
    ----------
    out
        Folder for the run; by default runs/demo-TIME.
    overwrite
        Replace a finished run in that folder.
    """
    from tailproof import pipeline
    from tailproof.bars import sp500_days

    settings = TrainSettings(epochs=20, warmup_steps=200)
    pipeline.train_on_bars(sp500_days(), settings=settings, out=out or default_folder("demo"), overwrite=overwrite)
