"""The job that every trainer here is given: the same rows, network, first weights and settings.

914,247 rows of five features of simulated fat-tailed returns, the rank of the next return as target, the 299-parameter
network, Huber loss with delta 0.1, AdamW, batch 16, dropout 0.1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tailproof.engines.interface import TrainingJob
    from tailproof.models.spec import NetSpec

ROWS = 914_247
FEATURES = 5
HIDDEN = (16, 8)
BATCH = 16
DELTA = 0.1
DROPOUT = 0.1
LEARNING_RATE = 1e-3
"""Ten times the original's, so that a measured stretch of seconds is seen to train; no time depends on it."""
WARMUP_STEPS = 1000
WEIGHT_DECAY = 0.01
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
FLOOR = DELTA**3 / 3 + 2 * DELTA * ((0.125 - 0.5 * DELTA**2) - 0.5 * DELTA * (0.5 - DELTA))
"""Loss of the constant 0.5 against a uniform target on [0, 1]: the Huber loss integrated over errors in ±1/2."""
WRONG_BIAS = 1.0
"""First bias of the output: a loss well above the floor, so that only a trainer that trains comes down to it."""


def simulated_rows(rows: int = ROWS, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Float32 features (rows, 5) and rank targets (rows,): Student returns with three degrees of freedom."""
    rng = np.random.default_rng(seed)
    return_N = 2e-4 * rng.standard_t(3, size=rows + 6)
    price_N = np.cumsum(return_N)
    columns = [
        return_N[5:-1],
        price_N[5:-1],
        np.abs(return_N[5:-1]) + 2e-4 * rng.random(rows),
        price_N[5:-1] - price_N[2:-4],
        price_N[5:-1] - price_N[:-6],
    ]
    x_NF = np.stack([_scaled(column) for column in columns], axis=1).astype(np.float32)
    rank_N = np.empty(rows)
    rank_N[np.argsort(return_N[6:])] = np.arange(rows)
    return x_NF, (rank_N / (rows - 1)).astype(np.float32)


def _scaled(column: np.ndarray) -> np.ndarray:
    low, middle, high = np.quantile(column, [0.25, 0.5, 0.75])
    return 3.0 * np.tanh((column - middle) / (high - low) / 3.0)


def step_order(rows: int = ROWS, *, batch: int = BATCH, seed: int = 0) -> np.ndarray:
    """A shuffled pass without the last ragged batch: int64 rows (steps, batch)."""
    steps = rows // batch
    return np.random.default_rng(seed).permutation(rows)[: steps * batch].reshape(steps, batch)


def net_spec(hidden: tuple[int, ...] = HIDDEN) -> NetSpec:
    """LayerNorm → (Linear → LayerNorm → ReLU → Dropout) for each hidden width → Linear → Sigmoid."""
    from tailproof.models.spec import robust_financial_net

    return robust_financial_net(inputs=FEATURES, hidden_dims=hidden, dropout_rate=DROPOUT, input_norm="layer")


def first_weights(members: int, hidden: tuple[int, ...] = HIDDEN) -> dict[str, np.ndarray]:
    """Each member's own first weights by name, with a leading member axis, and the wrong output bias."""
    from tailproof.models.initialise import initial_population

    spec = net_spec(hidden)
    parameters = initial_population(spec, [np.random.default_rng(member) for member in range(members)])
    output_bias = list(spec.parameter_shapes)[-1]
    parameters[output_bias] = np.full_like(parameters[output_bias], WRONG_BIAS)
    return parameters


def training_job(
    members: int,
    *,
    hidden: tuple[int, ...] = HIDDEN,
    batch: int = BATCH,
    data: tuple[np.ndarray, np.ndarray] | None = None,
    epochs: int = 1000,
) -> TrainingJob:
    """The job in tailproof's own words; clips gradients at norm 1 as ``tailproof train`` does, which no peer does."""
    from tailproof.engines.interface import Member, Optimisation, TrainingJob
    from tailproof.objectives.objective import Objective

    x_NF, y_N = simulated_rows() if data is None else data
    member = Member(seed=0, learning_rate=LEARNING_RATE, weight_decay=WEIGHT_DECAY, dropout_rate=DROPOUT)
    return TrainingJob(
        spec=net_spec(hidden),
        objective=Objective(loss="huber", delta=DELTA),
        optimisation=Optimisation(
            epochs=epochs,
            batch_size=batch,
            warmup_steps=WARMUP_STEPS,
            schedule="constant",
            max_grad_norm=1.0,
            patience=0,
            log_interval=1000,
        ),
        members=tuple(replace(member, seed=seed) for seed in range(members)),
        seed=0,
        x_NF=x_NF,
        y_NT=y_N[:, None],
        train=range(len(x_NF)),
        validation=range(0),
    )
