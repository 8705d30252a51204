"""scikit-learn's MLPRegressor, as near as it comes: 5 → 16 → 8 → 1, ReLU, Adam, batch 16, squared loss.

It has no LayerNorm, dropout, Huber loss, sigmoid, warm-up or decoupled decay, so that a step of it is less work.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from benchmarks.paper_job import BATCH, DELTA, HIDDEN, LEARNING_RATE, WEIGHT_DECAY, simulated_rows, step_order
from benchmarks.peers.peer import JUDGED_ROWS, MIN_STEPS, report, seconds_asked
from benchmarks.stopwatch import time_steps
from tailproof.objectives.losses import huber


class SklearnMlp:
    """One model; ``fit`` with ``warm_start`` goes on for one more pass over the rows it is given."""

    def __init__(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        self.x_NF, self.y_N = x_NF, y_N
        self.order_SB = step_order()
        self.steps = 0
        self.model = MLPRegressor(
            hidden_layer_sizes=HIDDEN,
            batch_size=BATCH,
            alpha=WEIGHT_DECAY,
            learning_rate_init=LEARNING_RATE,
            max_iter=1,
            warm_start=True,
            random_state=0,
        )

    def train(self, steps: int) -> None:
        """One pass over the rows of so many batches."""
        for start in range(0, steps, len(self.order_SB)):
            rows_N = self.order_SB[: min(steps - start, len(self.order_SB))].ravel()
            self.model.fit(self.x_NF[rows_N], self.y_N[rows_N])
        self.steps += steps

    def loss(self) -> float:
        """Huber loss on the first rows."""
        error_N = self.model.predict(self.x_NF[:JUDGED_ROWS]) - self.y_N[:JUDGED_ROWS]
        return float(huber(error_N, delta=DELTA).mean())


def main() -> None:
    """Time it; its own first weights are judged after one step."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    peer = SklearnMlp(*simulated_rows())
    peer.train(1)
    before = [peer.loss()]
    timing = time_steps(peer.train, seconds=seconds_asked())
    peer.train(max(1, MIN_STEPS - peer.steps))
    report(timing.as_json(1), members=1, before=before, after=[peer.loss()], steps=peer.steps)


if __name__ == "__main__":
    main()
