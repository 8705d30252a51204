"""Whether a device computes what it should, tried in a process of its own: one that hangs is an answer too."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tailproof.core.codec import from_tree, to_tree
from tailproof.core.randomness import generator
from tailproof.engines.interface import Engine, Member, Optimisation, TrainingJob
from tailproof.models.initialise import initial_population
from tailproof.models.spec import robust_financial_net
from tailproof.objectives import Objective

MAX_PRODUCT_DIFFERENCE = 1e-3
"""Largest error of products and norms of numbers near 1 against double precision; a device may round to 10 bits."""
MAX_WEIGHT_DIFFERENCE = 1e-2
"""Largest distance of 64 networks after 80 steps from those of the lanes engine, as a share of their way. AdamW
magnifies the rounding of gradients near 0; a wrong formula differs by a good part of the way."""
SECONDS_TO_END = 5.0
"""How long a killed process is waited for."""
VARIABLES = {
    "CUDA_VISIBLE_DEVICES": "the NVIDIA devices that programs see, by number",
    "HIP_VISIBLE_DEVICES": "the AMD devices that programs see, by number; leave out an integrated one beside others",
    "PYTORCH_ROCM_ARCH": "the AMD architectures that kernels are built for",
    "HSA_OVERRIDE_GFX_VERSION": "the AMD architecture that a device is taken for",
    "PYTORCH_CUDA_ALLOC_CONF": "how torch hands out memory of NVIDIA devices",
    "PYTORCH_HIP_ALLOC_CONF": "how torch hands out memory of AMD devices",
    "ATEN_CPU_CAPABILITY": "the instruction set of torch's CPU kernels",
    "TAILPROOF_ISA": "the instruction set of the lanes engine",
}
"""Environment variables that decide what trains, and what each does."""


@dataclass(frozen=True, kw_only=True)
class DeviceReport:
    """The results of a device on small tasks with known answers."""

    device: str
    name: str
    integrated: bool
    """Whether it shares its memory with the processor; ROCm has hung on such devices beside others."""
    memory_bytes: int | None
    """Free memory of the device; None for the CPU."""
    product_difference: float
    """Largest difference of a matrix product from that in double precision."""
    norm_difference: float
    """Largest difference of a LayerNorm from that in double precision."""
    keeps_nan: bool
    """Whether a NaN passes through a product and a ReLU, and is found."""
    weight_difference: float
    """Distance of 64 networks, trained in single precision, from those of the lanes engine: RMS, as a share of the
    way that these had gone."""
    largest_difference: float
    """The largest difference of one of their weights."""
    rate: float
    """Model-steps a second of 64 networks, in the precision that is the device's default."""
    precision: str
    lanes_rate: float
    """Model-steps a second of the lanes engine on the CPU."""

    @property
    def faults(self) -> tuple[str, ...]:
        """The faults found, one sentence each."""
        checks = (
            (self.product_difference <= MAX_PRODUCT_DIFFERENCE, f"a product is off by {self.product_difference:.1e}"),
            (self.norm_difference <= MAX_PRODUCT_DIFFERENCE, f"a LayerNorm is off by {self.norm_difference:.1e}"),
            (self.keeps_nan, "a NaN is lost"),
            (
                self.weight_difference <= MAX_WEIGHT_DIFFERENCE,
                f"trained weights are off by {self.weight_difference:.1%} of their way",
            ),
        )
        return tuple(fault for holds, fault in checks if not holds)


@dataclass(frozen=True, kw_only=True)
class SelfTest:
    """The outcome of one device's test."""

    device: str
    seconds: float
    report: DeviceReport | None
    failure: str | None
    """How the test process ended, where there is no report."""

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with the device; nothing where it can be trusted."""
        return (str(self.failure),) if self.report is None else self.report.faults


def run_self_test(device: str, *, max_seconds: float) -> SelfTest:
    """Try a device in a process of its own, which is killed after ``max_seconds``."""
    child = _in_child([device], max_seconds=max_seconds, who="the device or its driver")
    report = None if child.tree is None else from_tree(child.tree, DeviceReport)
    return SelfTest(device=device, seconds=child.seconds, report=report, failure=child.failure)


@dataclass(frozen=True, kw_only=True)
class AllReduce:
    """The outcome of a sum over devices: those that are sound alone may hang together."""

    seconds: float | None
    failure: str | None


def run_all_reduce(devices: Sequence[str], *, max_seconds: float) -> AllReduce:
    """Time ``timed_all_reduce`` in a process of its own, which is killed after ``max_seconds``."""
    child = _in_child(devices, max_seconds=max_seconds, who="the path between the devices")
    return AllReduce(seconds=None if child.tree is None else child.tree["seconds"], failure=child.failure)


@dataclass(frozen=True, kw_only=True)
class _Child:
    tree: dict[str, Any] | None
    failure: str | None
    seconds: float


def _in_child(devices: Sequence[str], *, max_seconds: float, who: str) -> _Child:
    started = time.monotonic()
    command = [sys.executable, "-m", "tailproof.engines.self_test", *devices]
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as error:
        process = subprocess.Popen(command, stdout=output, stderr=error)
        try:
            code = process.wait(max_seconds)
        except subprocess.TimeoutExpired:
            failure = f"no answer within {max_seconds:.0f} s: {who} hangs"
            return _Child(tree=None, failure=failure, seconds=max_seconds)
        finally:
            if process.poll() is None:
                _kill(process)
        seconds = time.monotonic() - started
        output.seek(0)
        error.seek(0)
        if code:
            lines = error.read().strip().splitlines() or [f"exit code {code}"]
            return _Child(tree=None, failure=lines[-1], seconds=seconds)
        return _Child(tree=json.loads(output.read().splitlines()[-1]), failure=None, seconds=seconds)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process; one that waits inside its driver outlives that, and is not waited for."""
    process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(SECONDS_TO_END)


