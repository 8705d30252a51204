"""``tailproof demo``: both stories a verdict can tell, on bars that are already on the machine."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tailproof.cli.train import default_folder
from tailproof.settings.train_settings import TrainSettings

SIMULATED_ROWS = 200_000
PLANTED_IC = 0.03


def demo(*, out: Path | None = None, overwrite: Annotated[bool, Parameter(negative=())] = False) -> None:
    """Train on real S&P 500 days, then on simulated minutes with a planted signal; nothing is downloaded.

    Parameters
    ----------
    out
        Folder for the two runs; by default runs/demo-TIME.
    overwrite
        Replace finished runs in that folder.
    """
    from tailproof import pipeline
    from tailproof.bars import sp500_days
    from tailproof.bars.load import load_frame
    from tailproof.bars.simulate import simulate
    from tailproof.core.events import LogLine
    from tailproof.report.screen import screen
    from tailproof.settings.read_options import ReadOptions

    folder = out or default_folder("demo")
    with screen() as shown:

        def log(text: str) -> None:
            shown.emit(LogLine(text=text))

        train = partial(pipeline.train_on_bars, overwrite=overwrite, reporter=shown)
        log("1. Real bars: S&P 500 days, with NASDAQ and VIX days merged in. Is there anything to know?\n")
        train(sp500_days(), settings=TrainSettings(epochs=20, warmup_steps=200), out=folder / "sp500")
        log(f"\n2. Simulated minutes, in which a rank IC of {PLANTED_IC} was planted. Is it found?\n")
        frame = simulate(rows=SIMULATED_ROWS, ic=PLANTED_IC, seed=1)
        name = f"simulated minutes, planted rank IC {PLANTED_IC}"
        train(load_frame(frame, ReadOptions(), name=name).bars, settings=TrainSettings(), out=folder / "simulated")
