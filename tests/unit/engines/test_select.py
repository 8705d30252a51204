from dataclasses import replace

import numpy as np
import pytest
from tests.support.engine_jobs import small_job

from tailproof.engines.lanes import LanesEngine
from tailproof.engines.select import choose_engine, measured_rate
from tailproof.models.spec import robust_financial_net


@pytest.mark.parametrize("name", ["lanes", "torch"])
def test_the_engine_that_was_asked_for(name: str) -> None:
    choice = choose_engine(small_job(), name=name, device="cpu", threads=1)
    assert choice.engine.name == name
    assert "as asked" in choice.reason


def test_auto_takes_lanes_for_small_nets_and_says_both_rates() -> None:
    choice = choose_engine(small_job(members=8), name="auto", device="cpu", threads=1)
    assert choice.engine.name == "lanes"
    assert choice.reason.count("model-steps/s") == 1
    assert "torch on the CPU" in choice.reason


@pytest.mark.slow
def test_auto_takes_torch_for_wide_nets_and_large_batches() -> None:
    rng = np.random.default_rng(0)
    job = small_job()
    wide = replace(
        job,
        spec=robust_financial_net(inputs=16, hidden_dims=(512, 512), dropout_rate=0.1),
        x_NF=rng.normal(size=(9000, 16)).astype(np.float32),
        y_NT=rng.random((9000, 1), dtype=np.float32),
        train=range(0, 8192),
        validation=range(8192, 9000),
        optimisation=replace(job.optimisation, batch_size=4096),
    )
    assert choose_engine(wide, name="auto", device="cpu", threads=2).engine.name == "torch"


def test_measuring_leaves_the_job_as_it_was() -> None:
    job = small_job()
    x_NF = job.x_NF.copy()
    assert measured_rate(LanesEngine(threads=1), job) > 0.0
    np.testing.assert_array_equal(job.x_NF, x_NF)
