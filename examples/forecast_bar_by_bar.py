"""Forecast each bar as it ends; here the last ten bars of a file stand for those that a feed would bring."""

import sys
from dataclasses import replace
from pathlib import Path

from tailproof.prediction import LiveForecaster, read_new_bars, read_trained

model = read_trained(Path(sys.argv[1]))
bars = read_new_bars(model, Path(sys.argv[2]))
history, to_come = bars.frame.head(-10), bars.frame.tail(10)

forecaster = LiveForecaster(model, replace(bars, frame=history))
print(f"Of {len(history)} bars {len(forecaster.history)} are kept.")
for bar in to_come.iter_rows(named=True):  # {"time": ..., "open": ..., "high": ..., "low": ..., "close": ..., ...}
    forecast = forecaster.add(bar)
    known_at = f"{forecast.known_at:%H:%M}"
    if forecast.prediction is None:
        print(known_at, "no forecast; not known yet:", ", ".join(forecast.unknown))
    else:
        print(known_at, f"{forecast.prediction:.4f}", f"{forecast.predicted_return:+.2e}")
