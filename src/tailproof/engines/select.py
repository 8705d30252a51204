"""Which engine trains a job: the one that was asked for, or the fastest available one, measured on the job itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from importlib.util import find_spec

from tailproof.arrays.ranges import ceil_div
from tailproof.core.counted import counted
from tailproof.core.errors import ConfigError, UnsupportedNetError
from tailproof.core.extras import extra
from tailproof.core.fit import Event
from tailproof.core.surface import setting
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.engines.spike_rule import SpikeRule
from tailproof.models.network import EngineName
from tailproof.settings.running_settings import PrecisionChoice

MIN_SECONDS = 0.1
"""Seconds that a measured stretch of steps must last."""


@dataclass(frozen=True, kw_only=True)
class EngineChoice:
    """An engine and the line that states why it was chosen."""

    engine: Engine
    reason: str


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An engine that could train the job."""

    engine: Engine
    description: str
    """Name of the candidate, such as ``torch on cuda:0``."""


@dataclass(frozen=True, kw_only=True)
class SoundDevices:
    """The devices that ``auto`` may take, and a sentence about each of the others."""

    names: tuple[str, ...]
    findings: tuple[str, ...] = ()


FindSound = Callable[[Sequence[str]], SoundDevices]
"""Tells those among some accelerators that may be taken."""
RateOf = Callable[[Engine, TrainingJob], float]
"""Model-steps a second of an engine on a job."""


def choose_engine(
    job: TrainingJob,
    *,
    name: str,
    device: str,
    threads: int | None,
    precision: PrecisionChoice = "auto",
    share_devices: bool = True,
    seconds_per_call: float | None = None,
    rate_of: RateOf | None = None,
    accelerators: Sequence[str] | None = None,
    find_sound: FindSound | None = None,
) -> EngineChoice:
    """The engine for a job.

    Args:
        job: what will be trained; ``auto`` measures on it.
        name: ``lanes``, ``torch``, or ``auto``, which trains the job for a moment with everything that is there and
            takes the fastest; where torch is not installed, that is lanes.
        device: torch device; ``auto`` is all accelerators that torch sees, or the CPU where there is none.
        threads: threads of the lanes engine; None takes all there are.
        precision: of torch's products.
        share_devices: whether several accelerators may share the members; else the first one is taken.
        seconds_per_call: of the lanes engine; changes no result.
        rate_of: measures an engine on the job; by default for a moment, see ``measured_rate``.
        accelerators: names of those that are there; by default all that torch sees.
        find_sound: which of them ``auto`` may measure, lest one that hangs hang the run; by default all. The others
            are named in the reason.

    Raises:
        ConfigError: the device is not there, or every engine failed.
        UnsupportedNetError: lanes was asked for and cannot run the network.
    """
    if name == "lanes":
        lanes = _lanes(threads, seconds_per_call)
        return EngineChoice(engine=lanes.engine, reason=f"Engine: {lanes.description}, as asked.")
    if name == "auto" and device in ("auto", "cpu") and not is_torch_installed():
        lanes = _lanes(threads, seconds_per_call)
        return EngineChoice(engine=lanes.engine, reason=f"Engine: {lanes.description}; torch is not installed.")
    is_named = name == "torch" or device not in ("auto", "cpu")
    sound = SoundDevices(names=tuple(_accelerators(device) if accelerators is None else accelerators))
    if sound.names and find_sound is not None and not is_named:
        sound = find_sound(sound.names)
    on_devices = torch_candidates(device, sound.names, precision=precision, share_devices=share_devices)
    if is_named:
        taken = on_devices[-1]
        why = "as asked" if name == "torch" else "since the device was named"
        return EngineChoice(engine=taken.engine, reason=f"Engine: {taken.description}, {why}.")
    choice = fastest(job, [_lanes(threads, seconds_per_call), *on_devices], rate_of=rate_of)
    return replace(choice, reason=" ".join([choice.reason, *(f"{finding}." for finding in sound.findings)]))


def is_torch_installed() -> bool:
    """Whether the torch engine is available; torch itself is not imported."""
    return find_spec("torch") is not None


