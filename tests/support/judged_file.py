"""A model in a file, and the options of its runs that one process and several are compared in."""

from __future__ import annotations

from pathlib import Path

OPTIONS = ("--placebos", "2", "--folds", "2", "--no-baselines", "--features", "original", "--unit", "sessions")
MODEL = """
import numpy as np


class Mine:
    def __init__(self):
        self.clipped = lambda x: np.clip(x, -3.0, 3.0)

    def fit(self, x, y):
        print("a fit begins")
        x = self.clipped(x) + 0.1 * np.random.normal(size=x.shape)
        self.weight = np.linalg.solve(x.T @ x + np.eye(x.shape[1]), x.T @ (y - 0.5))

    def predict(self, x):
        return 0.5 + self.clipped(x) @ self.weight


make = Mine
"""
"""A ridge that draws random numbers, prints, and holds what only cloudpickle sends."""


def write_model(folder: Path) -> str:
    """The model's address, as ``--model`` takes it."""
    path = folder / "mine.py"
    path.write_text(MODEL)
    return f"{path}:make"
