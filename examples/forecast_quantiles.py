"""The engine by itself: quantiles of the next value, from members that each see rows of their own in every step."""

import numpy as np

from tailproof.engines.interface import Member, Optimisation, TrainingJob
from tailproof.engines.lanes import LanesEngine, Population
from tailproof.models.spec import robust_financial_net
from tailproof.objectives import Objective

rng = np.random.default_rng(0)
scale_N = np.exp(rng.normal(scale=0.5, size=12_000))  # what is to be learned: the spread, as no mean can be
x_NF = np.stack([np.log(scale_N), rng.normal(size=12_000)], axis=1).astype(np.float32)
y_N1 = (scale_N * rng.standard_normal(12_000))[:, None].astype(np.float32)

quantiles, members = (0.1, 0.5, 0.9), 8
job = TrainingJob(
    spec=robust_financial_net(inputs=2, hidden_dims=(16,), dropout_rate=0.0, outputs=len(quantiles), sigmoid=False),
    objective=Objective(loss="pinball", quantiles=quantiles),  # or "mse"; "huber" is what the commands train
    optimisation=Optimisation(
        epochs=20, batch_size=32, warmup_steps=100, schedule="cosine", max_grad_norm=1.0, patience=0, log_interval=250
    ),
    members=tuple(Member(seed=seed, learning_rate=0.01, weight_decay=0.0, dropout_rate=0.0) for seed in range(members)),
    seed=0,
    x_NF=x_NF,
    y_NT=y_N1,
    train=range(8_000),
    validation=range(8_000, 8_000),
)
# Moved by an eighth of the rows each, members meet every row, but no two of them the same row in the same step.
population = Population(job, row_offset_M=[1_000 * member for member in range(members)])
for _ in range(job.optimisation.epochs):
    population.train_steps(job.steps_per_epoch)

forecast_NQ = LanesEngine().predict(job.spec, population.parameters, x_NF[8_000:]).mean(axis=0)
for column, quantile in enumerate(quantiles):
    print(f"quantile {quantile}: {np.mean(y_N1[8_000:, 0] <= forecast_NQ[:, column]):.3f} of the rows lie below")
