"""A finished run and new bars → forecasts."""

from tailproof.predicting.forecast import Forecasts, forecast_bars
from tailproof.predicting.predict import predict
from tailproof.predicting.trained import TrainedModel, read_trained

__all__ = ["Forecasts", "TrainedModel", "forecast_bars", "predict", "read_trained"]
