"""The mean of the latest epochs' weights is kept where it serves a member best, and changes nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.support.engine_jobs import small_job

from tailproof.core.fit import Fit, Parameters
from tailproof.engines.fit_state import average_of
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.engines.lanes import LanesEngine, Population
from tailproof.engines.torch import TorchEngine

ENGINES: list[Engine] = [LanesEngine(threads=1), TorchEngine(device="cpu"), TorchEngine(device="cpu", together=True)]
NAMES = ["lanes", "torch in turn", "torch together"]


def noisy_job(*, epochs: int = 6, average_epochs: int = 3, members: int = 3) -> TrainingJob:
    """Steps so large that the weights run around the optimum: their mean lies nearer to it."""
    job = small_job(epochs=epochs, members=members)
    optimisation = replace(job.optimisation, average_epochs=average_epochs)
    return replace(
        job, optimisation=optimisation, members=tuple(replace(each, learning_rate=0.1) for each in job.members)
    )


def fit(engine: Engine, job: TrainingJob) -> Fit:
    return engine.fit(job, on_event=lambda event: None)


def best_by_hand(job: TrainingJob) -> tuple[np.ndarray, np.ndarray]:
    """Lowest validation loss of each member over plain and averaged weights, and whether an average has it."""
    population, after = Population(job), []
    plain_EM, average_EM = [], []
    for epoch in range(job.optimisation.epochs):
        population.train_steps(10**6)
        after.append(population.parameters)
        plain_EM.append(population.validation_loss())
        recent = tuple(after[-job.optimisation.average_epochs :])
        average_EM.append(population.validation_loss(average_of(recent)) if epoch else plain_EM[0])
    return np.minimum(np.min(plain_EM, axis=0), np.min(average_EM, axis=0)), np.min(average_EM, axis=0) < np.min(
        plain_EM, axis=0
    )


def loss_of(job: TrainingJob, parameters: Parameters) -> np.ndarray:
    return Population(job).validation_loss(parameters)


def test_the_best_of_plain_and_averaged_weights_is_kept() -> None:
    job = noisy_job()
    expected_M, averaged_M = best_by_hand(job)
    assert averaged_M.any(), "the case shows nothing where no average is better"
    np.testing.assert_array_equal(loss_of(job, fit(ENGINES[0], job).best_parameters), expected_M)


@pytest.mark.parametrize("engine", ENGINES, ids=NAMES)
def test_averaging_never_makes_the_validation_loss_worse(engine: Engine) -> None:
    averaged, plain = noisy_job(members=2, epochs=4), noisy_job(members=2, epochs=4, average_epochs=1)
    averaged_M = loss_of(averaged, fit(engine, averaged).best_parameters)
    plain_M = loss_of(plain, fit(engine, plain).best_parameters)
    assert (averaged_M <= plain_M + 1e-7).all()
    assert (averaged_M < plain_M).any()


@pytest.mark.parametrize("engine", ENGINES, ids=NAMES)
def test_training_goes_on_from_the_plain_weights(engine: Engine) -> None:
    averaged = fit(engine, noisy_job(members=2, epochs=3))
    plain = fit(engine, noisy_job(members=2, epochs=3, average_epochs=1))
    for name, value in plain.final_parameters.items():
        np.testing.assert_array_equal(averaged.final_parameters[name], value)
    for one, other in zip(averaged.history, plain.history, strict=True):
        np.testing.assert_array_equal(one.validation_loss_M, other.validation_loss_M)


def test_without_validation_rows_the_latest_average_is_kept() -> None:
    job = replace(noisy_job(epochs=4), validation=range(0))
    population, after = Population(job), []
    for _ in range(4):
        population.train_steps(10**6)
        after.append(population.parameters)
    best = fit(ENGINES[0], job).best_parameters
    for name, value in average_of(tuple(after[-3:])).items():
        np.testing.assert_array_equal(best[name], value)
