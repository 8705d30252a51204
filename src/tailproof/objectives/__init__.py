"""The objective that is minimised, its loss in NumPy, and the learning-rate schedule."""

from tailproof.objectives.losses import best_constant, huber, row_losses
from tailproof.objectives.objective import Objective, huber_objective
from tailproof.objectives.schedule import ScheduleName, schedule_factor
from tailproof.objectives.shrinkage import NO_SHRINKAGE, Shrinkage, fit_shrinkage, unit_of_loss

__all__ = [
    "NO_SHRINKAGE",
    "Objective",
    "ScheduleName",
    "Shrinkage",
    "best_constant",
    "fit_shrinkage",
    "huber",
    "huber_objective",
    "row_losses",
    "schedule_factor",
    "unit_of_loss",
]
