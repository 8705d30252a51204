"""A finished run and new bars → forecasts."""

from tailproof.predicting.forecast import Forecasts, forecast_bars
from tailproof.predicting.live import LiveForecast, LiveForecaster
from tailproof.predicting.predict import predict, read_new_bars
from tailproof.predicting.trained import TrainedModel, read_trained

__all__ = [
    "Forecasts",
    "LiveForecast",
    "LiveForecaster",
    "TrainedModel",
    "forecast_bars",
    "predict",
    "read_new_bars",
    "read_trained",
]
