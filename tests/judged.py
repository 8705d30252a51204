"""Forecasts of known worth, for the tests of evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np

from tailproof.core.records import Forecast
from tailproof.core.verdict import Verdict
from tailproof.evaluation import LAST_RETURN, Evidence, judge
from tailproof.objectives import Objective

ROWS = 20_000


def forecast_with(ic: float, *, seed: int = 0, rows: int = ROWS, session: int = 200) -> Forecast:
    """A forecast whose correlation with the next return is ``ic``."""
    rng = np.random.default_rng(seed)
    signal_N, noise_N = rng.normal(size=rows), rng.normal(size=rows)
    return_N = 1e-4 * (ic * signal_N + np.sqrt(1 - ic**2) * noise_N)
    target_N = np.argsort(np.argsort(return_N)) / (rows - 1)
    time_N = np.arange(rows, dtype=np.int64) * 60_000_000_000
    return Forecast(
        prediction_N=0.5 + 0.28 * (ic or 0.02) * signal_N,
        predicted_return_N=1e-4 * ic * signal_N,
        target_N=target_N,
        return_N=return_N,
        known_at_N=time_N,
        label_end_N=time_N + 60_000_000_000,
        session_N=(np.arange(rows) // session).astype(np.int32),
    )


def full_evidence(*, seed: int = 0, rows: int = ROWS, **changes: Any) -> Evidence:
    """Placebos and a last-return baseline that know nothing."""
    rng = np.random.default_rng(seed + 1_000)
    return Evidence(
        **{
            "baselines": {LAST_RETURN: 0.5 + 0.01 * rng.normal(size=rows)},
            "placebo_rank_ics": tuple(rng.normal(size=19) / np.sqrt(rows)),
            **changes,
        }
    )


def verdict_of(forecast: Forecast, evidence: Evidence | None = None, **changes: Any) -> Verdict:
    return judge(
        forecast,
        **{
            "objective": Objective(loss="huber", delta=0.1),
            "constant": 0.5,
            "neutral": 0.5,
            "group_N": forecast.session_N,
            "judged_on_validation": False,
            "evidence": evidence,
            "replications": 500,
            **changes,
        },
    )
