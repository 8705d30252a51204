"""What every peer is: something that takes steps, timed in the same way, and must be seen to train."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from benchmarks.paper_job import DELTA, FLOOR, WARMUP_STEPS, first_weights, net_spec
from benchmarks.stopwatch import time_steps
from tailproof.arrays.ranges import ceil_div
from tailproof.engines.lanes.plain_twin import forward
from tailproof.objectives.losses import huber

MIN_STEPS = 2 * WARMUP_STEPS
"""Steps after which a network has left the wrong bias behind."""
NEAR_THE_FLOOR = 1.02
JUDGED_ROWS = 50_000


class Peer(Protocol):
    """One way to train ``members`` networks on the paper's job."""

    members: int
    unit: int
    """``train`` is asked for multiples of so many steps."""

    def train(self, steps: int) -> None:
        """Take so many steps of every member; return when the arithmetic is done."""
        ...

    def parameters(self) -> dict[str, np.ndarray]:
        """The members' weights by the names of the network's spec, with a leading member axis."""
        ...


def run_peer(
    make: Callable[[np.ndarray, np.ndarray], Peer], data: tuple[np.ndarray, np.ndarray], *, seconds: float
) -> None:
    """Time a peer for about ``seconds``, see that it trained, and print one line of JSON."""
    peer = make(*data)
    before = member_losses(first_weights(peer.members), *data)
    counted = _Counted(peer)
    timing = time_steps(counted.train, seconds=seconds, steps_a_unit=peer.unit)
    counted.train(ceil_div(max(0, MIN_STEPS - counted.steps), peer.unit))
    after = member_losses(peer.parameters(), *data)
    report(timing.as_json(peer.members), members=peer.members, before=before, after=after, steps=counted.steps)


def report(timing: dict[str, float], *, members: int, before: list[float], after: list[float], steps: int) -> None:
    """Print the result; a peer whose loss is not near the constant's has not trained, and its time counts for nothing.

    Raises:
        SystemExit: a member's loss is not near the floor.
    """
    worst = max(after)
    if not worst <= NEAR_THE_FLOOR * FLOOR:
        raise SystemExit(f"after {steps} steps the loss must be near {FLOOR:.6f}, got {worst:.6f}")
    training = {"loss_before": max(before), "loss_after": worst, "floor": FLOOR, "steps_in_all": steps}
    print_json({"members": members, **timing, **training})


def member_losses(parameters: dict[str, np.ndarray], x_NF: np.ndarray, y_N: np.ndarray) -> list[float]:
    """Mean Huber loss of each member on the first rows, dropout off, in plain NumPy."""
    members = len(next(iter(parameters.values())))
    return [_loss({name: value[m] for name, value in parameters.items()}, x_NF, y_N) for m in range(members)]


def _loss(parameters: dict[str, np.ndarray], x_NF: np.ndarray, y_N: np.ndarray) -> float:
    x_NF, y_N = x_NF[:JUDGED_ROWS], y_N[:JUDGED_ROWS]
    output_NO, _ = forward(net_spec(), parameters, x_NF, lambda width: np.ones((len(x_NF), width), np.float32))
    return float(huber(output_NO[:, 0] - y_N, delta=DELTA).mean())


class _Counted:
    def __init__(self, peer: Peer) -> None:
        self.peer, self.steps = peer, 0

    def train(self, units: int) -> None:
        self.peer.train(units * self.peer.unit)
        self.steps += units * self.peer.unit


def seconds_asked() -> float:
    """``--seconds``: about how long to time each case."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10.0)
    return float(parser.parse_args().seconds)


def print_json(result: dict[str, Any]) -> None:
    """The last line a benchmark prints is its result."""
    print(json.dumps(result), flush=True)
