"""What one device does with populations: its self-test, and rates at several numbers of members beside lanes.

Prints one line of JSON. Run it through ``accelerator.sh``, which adds the default run and two processes.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace

import torch

from benchmarks import paper_job
from tailproof.core.codec import to_tree
from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes import LanesEngine
from tailproof.engines.select import measured_rate
from tailproof.engines.self_test import run_self_test
from tailproof.engines.torch import TorchEngine
from tailproof.engines.torch.device import visible_accelerators


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, nargs="+", default=[64, 1024, 16384])
    parser.add_argument("--compiled", type=int, default=1024, help="members whose steps are compiled too; 0 for none")
    parser.add_argument("--max-seconds", type=float, default=90.0, help="of a self-test")
    arguments = parser.parse_args()
    devices = visible_accelerators() or ["cpu"]
    result = {
        "torch": torch.__version__,
        "self_test": [to_tree(run_self_test(device, max_seconds=arguments.max_seconds)) for device in devices],
        "model_steps_per_second": {str(count): _rates(count, devices[0]) for count in arguments.members},
        "compiled": _compiled(arguments.compiled, devices[0]) if arguments.compiled else None,
    }
    print(json.dumps(result))


def _rates(members: int, device: str) -> dict[str, float]:
    """Rates of the benchmarks' own job with so many members: of lanes, and of the device in each precision."""
    job = _job(members)
    rates = {"lanes": measured_rate(LanesEngine(), job)}
    for precision in ("fp32", "bf16", "fp16"):
        engine = TorchEngine(device=device, precision=precision, together=True)
        try:
            rates[f"{device} {precision}"] = measured_rate(engine, job)
        except RuntimeError as error:  # such as a device without memory for so many members
            rates[f"{device} {precision}: {str(error).splitlines()[0]}"] = 0.0
    return rates


def _compiled(members: int, device: str) -> dict[str, float | str | int]:
    """Rates of eager and compiled steps in the device's own precision, and the seconds that compiling took."""
    job, eager = _job(members), TorchEngine(device=device, together=True)
    result: dict[str, float | str | int] = {"members": members, f"{eager.precision} eager": measured_rate(eager, job)}
    if eager.why_not_captured is not None:
        result["why not captured"] = eager.why_not_captured
    started = time.perf_counter()
    try:
        rate = measured_rate(eager.compiled(), job)
    except Exception as error:  # whatever a compiler raises
        return result | {"why not compiled": str(error).splitlines()[0]}
    return result | {
        f"{eager.precision} compiled": rate,
        "seconds of compiling and measuring": time.perf_counter() - started,
    }


def _job(members: int) -> TrainingJob:
    job = paper_job.training_job(members=members)
    return replace(job, train=job.train[: 16 * 4096], validation=range(0))


if __name__ == "__main__":
    main()
