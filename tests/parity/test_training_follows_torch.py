"""Whole trainings beside the torch engine: the same start, the same batches, the same path."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest
import torch
from tests.support.lanes_jobs import SUPPORTED, make_job, make_members

from tailproof.core.fit import Fit
from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes import LanesEngine
from tailproof.engines.torch import TorchEngine
from tailproof.models.spec import robust_financial_net
from tailproof.objectives.objective import Objective

MAX_DRIFT = 2e-4
"""After 1,000 steps without dropout no weight of the two engines differs by more. Each step rounds differently in the
last bit (6e-8 of weights of size 1), AdamW divides by root(v), which at small v magnifies such differences, and they
add up; float64 against float32 drifts as far. A wrong formula drifts by the learning rate a step: 1e-3 after one."""


@pytest.fixture(autouse=True)
def one_torch_thread():
    """Such small tensors only wait for one another on several threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def fit(engine: LanesEngine | TorchEngine, job: TrainingJob) -> Fit:
    return engine.fit(job, on_event=lambda event: None)


THOUSAND_STEPS = {
    "huber": (Objective(), 1, False, 0),
    "mse weighted": (Objective(loss="mse"), 1, True, 0),
    "pinball weighted": (Objective(loss="pinball", quantiles=(0.2, 0.7)), 2, True, 4),
}
"""Objective, outputs, whether rows are weighted, seed. The seed of pinball is one at which no residual comes so near
the kink that rounding decides its side: one that does turns a gradient around, and the weights end 1e-3 apart."""


@functools.cache
def a_thousand_steps_of_torch(case: str) -> tuple[TrainingJob, Fit]:
    objective, outputs, weighted, seed = THOUSAND_STEPS[case]
    job = make_job(
        spec=robust_financial_net(inputs=5, hidden_dims=(16, 8), dropout_rate=0.1, input_norm="layer", outputs=outputs),
        objective=objective,
        members=make_members(2, dropout_rate=0.0, learning_rate=1e-3),
        rows=16 * 125 - 5,
        validation_rows=100,
        weighted=weighted,
        epochs=8,
        warmup_steps=100,
        log_interval=50,
        seed=seed,
    )
    return job, fit(TorchEngine(device="cpu"), job)


@pytest.mark.parametrize("case", THOUSAND_STEPS)
@pytest.mark.parametrize("instruction_set", SUPPORTED)
def test_a_thousand_steps_without_dropout(monkeypatch: pytest.MonkeyPatch, case: str, instruction_set: str) -> None:
    monkeypatch.setenv("TAILPROOF_ISA", instruction_set)
    job, theirs = a_thousand_steps_of_torch(case)
    mine = fit(LanesEngine(threads=1), job)
    for name, value in theirs.final_parameters.items():
        drift = np.abs(mine.final_parameters[name] - value).max()
        assert drift < MAX_DRIFT, f"{name}: {drift}"
    for own, other in zip(mine.history, theirs.history, strict=True):
        for field in ("train_loss_M", "validation_loss_M", "grad_norm_mean_M", "grad_norm_max_M"):
            np.testing.assert_allclose(getattr(own, field), getattr(other, field), rtol=2e-3, err_msg=field)
        np.testing.assert_allclose(own.train_loss_M, other.train_loss_M, rtol=1e-5)
        np.testing.assert_array_equal(own.skipped_M, other.skipped_M)
        assert own.steps == other.steps
        assert own.learning_rate == pytest.approx(other.learning_rate, rel=1e-6)


def test_with_dropout_the_means_over_members_agree() -> None:
    """Different masks, same distribution: the gap of the means stays within 4 standard errors of the difference."""
    members = make_members(24, dropout_rate=0.3, learning_rate=3e-3)
    job = make_job(members=members, rows=640, validation_rows=400, epochs=2, warmup_steps=5)
    mine, theirs = fit(LanesEngine(threads=2), job), fit(TorchEngine(device="cpu"), job)
    for field in ("train_loss_M", "validation_loss_M", "grad_norm_mean_M"):
        # Member by member both engines start from the same weights, so the difference of a pair is what varies.
        gap_M = getattr(mine.history[-1], field) - getattr(theirs.history[-1], field)
        assert abs(gap_M.mean()) < 4.0 * gap_M.std(ddof=1) / np.sqrt(len(gap_M)), field


def test_forecasts_equal_those_of_torch() -> None:
    job = make_job(validation_rows=100)
    parameters = fit(LanesEngine(threads=1), job).best_parameters
    np.testing.assert_allclose(
        LanesEngine(threads=2).predict(job.spec, parameters, job.x_NF),
        TorchEngine(device="cpu").predict(job.spec, parameters, job.x_NF),
        atol=1e-6,
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_guards_agree(bad: float) -> None:
    job = make_job(members=make_members(2, dropout_rate=0.0), max_skipped_share=0.2)
    job.x_NF[77, 2] = bad
    job = dataclasses.replace(job, x_NF=job.x_NF)
    mine, theirs = fit(LanesEngine(threads=1), job), fit(TorchEngine(device="cpu"), job)

    def key(event):
        return event.member, event.epoch, event.step, event.rows, event.reason

    assert sorted(map(key, mine.guard_events)) == sorted(map(key, theirs.guard_events))
    for name, value in theirs.final_parameters.items():
        np.testing.assert_allclose(mine.final_parameters[name], value, atol=1e-4, err_msg=name)


def test_early_stopping_agrees() -> None:
    """Training targets of 0.9 and validation targets of 0.6, which the fast members pass on their way from 0.5."""
    members = tuple(
        dataclasses.replace(member, learning_rate=rate)
        for member, rate in zip(make_members(4, dropout_rate=0.0), (1e-30, 3e-4, 3e-3, 1e-2), strict=True)
    )
    job = make_job(members=members, rows=160, validation_rows=80, epochs=8, patience=1, schedule="constant")
    job.y_NT[:160], job.y_NT[160:] = 0.9, 0.6
    mine, theirs = fit(LanesEngine(threads=1), job), fit(TorchEngine(device="cpu"), job)
    loss_EM = np.array([record.validation_loss_M for record in theirs.history])
    step_EM = np.abs(np.diff(np.log(loss_EM), axis=0))
    assert ((step_EM == 0.0) | (step_EM > 0.02)).all(), "no loss may be so near to the one before that rounding decides"
    assert len({int(epoch) for epoch in mine.best_epoch_M}) > 2, "the case must hold members that stop at other epochs"
    np.testing.assert_array_equal(mine.best_epoch_M, theirs.best_epoch_M)
    for own, other in zip(mine.history, theirs.history, strict=True):
        np.testing.assert_array_equal(own.stopped_M, other.stopped_M)
        np.testing.assert_allclose(own.validation_loss_M, other.validation_loss_M, rtol=1e-3)
