"""Small training jobs that both engines can run."""

from __future__ import annotations

import numpy as np

from tailproof.engines.interface import Member, Optimisation, TrainingJob
from tailproof.models.spec import robust_financial_net
from tailproof.objectives import Objective


def small_job(*, epochs: int = 3, dropout_rate: float = 0.0, members: int = 1) -> TrainingJob:
    """600 rows whose target is a smooth function of three features; 500 train, 100 validate."""
    rng = np.random.default_rng(3)
    x_NF = rng.normal(size=(600, 3)).astype(np.float32)
    y_N1 = (1.0 / (1.0 + np.exp(-2.0 * x_NF[:, :1] + x_NF[:, 1:2]))).astype(np.float32)
    return TrainingJob(
        spec=robust_financial_net(inputs=3, hidden_dims=(8, 4), dropout_rate=dropout_rate),
        objective=Objective(loss="huber", delta=0.1),
        optimisation=Optimisation(
            epochs=epochs,
            batch_size=16,
            warmup_steps=10,
            schedule="constant",
            max_grad_norm=1.0,
            patience=0,
            log_interval=10,
        ),
        members=tuple(
            Member(seed=seed, learning_rate=1e-2, weight_decay=0.01, dropout_rate=dropout_rate)
            for seed in range(members)
        ),
        seed=0,
        x_NF=x_NF,
        y_NT=y_N1,
        train=range(0, 500),
        validation=range(500, 600),
    )
