"""The sliced loop with forward, loss and their gradient compiled by torch.compile."""

from __future__ import annotations

import numpy as np
import torch

from benchmarks.paper_job import simulated_rows
from benchmarks.peers.peer import run_peer, seconds_asked
from benchmarks.peers.torch_sliced import SlicedTensors


class Compiled(SlicedTensors):
    """One model."""

    def __init__(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        super().__init__(x_NF, y_N)
        self.loss = torch.compile(self.loss)  # type: ignore[method-assign]


if __name__ == "__main__":
    run_peer(Compiled, simulated_rows(), seconds=seconds_asked())
