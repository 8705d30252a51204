"""How a worker builds the engine that another process has, and how it knows that its bits will be the same."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

from tailproof.core.errors import WorkerError
from tailproof.engines.interface import Engine, TrainingJob


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """An engine in words."""

    name: str
    device: str
    """Kind of device, without a number: each worker takes its own."""
    rests_on: dict[str, str]
    """What decides the bits of a fit beside the job."""


def recipe_of(engine: Engine, job: TrainingJob) -> Recipe:
    """The recipe of an engine for a job."""
    arithmetic = engine.arithmetic(job)
    device = arithmetic.get("device", "cpu").partition(":")[0]
    packages = ("tailproof", "numpy", "torch") if engine.name == "torch" else ("tailproof", "numpy")
    rests_on = {name: version(name) for name in packages} | arithmetic
    return Recipe(
        name=engine.name, device=device, rests_on=rests_on | ({"device": device} if "device" in arithmetic else {})
    )


def engine_of(recipe: Recipe, job: TrainingJob, *, threads: int, device_number: int) -> Engine:
    """The engine in this process.

    Args:
        recipe: of the process that asks.
        job: what is to be trained.
        threads: of the lanes engine; torch takes as many as the process that asks, since they share sums.
        device_number: of the accelerator to take, where the recipe names one.

    Raises:
        ConfigError: the device is not there.
        WorkerError: fits here would not have the bits of fits there; every difference is named.
    """
    engine = _build(recipe, threads=threads, device_number=device_number)
    here = recipe_of(engine, job).rests_on
    differences = [
        f"{name}: {recipe.rests_on.get(name, 'none')} there, {here.get(name, 'none')} here"
        for name in {**recipe.rests_on, **here}
        if recipe.rests_on.get(name) != here.get(name)
    ]
    if differences:
        raise WorkerError(
            f"all workers must have what decides the bits of a result as the process has that asks them, however: "
            f"{'; '.join(differences)}. Install the same versions everywhere, and take machines of one kind "
            "(see tailproof doctor)."
        )
    return engine


def _build(recipe: Recipe, *, threads: int, device_number: int) -> Engine:
    if recipe.name == "lanes":
        from tailproof.engines.lanes import LanesEngine

        return LanesEngine(threads=threads)
    from tailproof.engines.torch import TorchEngine
    from tailproof.engines.torch.threads import share_sums

    if recipe.device == "cpu":
        share_sums(int(recipe.rests_on["torch threads"]))
        return TorchEngine(device="cpu")
    return TorchEngine(device=f"{recipe.device}:{device_number}")
