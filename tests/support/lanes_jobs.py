"""Small training jobs for the tests of the lanes engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tailproof.engines.interface import Member, Optimisation, TrainingJob
from tailproof.engines.lanes import instruction_sets
from tailproof.models.spec import NetSpec, robust_financial_net
from tailproof.objectives.objective import Objective

SUPPORTED = [each.name for each in instruction_sets() if each.supported]
FUSED = [each.name for each in instruction_sets() if each.supported and each.fused]
PAPER_NET = robust_financial_net(inputs=5, hidden_dims=(16, 8), dropout_rate=0.1, input_norm="layer")


def make_members(count: int, *, dropout_rate: float = 0.1, **settings: Any) -> tuple[Member, ...]:
    """Members that differ in seed and rates."""
    defaults = {"learning_rate": 1e-2, "weight_decay": 0.01} | settings
    return tuple(Member(seed=seed, dropout_rate=dropout_rate, **defaults) for seed in range(count))


def make_job(
    *,
    spec: NetSpec = PAPER_NET,
    objective: Objective | None = None,
    members: Sequence[Member] = make_members(3),
    rows: int = 203,
    targets: int = 1,
    weighted: bool = False,
    validation_rows: int = 0,
    seed: int = 0,
    **optimisation: Any,
) -> TrainingJob:
    """A job on random rows with a learnable target; ``rows`` train, ``validation_rows`` more follow them."""
    rng = np.random.default_rng(seed)
    total = rows + validation_rows
    x_NF = rng.normal(size=(total, spec.inputs)).astype(np.float32)
    noise_NT = rng.random((total, targets))
    y_NT = (0.5 * noise_NT + 0.5 / (1.0 + np.exp(-x_NF[:, :1]))).astype(np.float32)
    settings: dict[str, Any] = {
        "epochs": 2,
        "batch_size": 16,
        "warmup_steps": 5,
        "schedule": "cosine",
        "max_grad_norm": 1.0,
        "patience": 0,
        "log_interval": 7,
    }
    return TrainingJob(
        spec=spec,
        objective=objective or Objective(),
        optimisation=Optimisation(**(settings | optimisation)),
        members=tuple(members),
        seed=seed,
        x_NF=x_NF,
        y_NT=y_NT,
        train=range(rows),
        validation=range(rows, total),
        weight_N=rng.uniform(0.5, 2.0, size=total).astype(np.float32) if weighted else None,
    )


def one_member(parameters: dict[str, np.ndarray], member: int, dtype: type = np.float64) -> dict[str, np.ndarray]:
    """One member's share of a population's parameters."""
    return {name: value[member].astype(dtype) for name, value in parameters.items()}
