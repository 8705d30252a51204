"""The result of one fold, including what later folds need from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tailproof.core.fit import Fit
from tailproof.objectives import Shrinkage
from tailproof.population import PopulationForecasts
from tailproof.walkforward.importance import Shuffled


@dataclass(frozen=True, kw_only=True)
class FoldResult:
    """The forecasts of one fold for its R test rows, and what it was fitted to.

    It outlives its fold: no array is a view of the fold's window, which would keep hundreds of windows in memory.
    """

    row_R: np.ndarray
    """int64 row of the design that each test row is."""
    path_R: np.ndarray
    """int64 number, from 0, of the backtest path that each forecast belongs to; all 0 but in a combinatorial split."""
    forecasts: PopulationForecasts
    target_R: np.ndarray
    predicted_return_R: np.ndarray
    shrinkage: Shrinkage
    """The map that the real forecasts went through."""
    constant: float
    zero_return_target: float
    baselines: dict[str, np.ndarray]
    stack_weights: dict[str, float]
    """The weight of each forecaster in the stack; empty where there is none."""
    seconds: float
    """Duration of the training."""
    model_steps: int
    """Steps trained, times members and placebo members."""


@dataclass(frozen=True, kw_only=True)
class FoldCheckpoint:
    """A fold that is done, with all that a run needs to go on after it; stored by ``core.codec``."""

    result: FoldResult
    shuffled: Shuffled | None
    """None where none of its rows was sampled."""
    groups: int
    """Groups of rows that could have been sampled, up to and including this fold."""
    fit: Fit | None
    """Stored for the last fold only."""
