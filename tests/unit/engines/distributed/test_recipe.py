"""A worker builds the engine it is asked for, or says why its bits would be others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from tests.support.engine_jobs import small_job

from tailproof.core.errors import WorkerError
from tailproof.engines.distributed.recipe import engine_of, recipe_of
from tailproof.engines.lanes import LanesEngine
from tailproof.engines.torch import TorchEngine


@pytest.fixture
def one_thread_before_and_after() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_lanes() -> None:
    job = small_job()
    recipe = recipe_of(LanesEngine(threads=1), job)
    assert "torch" not in recipe.rests_on
    engine = engine_of(recipe, job, threads=3, device_number=0)
    assert isinstance(engine, LanesEngine)
    assert engine.threads == 3


@pytest.mark.usefixtures("one_thread_before_and_after")
def test_torch_takes_as_many_threads_as_it_has_where_it_was_asked() -> None:
    job = small_job()
    job = replace(job, optimisation=replace(job.optimisation, batch_size=1 << 17))
    torch.set_num_threads(2)
    recipe = recipe_of(TorchEngine(device="cpu"), job)
    assert recipe.rests_on["torch threads"] == "2"
    torch.set_num_threads(1)
    engine = engine_of(recipe, job, threads=1, device_number=0)
    assert isinstance(engine, TorchEngine)
    assert engine.arithmetic(job)["torch threads"] == "2"


def test_every_difference_is_named() -> None:
    job = small_job()
    recipe = recipe_of(LanesEngine(threads=1), job)
    other = replace(recipe, rests_on=recipe.rests_on | {"numpy": "0.1", "instruction set": "an abacus"})
    with pytest.raises(WorkerError, match=r"numpy: 0\.1 there, .* here; instruction set: an abacus there, .* here\."):
        engine_of(other, job, threads=1, device_number=0)
