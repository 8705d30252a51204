"""Which engine trains a job: the one that was asked for, or the fastest available one, measured on the job itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tailproof.arrays.ranges import ceil_div
from tailproof.core.errors import ConfigError, UnsupportedNetError
from tailproof.core.extras import extra
from tailproof.core.fit import Event
from tailproof.engines.candidates import (
    Candidate,
    is_torch_installed,
    on_lanes,
    torch_candidates,
    visible_devices,
)
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.engines.spike_rule import SpikeRule
from tailproof.models.network import EngineName
from tailproof.settings.running_settings import PrecisionChoice

MIN_SECONDS = 0.1
"""Seconds that a measured stretch of steps must last."""
MIN_SECONDS_TO_COMPILE = 600.0
"""Seconds that a run must last, at the rate measured, for its steps to be compiled on trial. Compiling takes up to a
minute (benchmarks/compiled_steps.py), so that a trial which comes to nothing costs such a run a tenth at most."""
ALL_MUST_BE_SOUND = "Several processes take the devices by their numbers, so that none was taken"


@dataclass(frozen=True, kw_only=True)
class EngineUsed:
    """Everything that must be as it was for a stopped run to go on with the same engine."""

    name: EngineName
    devices: tuple[str, ...] = ()
    """Torch's names of the devices that shared the members; none of the lanes engine."""
    compiled: bool = False
    """Whether torch compiled the steps."""


@dataclass(frozen=True, kw_only=True)
class EngineChoice:
    """An engine and the line that states why it was chosen."""

    engine: Engine
    reason: str
    used: EngineUsed


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
    model_steps: int | None = None,
    stored: EngineUsed | None = None,
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
        share_devices: whether several accelerators may share the members; else each process takes one.
        seconds_per_call: of the lanes engine; changes no result.
        model_steps: of the whole run, which decides whether steps are compiled on trial; None counts those of the job.
        stored: what a stopped run used, which goes on with it where ``name`` and ``device`` leave it open.
        rate_of: measures an engine on the job; by default for a moment, see ``measured_rate``.
        accelerators: names of those that are there; by default all that torch sees.
        find_sound: which of them ``auto`` may measure, lest one that hangs hang the run; by default all. The others
            are named in the reason.

    Raises:
        ConfigError: the device is not there, or every engine failed.
        UnsupportedNetError: lanes was asked for and cannot run the network.
    """
    rate_of = rate_of or measured_rate
    if stored is not None and name == "auto":
        name = stored.name
    if name == "lanes":
        return _choice(on_lanes(threads, seconds_per_call), "as asked")
    if name == "auto" and device in ("auto", "cpu") and not is_torch_installed():
        lanes = on_lanes(threads, seconds_per_call)
        return replace(_choice(lanes, ""), reason=f"Engine: {lanes.description}; torch is not installed.")
    if stored is not None and stored.devices and device == "auto":
        accelerators = stored.devices
    is_named = name == "torch" or device not in ("auto", "cpu")
    sound = SoundDevices(names=tuple(visible_devices(device) if accelerators is None else accelerators))
    if sound.names and find_sound is not None and not is_named:
        sound = find_sound(sound.names)
        if sound.findings and not share_devices:
            sound = SoundDevices(names=(), findings=(*sound.findings, ALL_MUST_BE_SOUND))
    on_devices = torch_candidates(device, sound.names, precision=precision, share_devices=share_devices)
    steps = model_steps or len(job.members) * job.steps_per_epoch * job.optimisation.epochs
    if is_named:
        why = "as asked" if name == "torch" else "since the device was named"
        return _on_named(job, on_devices[-1], why, stored=stored, model_steps=steps, rate_of=rate_of)
    candidates = [on_lanes(threads, seconds_per_call), *on_devices]
    choice = fastest(job, candidates, model_steps=steps, rate_of=rate_of)
    return replace(choice, reason=" ".join([choice.reason, *(f"{finding}." for finding in sound.findings)]))


def _choice(taken: Candidate, why: str) -> EngineChoice:
    compiled = any(engine.steps_are_compiled for engine in taken.torch_engines)
    used = EngineUsed(name=taken.engine.name, devices=taken.devices, compiled=compiled)
    return EngineChoice(engine=taken.engine, reason=f"Engine: {taken.description}, {why}.", used=used)


def _on_named(
    job: TrainingJob, taken: Candidate, why: str, *, stored: EngineUsed | None, model_steps: int, rate_of: RateOf
) -> EngineChoice:
    """The engine that was asked for; whether its steps are compiled is measured, or as it was in the stopped run."""
    if not taken.compiles:
        return _choice(taken, why)
    if stored is not None:
        return _choice(taken.compiled() if stored.compiled else taken, f"{why}, as before the run was stopped")
    rate = rate_of(taken.engine, job)
    found = f"it ran {rate:,.0f} model-steps/s{taken.uncaptured}"
    kept, finding = _compiled_where_faster(job, taken, rate, model_steps=model_steps, rate_of=rate_of)
    return _choice(kept, "; ".join([f"{why}: {found}", *finding]))


def _compiled_where_faster(
    job: TrainingJob, taken: Candidate, rate: float, *, model_steps: int, rate_of: RateOf
) -> tuple[Candidate, list[str]]:
    """The candidate, with compiled steps where these are faster on the job, and what was found.

    Nothing is compiled, nor said of it, where the run is too short for it to pay.
    """
    if not taken.compiles or model_steps / rate < MIN_SECONDS_TO_COMPILE:
        return taken, []
    compiled = taken.compiled()
    try:
        compiled_rate = rate_of(compiled.engine, job)
    except Exception as error:  # whatever a compiler raises: the run goes on without it, and its log says why
        return taken, [f"its steps cannot be compiled: {_first_line(error)}"]
    finding = f"{compiled.description} ran {compiled_rate:,.0f} model-steps/s{compiled.uncaptured}"
    return compiled if compiled_rate > rate else taken, [finding]


def fastest(
    job: TrainingJob, candidates: Sequence[Candidate], *, model_steps: int = 0, rate_of: RateOf | None = None
) -> EngineChoice:
    """The candidate with the most model-steps a second on the job; the reason states every rate.

    Steps of the fastest are compiled on trial where ``model_steps`` of them last long enough.

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
            findings.append(f"{candidate.description} cannot: {_first_line(error)}")
            continue
        rates.append((rate, candidate))
        findings.append(f"{candidate.description} ran {rate:,.0f} model-steps/s{candidate.uncaptured}")
    if not rates:
        raise ConfigError(f"no engine can train this job. {'; '.join(findings)}. See tailproof doctor --self-test.")
    rate, best = max(rates, key=lambda pair: pair[0])
    kept, finding = _compiled_where_faster(job, best, rate, model_steps=model_steps, rate_of=rate_of)
    return _choice(kept, f"the fastest of what is here for this job: {'; '.join([*findings, *finding])}")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


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
        return on_lanes(threads).engine
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
