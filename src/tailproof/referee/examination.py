"""What a model from outside is asked beside its forecasts: does it look ahead, and does it remember?"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tailproof.core.errors import LeakError
from tailproof.core.randomness import generator
from tailproof.engines.interface import TrainingJob
from tailproof.referee.adapters import Estimator, ModuleEstimator
from tailproof.referee.fit_alone import fit_alone, forecast_alone
from tailproof.referee.look_ahead import LookAhead, look_ahead
from tailproof.referee.outside_model import OutsideModel
from tailproof.referee.shared_fits import refuse_unsendable, seed_of
from tailproof.runs.prepared_run import PreparedRun
from tailproof.statistics.groups import Groups
from tailproof.statistics.ranks import standard_ranks
from tailproof.walkforward import FoldTraining

MAX_ROWS = 20_000
"""Test rows that are forecast again and again, from the first."""
SURELY = 4.0
"""Standard errors by which a second fit must order the first fold's returns better to be called a memory."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """The first fold's real fit, before any other: what it forecast, and how long it took."""

    training: FoldTraining
    forecast_R: np.ndarray
    seconds: float
    notes: tuple[str, ...]
    findings: tuple[str, ...]


def rehearse(model: OutsideModel, ready: PreparedRun, *, on_leak: str, seed: int, shared: bool = False) -> Rehearsal:
    """Fit the model once on the first fold, so that its faults are reported before a hundred fits are done.

    Args:
        model: what is judged.
        ready: the run's rows and folds.
        on_leak: ``stop`` refuses a model whose forecasts need later rows, ``warn`` notes it, ``off`` does not look.
        seed: of the rows that are taken away.
        shared: whether several processes will fit it, so that it must be possible to send it between them.

    Raises:
        ConfigError: it cannot be made, fitted or sent, or does not give one finite number per row.
        LeakError: a forecast needs rows that come later.
    """
    training = ready.set_up(ready.plan.folds[0])
    started = time.perf_counter()
    estimator = _fitted(model, training.job)
    seconds = time.perf_counter() - started
    if shared:
        refuse_unsendable(model, estimator)
    x_RF = _test_rows(training)
    notes, findings = [], []
    forecast_R = forecast_alone(estimator, x_RF, name=model.name, seed=seed_of(training.job, training.job.members[0]))
    if not np.array_equal(forecast_alone(estimator, x_RF, name=model.name, seed=seed), forecast_R):
        notes.append(
            f"Warning: {model.name} draws random numbers when it predicts, or goes on learning then. Each forecast is "
            "one such draw; switch it off (dropout, for one) to judge what it has learned."
        )
    if on_leak != "off":
        seen = look_ahead(_forecasts(model, estimator, seed), x_RF, random=generator(seed, "look-ahead"))
        if seen is not None:
            findings.append(_looks_ahead(model.name, seen))
    if findings and on_leak == "stop":
        raise LeakError("\n".join(findings))
    return Rehearsal(
        training=training, forecast_R=forecast_R, seconds=seconds, notes=tuple(notes), findings=tuple(findings)
    )


def recalled(model: OutsideModel, ready: PreparedRun, rehearsal: Rehearsal) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fit the first fold again, after all others, with the seed that it had: notes and findings.

    Whatever was fitted in between, a model that keeps nothing forecasts as before. One that kept the rows of later
    folds now knows the answers of the first fold's test.
    """
    training = rehearsal.training
    x_RF = _test_rows(training)
    again_R = _forecasts(model, _fitted(model, training.job), seed_of(training.job, training.job.members[0]))(x_RF)
    before_R = rehearsal.forecast_R
    if np.abs(again_R - before_R).max() <= 1e-6 * float(np.abs(before_R).max()):
        return (
            f"{model.name} was fitted twice on the first fold, before all others and after them: same forecasts.",
        ), ()
    row_R = training.part.test_row_R[: len(x_RF)]
    gain = _gain(before_R, again_R, ready.design.return_N[row_R], ready.plan.group_N[row_R])
    if gain > SURELY:
        return (), (
            f"{model.name} remembers rows between its fits: fitted again on the first fold, after all others and with "
            f"the same seed, it orders the first test's returns better by {gain:.1f} standard errors",
        )
    return (
        f"Warning: {model.name} does not give the same forecasts when it is fitted again on the same rows with the "
        "same seed: it draws random numbers that no seed reaches, or keeps something between its fits. Another run "
        "will find other figures.",
    ), ()


def _fitted(model: OutsideModel, job: TrainingJob) -> Estimator | ModuleEstimator:
    return fit_alone(model, job, seed_of(job, job.members[0]))


def _forecasts(
    model: OutsideModel, estimator: Estimator | ModuleEstimator, seed: int
) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x_RF: forecast_alone(estimator, x_RF, name=model.name, seed=seed)


def _test_rows(training: FoldTraining) -> np.ndarray:
    test = training.fold.test
    return np.asarray(training.job.x_NF[test.start : min(test.stop, test.start + MAX_ROWS)])


def _gain(before_R: np.ndarray, again_R: np.ndarray, return_R: np.ndarray, group_R: np.ndarray) -> float:
    """The gain in rank IC over its standard error by groups of rows, or by rows where there are few groups."""
    product_R = (_ranks(again_R) - _ranks(before_R)) * _ranks(return_R)
    groups = Groups.of(group_R)
    sum_G = groups.sums(product_R) if len(groups) >= 10 else product_R
    error = math.sqrt(float((sum_G**2).sum()))
    return float(sum_G.sum()) / error if error > 0.0 else 0.0


def _ranks(value_R: np.ndarray) -> np.ndarray:
    return np.asarray(np.nan_to_num(standard_ranks(value_R)))


def _looks_ahead(name: str, seen: LookAhead) -> str:
    return (
        f"{name} looks ahead: its forecast of test row {seen.row:,} is {seen.whole:.6g} with the rows after it and "
        f"{seen.without:.6g} without them. predict(X) is given a whole test at once: forecast each row from itself and "
        "earlier rows alone"
    )
