"""A finished run and new bars → forecasts."""

from tailproof.prediction.forecast import Forecasts, forecast_bars
from tailproof.prediction.live import LiveForecast, LiveForecaster
from tailproof.prediction.predict import predict, read_new_bars
from tailproof.prediction.trained import TrainedModel, read_trained

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
