"""Whether the engine of this tree gives the bits of another one's: 1,200 small trainings, with every instruction set.

    python -m benchmarks.lanes.same_bits OTHER/src

OTHER/src must hold the package ``tailproof`` with its native modules built. Compared are the weights, moments, trails,
records, forecasts and validation losses after two epochs, and the gradients before them. The exit code is 1 where any
bit differs.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.lanes.options import print_json

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import sys
sys.meta_path = [finder for finder in sys.meta_path if "Redirecting" not in type(finder).__name__]
sys.path[:0] = [sys.argv[1], sys.argv[2]]
import tailproof
assert tailproof.__file__.startswith(sys.argv[1]), tailproof.__file__
from benchmarks.lanes.same_bits import print_digests
print_digests()
"""
NETS = {
    "paper": {"inputs": 5, "hidden_dims": (16, 8), "input_norm": "layer"},
    "residual": {"inputs": 5, "hidden_dims": (7,), "residual_blocks": 1, "linear_path": True},
    "wide": {"inputs": 12, "hidden_dims": (33, 19)},
    "narrow": {"inputs": 1, "hidden_dims": (1, 3)},
}
LOSSES = {
    "huber": {"loss": "huber", "delta": 0.1},
    "mse": {"loss": "mse"},
    "pinball": {"loss": "pinball", "quantiles": (0.1, 0.5, 0.9)},
}
BATCH_SIZES = (1, 6, 16, 37, 64)
POPULATIONS = (1, 2, 4, 9, 19)
DROPOUT_RATES = (0.1, 0.0, 0.5, 0.9)
ROW_CHOICES = ("shared", "own")
ROWS, VALIDATION_ROWS = 203, 23


def print_digests() -> None:
    """Print a digest of every training, by name, as JSON."""
    import os

    from tailproof.engines.lanes import instruction_sets

    digests = {}
    for each in instruction_sets():
        if each.supported:
            os.environ["TAILPROOF_ISA"] = each.name
            for case in itertools.product(NETS, LOSSES, BATCH_SIZES, POPULATIONS, ROW_CHOICES):
                digests[f"{each.name}: {case}"] = digest(*case)
    print(json.dumps(digests))


def digest(net: str, loss: str, batch_size: int, members: int, rows: str) -> str:
    """All bits of one training, as a hash."""
    import hashlib

    import numpy as np

    from tailproof.engines.interface import Member, Optimisation, TrainingJob
    from tailproof.engines.lanes import Population
    from tailproof.models.spec import robust_financial_net
    from tailproof.objectives.objective import Objective

    rng = np.random.default_rng(members)
    total = ROWS + VALIDATION_ROWS
    outputs = len(LOSSES[loss].get("quantiles", (0.5,)))
    spec = robust_financial_net(dropout_rate=0.1, outputs=outputs, **NETS[net])
    job = TrainingJob(
        spec=spec,
        objective=Objective(**LOSSES[loss]),
        optimisation=Optimisation(
            epochs=2,
            batch_size=batch_size,
            warmup_steps=5,
            schedule="cosine",
            max_grad_norm=1.0,
            patience=0,
            log_interval=7,
        ),
        members=tuple(
            Member(
                seed=m, learning_rate=1e-2 / (1 + m % 3), weight_decay=0.1 * (m % 2), dropout_rate=DROPOUT_RATES[m % 4]
            )
            for m in range(members)
        ),
        seed=0,
        x_NF=rng.normal(size=(total, spec.inputs)).astype(np.float32),
        y_NT=rng.random((total, 1)).astype(np.float32),
        train=range(ROWS),
        validation=range(ROWS, total),
        weight_N=rng.uniform(0.5, 2.0, size=total).astype(np.float32) if batch_size % 2 else None,
    )
    population = Population(job, threads=1, row_offset_M=[7 * m for m in range(members)] if rows == "own" else None)
    bits = hashlib.sha256()
    loss_M, gradient = population.batch_gradient(np.arange(batch_size), step=3)
    arrays = [loss_M, *gradient.values()]
    while population.epoch <= 2:
        records = population.train_steps(100)
        arrays += [records.loss_sum_SM, records.norm_sum_SM, records.norm_max_SM, records.applied_SM]
    state = population.state()
    arrays += [state.parameters_MP, state.first_moment_MP, state.second_moment_MP, state.applied_M, state.trail_MK]
    arrays += [population.outputs(members, slice(0, total)), population.validation_loss()]
    for array in arrays:
        bits.update(np.ascontiguousarray(array).tobytes())
    return bits.hexdigest()


def main() -> int:
    """Print how many trainings were compared, and which differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path)
    sources = (parser.parse_args().other.resolve(), ROOT / "src")
    found = []
    for source in sources:
        command = [sys.executable, "-c", CHILD, str(source), str(ROOT)]
        found.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))
    differing = [name for name in found[0].keys() | found[1].keys() if found[0].get(name) != found[1].get(name)]
    print_json({"trainings": len(found[1]), "differing": sorted(differing)})
    return bool(differing)


if __name__ == "__main__":
    sys.exit(main())
