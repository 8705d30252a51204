"""A plain torch module, trained by the lanes engine sixteen times over; the best weights land back in the module."""

import numpy as np
import torch
from torch import nn

from tailproof.engines.interface import Member, Optimisation, TrainingJob
from tailproof.engines.lanes import LanesEngine
from tailproof.models.lower import load_back, lower_sequential
from tailproof.objectives import Objective

rng = np.random.default_rng(0)
x_NF = rng.normal(size=(20_000, 5)).astype(np.float32)
y_N1 = (np.tanh(x_NF[:, :1] * x_NF[:, 1:2]) + 0.5 * rng.standard_t(3, size=(20_000, 1))).astype(np.float32)

module = nn.Sequential(nn.Linear(5, 32), nn.LayerNorm(32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1))
spec, start = lower_sequential(module)  # a layer that the engine has not is an error that names it

members = 16
job = TrainingJob(
    spec=spec,
    objective=Objective(loss="huber", delta=0.5),
    optimisation=Optimisation(
        epochs=5,
        batch_size=32,
        warmup_steps=200,
        schedule="cosine",
        max_grad_norm=1.0,
        patience=0,
        log_interval=500,
    ),
    members=tuple(
        Member(seed=seed, learning_rate=rate, weight_decay=0.01, dropout_rate=0.1)
        for seed, rate in enumerate(np.geomspace(1e-4, 1e-1, members))
    ),
    seed=0,
    x_NF=x_NF,
    y_NT=y_N1,
    train=range(16_000),
    validation=range(16_000, 20_000),
    start={name: np.repeat(value[None], members, axis=0) for name, value in start.items()},  # or None: by the seeds
)
fit = LanesEngine().fit(job, on_event=lambda _: None)

last = fit.history[-1]
for member, loss in zip(job.members, last.validation_loss_M, strict=True):
    print(f"learning rate {member.learning_rate:.6f}   validation loss {loss:.6f}")
print(f"{last.steps * members / last.seconds:,.0f} model-steps a second")

load_back(module, {name: value[fit.best_member] for name, value in fit.best_parameters.items()})
with torch.no_grad():
    print(module.eval()(torch.from_numpy(x_NF[-3:]))[:, 0].numpy())
