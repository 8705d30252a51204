"""A step of a population as one launch of a CUDA (HIP) graph, where the device can capture one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

WARM_UP_STEPS = 3
"""Steps before the capture: allocations and choices made at first use must not be captured."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """How a step is taken."""

    take: Callable[[], None]
    why_not_captured: str | None = None
    """Why each operation of a step is launched by itself, on a device that could have replayed a graph."""


def captured(step: Callable[[], None], device: torch.device, *, changed: Sequence[Tensor], step_1: Tensor) -> Launch:
    """The step as one launch of a graph, or as it is where the device has no graphs or cannot capture it.

    Args:
        step: takes a step; it reads nothing back from the device.
        device: where.
        changed: everything that a step changes; it is afterwards as it was before.
        step_1: of ``changed``, the number of the step, which every step raises by one.
    """
    if device.type != "cuda":
        return Launch(take=step)
    before = [tensor.detach().clone() for tensor in changed]

    @torch.no_grad()
    def rewind() -> None:
        """A job may have no second step: tables and places end with the last."""
        for tensor, value in zip(changed, before, strict=True):
            tensor.copy_(value)

    try:
        with torch.cuda.device(device):
            launch = Launch(take=_replayed(step, device, rewind, step_1))
    except RuntimeError as error:
        launch = Launch(take=step, why_not_captured=str(error).strip().splitlines()[0].rstrip("."))
    rewind()
    return launch


def _replayed(
    step: Callable[[], None], device: torch.device, rewind: Callable[[], None], step_1: Tensor
) -> Callable[[], None]:
    """Launches the captured step; raises RuntimeError where it cannot be captured.

    The stream is one of the device itself: torch's own, which a capture takes where none is given, is one of the first
    device that captured. Other threads may use their devices meanwhile, hence ``thread_local``.
    """
    graph = torch.cuda.CUDAGraph()
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP_STEPS):
            step()
            rewind()
    torch.cuda.current_stream(device).wait_stream(stream)
    with torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
        step()
    expected = int(step_1) + 1
    graph.replay()
    if int(step_1) != expected:
        raise RuntimeError("the captured graph does nothing when it is launched")
    replay: Callable[[], None] = graph.replay
    return replay
