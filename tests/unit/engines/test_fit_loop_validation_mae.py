"""The mean absolute error after each epoch, of the members for which it is asked."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.support.lanes_jobs import make_job, make_members

from tailproof.core.fit import Fit
from tailproof.engines.distributed.shards import shares_of
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.engines.lanes import LanesEngine
from tailproof.engines.torch import TorchEngine

ENGINES: dict[str, Engine] = {
    "lanes": LanesEngine(threads=1),
    "torch, one by one": TorchEngine(device="cpu"),
    "torch, together": TorchEngine(device="cpu", together=True),
}


def job_of(*, measured: int, weighted: bool = False) -> TrainingJob:
    members = tuple(
        dataclasses.replace(member, target=place % 2) for place, member in enumerate(make_members(4, dropout_rate=0.3))
    )
    job = make_job(members=members, rows=160, validation_rows=70, epochs=2, targets=2, weighted=weighted)
    return dataclasses.replace(job, measured_members=measured)


def fit(engine: Engine, job: TrainingJob) -> Fit:
    return engine.fit(job, on_event=lambda event: None)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("weighted", [False, True])
def test_it_is_that_of_the_forecasts_and_changes_no_weight(name: str, weighted: bool) -> None:
    engine, job = ENGINES[name], job_of(measured=3, weighted=weighted)
    measured, plain = fit(engine, job), fit(engine, dataclasses.replace(job, measured_members=0))
    for parameter, value in plain.final_parameters.items():
        np.testing.assert_array_equal(measured.final_parameters[parameter], value)
    rows = slice(job.validation.start, job.validation.stop)
    output_MN = engine.predict(job.spec, measured.final_parameters, job.x_NF[rows])[:, :, 0].astype(np.float64)
    target_MN = np.array([job.y_NT[rows, member.target] for member in job.members])
    weight_N = None if job.weight_N is None else job.weight_N[rows]
    expected_M = np.average(np.abs(output_MN - target_MN), axis=1, weights=weight_N)
    np.testing.assert_allclose(measured.history[-1].validation_mae_M[:3], expected_M[:3], rtol=1e-6)
    assert np.isnan(measured.history[-1].validation_mae_M[3])
    assert np.isnan(plain.history[-1].validation_mae_M).all()


def test_shares_of_a_population_measure_the_same_members() -> None:
    shares = [fit(ENGINES["lanes"], share) for share in shares_of(job_of(measured=3), 2)]
    mae_M = np.concatenate([share.history[-1].validation_mae_M for share in shares])
    np.testing.assert_array_equal(mae_M, fit(ENGINES["lanes"], job_of(measured=3)).history[-1].validation_mae_M)
    assert np.isfinite(mae_M).tolist() == [True, True, True, False]
