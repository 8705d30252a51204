"""Wide networks (512 x 512, batch 4,096): whether ``auto`` takes the faster engine, and whether lanes is still right.

Which one is faster is measured here again, longer than ``auto`` may: whole epochs of both engines, in turns. Right
means: loss and gradient of one batch, dropout off, against torch in float32, from the same weights.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from benchmarks.lanes.options import options, print_json
from benchmarks.paper_job import simulated_rows, training_job
from tailproof.core.fit import Event
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.engines.lanes import LanesEngine, Population
from tailproof.engines.select import choose_engine
from tailproof.engines.torch import TorchEngine
from tailproof.engines.torch.torch_losses import TorchLoss
from tailproof.models.torch_modules import build_module

BATCH = 4096
ROUNDS = 3
"""Epochs of 20 steps of each engine; the quickest counts."""


def main() -> None:
    """One member, and the eight that ``tailproof train`` takes by default."""
    chosen = options()
    width = 32 if chosen.quick else 512
    job = training_job(8, hidden=(width, width), batch=BATCH, data=simulated_rows(20 * BATCH), epochs=1)
    rounds = 1 if chosen.quick else ROUNDS
    choices = {}
    for members in (1, 8):
        these = replace(job, members=job.members[:members])
        choice = choose_engine(these, name="auto", device="cpu", threads=None)
        choices[f"{members}"] = {
            "engine": choice.engine.name,
            "reason": choice.reason,
            "model_steps_a_second": rates(these, rounds=rounds),
        }
    print_json({"width": width, "batch": BATCH, "auto": choices, **parity(replace(job, members=job.members[:1]))})


def rates(job: TrainingJob, *, rounds: int) -> dict[str, float]:
    """Model-steps a second of each engine; torch trains one member after another, so one of them tells."""
    engines: tuple[tuple[Engine, TrainingJob], ...] = (
        (LanesEngine(), job),
        (TorchEngine(device="cpu"), replace(job, members=job.members[:1])),
    )
    rate_of: dict[str, float] = {}
    for _ in range(rounds):
        for engine, its_job in engines:
            epoch = engine.fit(its_job, on_event=_ignore).history[0]
            rate_of[engine.name] = max(
                rate_of.get(engine.name, 0.0), epoch.steps * len(its_job.members) / epoch.seconds
            )
    return rate_of


def _ignore(event: Event) -> None:
    del event


def parity(job: TrainingJob) -> dict[str, float]:
    """Largest difference of the loss and of any gradient, relative to the largest number of that gradient."""
    member = replace(job.members[0], dropout_rate=0.0)
    population = Population(replace(job, members=(member,)))
    rows_N = np.arange(BATCH, dtype=np.int32)
    loss_M, gradient = population.batch_gradient(rows_N)
    module = build_module(job.spec, {name: value[0] for name, value in population.parameters.items()}).eval()
    target_N1 = torch.from_numpy(job.y_NT[:BATCH])
    output_N1 = module(torch.from_numpy(job.x_NF[:BATCH]))
    loss = TorchLoss(job.objective, output_N1.device).of_batch(output_N1, target_N1, None)
    loss.backward()
    worst = 0.0
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None
        expected = parameter.grad.numpy()
        worst = max(worst, float(np.abs(gradient[name][0] - expected).max() / np.abs(expected).max()))
    return {
        "loss_difference": abs(float(loss_M[0]) - loss.item()) / loss.item(),
        "gradient_difference": worst,
    }


if __name__ == "__main__":
    main()
