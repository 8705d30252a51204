"""Steps in a graph, with a stand-in for CUDA: what happens inside a capture is undone, and done by a launch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tests.support.engine_jobs import small_job
from torch import Tensor

from tailproof.engines.interface import TrainingJob
from tailproof.engines.torch import TorchEngine, batched
from tailproof.engines.torch.graph_capture import Launch, captured

SECOND = torch.device("cuda:1")
TOGETHER = TorchEngine(device="cpu", together=True)


class StandInGraph:
    """Launches what was given to it; counts the launches."""

    def __init__(self) -> None:
        self.launched: Callable[[], None] = lambda: None
        self.launches = 0

    def replay(self) -> None:
        self.launches += 1
        self.launched()


class StandIn:
    """``torch.cuda`` as far as a capture needs it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.graph, self.entered, self.streams = StandInGraph(), [], []
        self.inside: Callable[[], None] = lambda: None
        """What a graph launches; set by each test, as a stand-in cannot record it."""
        self.changed: list[Tensor] = []
        self.failure: str | None = None
        for name, value in {
            "CUDAGraph": lambda: self.graph,
            "Stream": self.stream,
            "current_stream": lambda device: SimpleNamespace(wait_stream=lambda other: None),
            "stream": lambda stream: nullcontext(),
            "device": self.device,
            "graph": self.capture,
        }.items():
            monkeypatch.setattr(torch.cuda, name, value)

    def stream(self, device: torch.device) -> SimpleNamespace:
        self.streams.append(device)
        return SimpleNamespace(device=device, wait_stream=lambda other: None)

    def device(self, device: torch.device) -> nullcontext[None]:
        self.entered.append(device)
        return nullcontext()

    @contextmanager
    def capture(self, graph: StandInGraph, *, stream: SimpleNamespace, capture_error_mode: str) -> Iterator[None]:
        assert (stream.device, capture_error_mode) == (SECOND, "thread_local")
        before = [tensor.detach().clone() for tensor in self.changed]
        yield
        with torch.no_grad():
            for tensor, value in zip(self.changed, before, strict=True):
                tensor.copy_(value)
        if self.failure is not None:
            raise RuntimeError(self.failure)
        graph.launched = self.inside


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Every population of the test is captured as if it were on the second device."""
    stand_in = StandIn(monkeypatch)

    def on_second(step: Callable[[], None], device: torch.device, **how: object) -> Launch:
        stand_in.changed = how["changed"]
        stand_in.inside = stand_in.inside if stand_in.inside is nothing else step
        return captured(step, SECOND, **how)

    monkeypatch.setattr(batched, "captured", on_second)
    return stand_in


def nothing() -> None:
    """A graph without an operation, as of a capture that listened to another device's stream."""


def weights(job: TrainingJob) -> dict[str, np.ndarray]:
    return TOGETHER.fit(job, on_event=lambda event: None).final_parameters


def population(job: TrainingJob) -> batched.BatchedPopulation:
    return batched.BatchedPopulation(job, torch.device("cpu"))


@pytest.mark.parametrize("rows", [16, 500], ids=["a single step", "an epoch"])
def test_launches_are_the_steps(monkeypatch: pytest.MonkeyPatch, cuda: StandIn, rows: int) -> None:
    """Setting a graph up takes no step of the job, also where the job has no step to spare."""
    job = small_job(members=2, dropout_rate=0.2, epochs=1)
    job = replace(job, train=range(rows))
    replayed = weights(job)
    assert cuda.graph.launches == 1 + rows // 16
    assert cuda.streams == cuda.entered == [SECOND]
    monkeypatch.undo()
    for name, value in weights(job).items():
        np.testing.assert_array_equal(replayed[name], value)


@pytest.mark.parametrize("why", ["HIP error: operation not permitted when stream is capturing\nmore", None])
def test_steps_are_taken_one_by_one_where_a_graph_cannot_take_them(
    monkeypatch: pytest.MonkeyPatch, cuda: StandIn, why: str | None
) -> None:
    job = small_job(members=2, epochs=1)
    cuda.failure, cuda.inside = why, nothing
    assert population(job).why_not_captured == (
        "the captured graph does nothing when it is launched" if why is None else why.splitlines()[0]
    )
    eager = weights(job)
    monkeypatch.undo()
    for name, value in weights(job).items():
        np.testing.assert_array_equal(eager[name], value)


def test_a_processor_has_no_graphs_and_no_reason_to_give() -> None:
    assert population(small_job()).why_not_captured is None
