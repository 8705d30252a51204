import numpy as np
import pytest
from tests.support.engine_jobs import small_job

from tailproof.engines import select
from tailproof.engines.lanes import LanesEngine
from tailproof.engines.select import choose_engine, measured_rate


@pytest.mark.parametrize("name", ["lanes", "torch"])
def test_the_engine_that_was_asked_for(name: str) -> None:
    choice = choose_engine(small_job(), name=name, device="cpu", threads=1)
    assert choice.engine.name == name
    assert "as asked" in choice.reason


@pytest.mark.parametrize("faster", ["lanes", "torch"])
def test_auto_takes_what_was_measured_to_be_faster_and_says_both_rates(
    faster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(select, "measured_rate", lambda engine, job: 4000.0 if engine.name == faster else 1000.0)
    choice = choose_engine(small_job(members=8), name="auto", device="cpu", threads=1)
    assert choice.engine.name == faster
    assert choice.reason.count("model-steps/s") == 1
    assert "4,000" in choice.reason
    assert "1,000" in choice.reason


def test_measuring_leaves_the_job_as_it_was() -> None:
    job = small_job()
    x_NF = job.x_NF.copy()
    assert measured_rate(LanesEngine(threads=1), job) > 0.0
    np.testing.assert_array_equal(job.x_NF, x_NF)
