"""Which engine trains a job: the one that was asked for, or the faster of both on the job itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tailproof.arrays.ranges import ceil_div
from tailproof.core.errors import UnsupportedNetError
from tailproof.core.fit import Event
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.models.network import EngineName

LONG_ENOUGH = 0.1
"""Seconds that a measured stretch of steps must last."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An engine and the line that says why it was taken."""

    engine: Engine
    reason: str


def choose_engine(job: TrainingJob, *, name: str, device: str, threads: int | None) -> Choice:
    """The engine for a job.

    Args:
        job: what will be trained; ``auto`` measures on it.
        name: ``lanes``, ``torch``, or ``auto``, which trains the job for a moment with both and takes the faster one.
            An accelerator (or any device but the CPU) leaves only torch.
        device: torch device.
        threads: threads of the lanes engine; None takes all there are.

    Raises:
        ConfigError: the device is not there.
        UnsupportedNetError: lanes was asked for and cannot run the network.
    """
    if name == "lanes":
        engine = _lanes(threads)
        return Choice(engine=engine, reason=f"Engine: lanes ({_describe_lanes(engine)}), as asked.")
    from tailproof.engines.torch import TorchEngine

    torch_engine = TorchEngine(device=device)
    if name == "torch" or torch_engine.device.type != "cpu":
        why = "as asked" if name == "torch" else "the lanes engine runs on the CPU only"
        return Choice(engine=torch_engine, reason=f"Engine: torch on {torch_engine.device}, {why}.")
    return _faster(job, _lanes(threads), torch_engine)


def engine_named(name: EngineName, *, device: str, threads: int | None) -> Engine:
    """An engine by its name.

    Args:
        name: of the engine.
        device: of torch; the lanes engine runs on the CPU.
        threads: of the lanes engine; None takes all there are.

    Raises:
        ConfigError: the device is not there.
    """
    if name == "lanes":
        return _lanes(threads)
    from tailproof.engines.torch import TorchEngine

    return TorchEngine(device=device)


def _faster(job: TrainingJob, lanes: Engine, torch_engine: Engine) -> Choice:
    try:
        lanes_rate = measured_rate(lanes, job)
    except UnsupportedNetError as error:
        return Choice(engine=torch_engine, reason=f"Engine: torch on cpu ({error}).")
    torch_rate = measured_rate(torch_engine, replace(job, members=job.members[:1]))
    engine = lanes if lanes_rate > torch_rate else torch_engine
    return Choice(
        engine=engine,
        reason=f"Engine: {engine.name}, the faster for this job: lanes ({_describe_lanes(lanes)}) ran "
        f"{lanes_rate:,.0f} model-steps/s, torch on the CPU {torch_rate:,.0f}.",
    )


def measured_rate(engine: Engine, job: TrainingJob) -> float:
    """Model-steps a second on the job's own rows, batch and members; the job itself is left untouched.

    The first step is not counted, as it wakes the engine up; then steps are doubled until they last a tenth of a
    second.
    """
    steps, members = 1, len(job.members)
    most = ceil_div(len(job.train), job.optimisation.batch_size)
    _seconds(engine, job, steps=1)
    while True:
        seconds = _seconds(engine, job, steps=steps)
        if seconds >= LONG_ENOUGH or steps >= most:
            return steps * members / seconds
        steps = min(most, max(2 * steps, int(steps * 1.2 * LONG_ENOUGH / seconds) if steps > 8 else 0))


def _seconds(engine: Engine, job: TrainingJob, *, steps: int) -> float:
    rows = min(len(job.train), steps * job.optimisation.batch_size)
    brief = replace(
        job,
        train=job.train[:rows],
        validation=range(0),
        optimisation=replace(job.optimisation, epochs=1, patience=0, log_interval=steps, max_skipped_share=1.0),
    )
    return engine.fit(brief, on_event=_ignore).history[0].seconds


def _ignore(event: Event) -> None:
    """The measured stretch is nobody's training: its events go nowhere."""
    del event


def _lanes(threads: int | None) -> Engine:
    from tailproof.engines.lanes import LanesEngine

    return LanesEngine(threads=threads)


def _describe_lanes(engine: Engine) -> str:
    from tailproof.engines.lanes import LanesEngine
    from tailproof.engines.lanes.instruction_sets import chosen_instruction_set

    assert isinstance(engine, LanesEngine)
    plural = "s" if engine.threads > 1 else ""
    return f"{chosen_instruction_set()}, {engine.threads} thread{plural}"
