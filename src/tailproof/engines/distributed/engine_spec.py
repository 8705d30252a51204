"""How a worker builds the same engine as another process, and verifies that its bits will be the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

from tailproof.core.errors import WorkerError
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.models.network import EngineName, Precision


@dataclass(frozen=True, kw_only=True)
class EngineSpec:
    """An engine as data."""

    name: EngineName
    device: str
    """Kind of device, without a number: each worker takes its own."""
    precision: Precision
    numerics: dict[str, str]
    """Everything beside the job that decides the bits of a fit: package versions and the engine's own fingerprint."""


def spec_of(engine: Engine, job: TrainingJob) -> EngineSpec:
    """The specification of an engine for a job."""
    fingerprint = engine.numerics_fingerprint(job)
    device = fingerprint.get("device", "cpu").partition(":")[0]
    packages = ("tailproof", "numpy", "torch") if engine.name == "torch" else ("tailproof", "numpy")
    numerics = {name: version(name) for name in packages} | fingerprint
    return EngineSpec(
        name=engine.name,
        device=device,
        precision=engine.precision,
        numerics=numerics | ({"device": device} if "device" in fingerprint else {}),
    )


def build_engine(spec: EngineSpec, job: TrainingJob, *, threads: int, device_number: int) -> Engine:
    """The engine in this process.

    Args:
        spec: of the process that asks.
        job: the job to train.
        threads: of the lanes engine; torch takes as many as the process that asks, since they share sums.
        device_number: of the accelerator to take, where the specification names one.

    Raises:
        ConfigError: the device is not there.
        WorkerError: fits here would not have the bits of fits there; every difference is named.
    """
    engine = _built(spec, threads=threads, device_number=device_number)
    refuse_differences(spec.numerics, spec_of(engine, job).numerics)
    return engine


def refuse_differences(there: Mapping[str, str], here: Mapping[str, str]) -> None:
    """Raise WorkerError where two processes do not have in common what decides the bits of a result; all is named."""
    differences = [
        f"{name}: {there.get(name, 'none')} there, {here.get(name, 'none')} here"
        for name in {**there, **here}
        if there.get(name) != here.get(name)
    ]
    if differences:
        raise WorkerError(
            "every worker must have what decides the bits of a result in common with the process that asks it, but "
            f"they differ: {'; '.join(differences)}. Install the same versions everywhere, and take machines of one "
            "kind (see tailproof doctor)."
        )


def _built(spec: EngineSpec, *, threads: int, device_number: int) -> Engine:
    if spec.name == "lanes":
        from tailproof.engines.lanes import LanesEngine

        return LanesEngine(threads=threads)
    from tailproof.engines.torch import TorchEngine
    from tailproof.engines.torch.threads import share_sums

    compiled = spec.numerics.get("steps") == "compiled"
    if spec.device == "cpu":
        share_sums(int(spec.numerics["torch threads"]))
        return TorchEngine(device="cpu", precision=spec.precision, steps_are_compiled=compiled)
    device = f"{spec.device}:{device_number}"
    return TorchEngine(device=device, precision=spec.precision, steps_are_compiled=compiled)
