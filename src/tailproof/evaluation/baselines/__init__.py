"""Simple forecasters that a network must beat, each fitted on the training rows of the same folds."""

from tailproof.evaluation.baselines.baseline_forecasts import LAST_RETURN, REVERSAL, baseline_forecasts
from tailproof.evaluation.baselines.gradient_boosting import Forecaster, fit_gradient_boosting
from tailproof.evaluation.baselines.last_return import last_return_forecast
from tailproof.evaluation.baselines.stack import STACK, STACKED, fit_stack, stacked

__all__ = [
    "LAST_RETURN",
    "REVERSAL",
    "STACK",
    "STACKED",
    "Forecaster",
    "baseline_forecasts",
    "fit_gradient_boosting",
    "fit_stack",
    "last_return_forecast",
    "stacked",
]
