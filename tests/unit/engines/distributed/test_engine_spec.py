"""A worker builds the engine it is asked for, or says why its bits would be others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from tests.support.engine_jobs import small_job

from tailproof.core.errors import WorkerError
from tailproof.engines.distributed.engine_spec import build_engine, spec_of
from tailproof.engines.lanes import LanesEngine
from tailproof.engines.torch import TorchEngine


@pytest.fixture
def one_thread_before_and_after() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_lanes() -> None:
    job = small_job()
    spec = spec_of(LanesEngine(threads=1), job)
    assert "torch" not in spec.numerics
    engine = build_engine(spec, job, threads=3, device_number=0)
    assert isinstance(engine, LanesEngine)
    assert engine.threads == 3


@pytest.mark.usefixtures("one_thread_before_and_after")
def test_torch_takes_as_many_threads_as_it_has_where_it_was_asked() -> None:
    job = small_job()
    job = replace(job, optimisation=replace(job.optimisation, batch_size=1 << 17))
    torch.set_num_threads(2)
    spec = spec_of(TorchEngine(device="cpu"), job)
    assert spec.numerics["torch threads"] == "2"
    torch.set_num_threads(1)
    engine = build_engine(spec, job, threads=1, device_number=0)
    assert isinstance(engine, TorchEngine)
    assert engine.numerics_fingerprint(job)["torch threads"] == "2"


def test_every_difference_is_named() -> None:
    job = small_job()
    spec = spec_of(LanesEngine(threads=1), job)
    other = replace(spec, numerics=spec.numerics | {"numpy": "0.1", "instruction set": "an abacus"})
    with pytest.raises(WorkerError, match=r"numpy: 0\.1 there, .* here; instruction set: an abacus there, .* here\."):
        build_engine(other, job, threads=1, device_number=0)


@pytest.mark.usefixtures("one_thread_before_and_after")
def test_a_worker_compiles_its_steps_where_the_asking_process_did() -> None:
    job = small_job()
    for steps_are_compiled in (False, True):
        asks = TorchEngine(device="cpu", precision="bf16", steps_are_compiled=steps_are_compiled)
        engine = build_engine(spec_of(asks, job), job, threads=1, device_number=0)
        assert isinstance(engine, TorchEngine)
        assert engine.steps_are_compiled is steps_are_compiled