def torch_candidates(
    device: str, accelerators: Sequence[str], *, precision: PrecisionChoice, share_devices: bool
) -> list[Candidate]:
    """Torch on the named device; for ``auto`` on each accelerator, and on all of them at once where members are shared.

    The last one uses the most devices; for ``auto`` without any accelerator it is the CPU.

    Raises:
        ConfigError: the device is not there, or torch is not installed.
    """
    with _needs_torch(device):
        from tailproof.engines.torch import TorchEngine

    usable = list(accelerators) if device == "auto" else []
    names = usable if usable and share_devices else usable[:1] or [device if device != "auto" else "cpu"]
    engines = [TorchEngine(device=each, precision=precision) for each in names]
    single = [
        Candidate(engine=engine, description=f"torch on {engine.device} ({engine.precision})") for engine in engines
    ]
    if len(engines) < 2:
        return single
    from tailproof.engines.distributed.device_pool import over_devices

    shared = Candidate(
        engine=over_devices(engines), description=f"torch on {' and '.join(names)} ({engines[0].precision})"
    )
    return [*single, shared]


def _accelerators(device: str) -> list[str]:
    """All that torch sees, where the device is left to the program."""
    if device != "auto":
        return []
    with _needs_torch(device):
        from tailproof.engines.torch.device import visible_accelerators
    return visible_accelerators()


def _needs_torch(device: str) -> AbstractContextManager[None]:
    needed_by = setting("engine", "torch") if device in ("auto", "cpu") else setting("device", device)
    return extra("torch", needed_by=needed_by)


def fastest(job: TrainingJob, candidates: Sequence[Candidate], *, rate_of: RateOf | None = None) -> EngineChoice:
    """The candidate with the most model-steps a second on the job; the reason states every rate.

    One that cannot run the network, or fails while it is measured, is named with its error and not taken.

    Raises:
        ConfigError: all have failed.
    """
    rate_of = rate_of or measured_rate
    rates: list[tuple[float, Candidate]] = []
    findings = []
    for candidate in candidates:
        try:
            rate = rate_of(candidate.engine, job)
        except (UnsupportedNetError, RuntimeError) as error:
            findings.append(f"{candidate.description} cannot: {str(error).strip().splitlines()[0].rstrip('.')}")
            continue
        rates.append((rate, candidate))
        findings.append(f"{candidate.description} ran {rate:,.0f} model-steps/s")
    if not rates:
        raise ConfigError(f"no engine can train this job. {'; '.join(findings)}. See tailproof doctor --self-test.")
    _, best = max(rates, key=lambda pair: pair[0])
    return EngineChoice(
        engine=best.engine,
        reason=f"Engine: {best.description}, the fastest of what is here for this job: {'; '.join(findings)}.",
    )


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
        return _lanes(threads).engine
    with extra("torch", needed_by="a network that torch trained"):
        from tailproof.engines.torch import TorchEngine

    return TorchEngine(device=device)


def measured_rate(engine: Engine, job: TrainingJob) -> float:
    """Model-steps a second on the job's own rows, batch and members; the job itself is left untouched.

    If the engine trains members in turn, one member is measured: all take as long. The first step is not counted, as
    it wakes the engine up; then steps are doubled until they last a tenth of a second.
    """
    if engine.trains_in_turn:
        job = replace(job, members=job.members[:1], start=None)
    steps, members = 1, len(job.members)
    most = ceil_div(len(job.train), job.optimisation.batch_size)
    _seconds(engine, job, steps=1)
    while True:
        seconds = _seconds(engine, job, steps=steps)
        if seconds >= MIN_SECONDS or steps >= most:
            return steps * members / seconds
        steps = min(most, max(2 * steps, int(steps * 1.2 * MIN_SECONDS / seconds) if steps > 8 else 0))


def _seconds(engine: Engine, job: TrainingJob, *, steps: int) -> float:
    rows = min(len(job.train), steps * job.optimisation.batch_size)
    brief = replace(
        job,
        train=job.train[:rows],
        validation=range(0),
        optimisation=replace(
            job.optimisation,
            epochs=1,
            patience=0,
            log_interval=steps,
            max_skipped_share=1.0,
            spikes=SpikeRule(limit=0.0),
        ),
    )
    return engine.fit(brief, on_event=_ignore).history[0].seconds


def _ignore(event: Event) -> None:
    """Ignore an event of the measured stretch, which trains nobody's network."""
    del event


def _lanes(threads: int | None, seconds_per_call: float | None = None) -> Candidate:
    from tailproof.engines.lanes import LanesEngine
    from tailproof.engines.lanes.instruction_sets import chosen_instruction_set

    engine = LanesEngine(threads=threads, seconds_per_call=seconds_per_call)
    threads_used = counted(engine.threads, "thread")
    return Candidate(engine=engine, description=f"lanes ({chosen_instruction_set()}, {threads_used})")
