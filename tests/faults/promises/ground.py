"""What trials stand on: a small file of bars, and a small finished run."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.bars import random_bar_frame

from tailproof import pipeline
from tailproof.bars.load import load
from tailproof.report import SILENT
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.train_settings import TrainSettings

SETTINGS = TrainSettings(
    epochs=2, members=2, placebos=1, folds=2, log_interval=20, engine="lanes", features=("original",), baselines=False
)
OPTIONS = (
    *(
        "--epochs",
        "2",
        "--members",
        "2",
        "--placebos",
        "1",
        "--folds",
        "2",
        "--log-interval",
        "20",
        "--engine",
        "lanes",
    ),
    *("--features", "original", "--no-baselines"),
)
SMALL = ("--features", "original")
"""Options of commands that train nothing."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Where trials take place; each gets a folder of its own."""

    folder: Path
    bars: Path
    run: Path
    """A finished run on ``bars``; trials work on copies."""
    model: Path
    """A program with ``ridge``, a model of one's own."""
    chance: random.Random


Trial = Callable[[], str | None]
"""Returns what went wrong, or None."""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One row of the table."""

    text: str
    count: int
    """Trials in ``make test-faults``."""
    trials: Callable[[Ground], Iterator[Trial]]
    """As many as are asked for."""


def prepare(folder: Path, *, seed: int) -> Ground:
    """Make the bars and the run."""
    bars = folder / "bars.csv"
    random_bar_frame(900, breaks=tuple(range(60, 900, 60))).drop("vix_close").write_csv(bars)
    loaded = load(bars, ReadOptions())
    pipeline.train_on_bars(loaded.bars, settings=SETTINGS, out=folder / "whole" / "run", reporter=SILENT, loaded=loaded)
    model = folder / "model.py"
    model.write_text("from sklearn.linear_model import Ridge as ridge\n")
    run = folder / "whole" / "run"
    return Ground(folder=folder, bars=bars, run=run, model=model, chance=random.Random(seed))