def timed_all_reduce(devices: Sequence[str], *, megabytes: int = 16) -> float:
    """Seconds in which a vector of so many megabytes is summed over all devices and sent back to each.

    Raises:
        RuntimeError: the sum is wrong on a device.
    """
    import torch

    def wait() -> None:
        for device in devices:
            if device.startswith("cuda"):
                torch.cuda.synchronize(device)

    parts = [torch.ones(megabytes << 18, device=device) for device in devices]
    for _ in range(2):  # the first one opens the paths between devices
        wait()
        started = time.perf_counter()
        total = parts[0].clone()
        for part in parts[1:]:
            total += part.to(total.device)
        copies = [total.to(device) for device in devices]
        wait()
        seconds = time.perf_counter() - started
    if not all(bool((copy == len(devices)).all()) for copy in copies):
        raise RuntimeError(f"a sum over {' and '.join(devices)} is wrong")
    return seconds


def _report(device: str) -> DeviceReport:
    from tailproof.engines.lanes import LanesEngine
    from tailproof.engines.select import measured_rate
    from tailproof.engines.torch import TorchEngine

    lanes, job = LanesEngine(), _job()
    single = TorchEngine(device=device, precision="fp32", together=True)
    default = TorchEngine(device=device, together=True)
    product, norm, keeps_nan = _kernels(device)
    weight_difference, largest_difference = _weight_differences(single, lanes, job)
    name, integrated, memory = _properties(device)
    return DeviceReport(
        device=device,
        name=name,
        integrated=integrated,
        memory_bytes=memory,
        product_difference=product,
        norm_difference=norm,
        keeps_nan=keeps_nan,
        weight_difference=weight_difference,
        largest_difference=largest_difference,
        rate=measured_rate(default, job),
        precision=default.precision,
        lanes_rate=measured_rate(lanes, job),
    )


def _kernels(device: str) -> tuple[float, float, bool]:
    import torch
    from torch.nn import functional

    rng = np.random.default_rng(0)
    a_MNI, b_MIO = rng.normal(size=(8, 33, 65)) / 8.0, rng.normal(size=(8, 65, 17))
    a, b = (torch.tensor(value, dtype=torch.float32, device=device) for value in (a_MNI, b_MIO))
    product = float(np.abs(torch.bmm(a, b).cpu().numpy() - a_MNI @ b_MIO).max())
    centred = a_MNI - a_MNI.mean(axis=-1, keepdims=True)
    expected = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
    norm = float(np.abs(functional.layer_norm(a, (65,)).cpu().numpy() - expected).max())
    a[0, 0, 0] = float("nan")
    passed = torch.isnan(functional.relu(torch.bmm(a, b)))
    return product, norm, bool(passed[0, 0].all()) and int(passed.sum()) == 17


def _properties(device: str) -> tuple[str, bool, int | None]:
    import torch

    if not device.startswith("cuda"):
        return device, False, None
    properties = torch.cuda.get_device_properties(device)
    free, _ = torch.cuda.mem_get_info(device)
    return properties.name, bool(getattr(properties, "is_integrated", False)), int(free)


def _weight_differences(engine: Engine, lanes: Engine, job: TrainingJob) -> tuple[float, float]:
    """RMS distance of the trained weights as a share of their way, and the largest of a weight."""
    start = initial_population(job.spec, [generator(member.seed, "initial weights") for member in job.members])
    mine, theirs = (each.fit(job, on_event=lambda _: None).final_parameters for each in (engine, lanes))
    off, way = (
        sum(float(((after[name] - before[name]) ** 2).sum()) for name in theirs)
        for after, before in ((mine, theirs), (theirs, start))
    )
    largest = max(float(np.abs(mine[name] - theirs[name]).max()) for name in theirs)
    return float(np.sqrt(off / way)), largest


def _job() -> TrainingJob:
    """64 networks of the default shape, 80 steps of 16 rows."""
    rng = np.random.default_rng(1)
    x_NF = rng.normal(size=(1280, 5)).astype(np.float32)
    y_N1 = (1.0 / (1.0 + np.exp(-x_NF[:, :1]))).astype(np.float32)
    member = Member(seed=0, learning_rate=1e-3, weight_decay=0.01, dropout_rate=0.1)
    return TrainingJob(
        spec=robust_financial_net(inputs=5, hidden_dims=(16, 8), dropout_rate=0.1),
        objective=Objective(),
        optimisation=Optimisation(
            epochs=1,
            batch_size=16,
            warmup_steps=10,
            schedule="constant",
            max_grad_norm=1.0,
            patience=0,
            log_interval=80,
        ),
        members=tuple(replace(member, seed=seed) for seed in range(64)),
        seed=0,
        x_NF=x_NF,
        y_NT=y_N1,
        train=range(1280),
        validation=range(0),
    )


if __name__ == "__main__":
    _, *chosen = sys.argv
    print(json.dumps(to_tree(_report(*chosen)) if len(chosen) == 1 else {"seconds": timed_all_reduce(chosen)}))
