"""Bars and options of the runs that one process and several are compared in."""

from __future__ import annotations

from pathlib import Path

from tests.support.bars import random_bar_frame

OPTIONS = (
    *("--members", "3", "--placebos", "2", "--folds", "2", "--epochs", "3", "--log-interval", "5"),
    *("--patience", "1", "--learning-rate", "0.1", "--warmup-steps", "10", "--warm-start", "--threads", "1"),
)


def write_bars(folder: Path) -> Path:
    """600 random minutes in ten sessions."""
    path = folder / "bars.csv"
    random_bar_frame(600, breaks=tuple(range(60, 600, 60))).drop("vix_close").write_csv(path)
    return path
