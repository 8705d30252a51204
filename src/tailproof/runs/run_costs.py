"""What the forecasts of a run would have earned, beside the trials that its folder knows."""

from __future__ import annotations

from pathlib import Path

from tailproof.core.records import Bars, Forecast
from tailproof.runs.open_run import OpenRun
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage import ledger
from tailproof.tasks import TASKS
from tailproof.walkforward import CostEvaluation, evaluate_costs


def run_costs(bars: Bars, forecast: Forecast, settings: TrainSettings, *, run: OpenRun, out: Path) -> CostEvaluation:
    """Trade the test forecasts by the rule of the run's task; earlier trials are those of the ledger beside ``out``."""
    return evaluate_costs(
        bars,
        forecast,
        signal=TASKS[settings.task.target].signal,
        costs=settings.costs,
        trial=run.trial,
        known=ledger.read(out.parent),
        seed=settings.population.seed,
    )
