"""Simple forecasters that a network must beat, each fitted on the training rows of the same folds."""

from tailproof.evaluation.baselines.forecasts import LAST_RETURN, baseline_forecasts

__all__ = ["LAST_RETURN", "baseline_forecasts"]
