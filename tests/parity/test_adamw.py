"""The native optimizer against torch.optim.AdamW, step by step, and against the plain twin."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.support.lanes_jobs import SUPPORTED, make_job, make_members, one_member
from torch import nn

from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes import Population
from tailproof.engines.lanes.plain_twin import PlainAdamW, clip_gradient
from tailproof.objectives.schedule import schedule_factor

STEPS = 60
SETTINGS = {
    "plain": {"max_grad_norm": 0.0, "warmup_steps": 0, "schedule": "constant"},
    "clipped": {"max_grad_norm": 0.01, "warmup_steps": 0, "schedule": "constant"},
    "warm-up": {"max_grad_norm": 0.0, "warmup_steps": 40, "schedule": "constant"},
    "cosine": {"max_grad_norm": 1.0, "warmup_steps": 10, "schedule": "cosine"},
    "other betas": {"max_grad_norm": 1.0, "warmup_steps": 0, "schedule": "cosine", "beta1": 0.5, "beta2": 0.9},
    "large epsilon": {"max_grad_norm": 0.0, "warmup_steps": 0, "schedule": "constant", "epsilon": 1e-2},
}


def job_of(name: str, weight_decay: float) -> TrainingJob:
    members = make_members(2, dropout_rate=0.0, weight_decay=weight_decay, learning_rate=3e-3)
    return make_job(members=members, rows=16 * STEPS, epochs=1, **SETTINGS[name])


def native_steps(job: TrainingJob):
    """For each step: the gradient of member 1, clipped by nobody yet, and its parameters afterwards."""
    population = Population(job)
    for step in range(STEPS):
        rows_N = population.rows_of_step(1, epoch=1, step_in_epoch=step).astype(np.int32)
        _, gradient = population.batch_gradient(rows_N, step=step)
        population.train_steps(1)
        yield one_member(gradient, 1, np.float32), one_member(population.parameters, 1, np.float32)


@pytest.mark.parametrize("instruction_set", SUPPORTED)
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("name", SETTINGS)
def test_every_step_is_that_of_torch(
    monkeypatch: pytest.MonkeyPatch, name: str, weight_decay: float, instruction_set: str
) -> None:
    """Torch's optimizer is given the native gradients, so the bound holds rounding of the update alone."""
    monkeypatch.setenv("TAILPROOF_ISA", instruction_set)
    job = job_of(name, weight_decay)
    optimisation = job.optimisation
    start = one_member(Population(job).parameters, 1, np.float32)
    parameters = {key: nn.Parameter(torch.from_numpy(value.copy())) for key, value in start.items()}
    optimizer = torch.optim.AdamW(
        parameters.values(),
        lr=1.0,
        betas=(optimisation.beta1, optimisation.beta2),
        eps=optimisation.epsilon,
        weight_decay=weight_decay,
    )
    for step, (gradient, after) in enumerate(native_steps(job), start=1):
        for key, parameter in parameters.items():
            parameter.grad = torch.from_numpy(gradient[key].copy())
        if optimisation.max_grad_norm > 0.0:
            nn.utils.clip_grad_norm_(parameters.values(), optimisation.max_grad_norm)
        factor = schedule_factor(
            step, warmup_steps=optimisation.warmup_steps, total_steps=STEPS, schedule=optimisation.schedule
        )
        optimizer.param_groups[0]["lr"] = 3e-3 * factor
        optimizer.step()
        for key, parameter in parameters.items():
            np.testing.assert_allclose(
                after[key], parameter.detach().numpy(), rtol=2e-6, atol=step * 2e-8, err_msg=f"step {step}: {key}"
            )


@pytest.mark.parametrize("name", SETTINGS)
def test_every_step_is_that_of_the_plain_twin(name: str) -> None:
    job = job_of(name, 0.1)
    parameters = one_member(Population(job).parameters, 1)
    adamw = PlainAdamW(optimisation=job.optimisation, member=job.members[1], total_steps=STEPS)
    for gradient, after in native_steps(job):
        clipped, _ = clip_gradient(
            {key: value.astype(np.float64) for key, value in gradient.items()}, job.optimisation.max_grad_norm
        )
        parameters = adamw.step(parameters, clipped)
        for key, value in parameters.items():
            np.testing.assert_allclose(after[key], value, rtol=1e-5, atol=2e-6, err_msg=key)


def test_recorded_norms_are_those_before_clipping() -> None:
    job = make_job(members=make_members(2, dropout_rate=0.0), max_grad_norm=1e-3, log_interval=1)
    population = Population(job)
    rows_N = population.rows_of_step(0, epoch=1, step_in_epoch=0).astype(np.int32)
    _, gradient = population.batch_gradient(rows_N)
    stretch = population.train_steps(1)
    _, norm = clip_gradient(one_member(gradient, 0), 0.0)
    assert stretch.norm_sum_SM[0, 0] == pytest.approx(norm, rel=1e-6)
    assert stretch.norm_max_SM[0, 0] == stretch.norm_sum_SM[0, 0]
