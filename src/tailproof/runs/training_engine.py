"""The engine that trains a run, in this process alone or in several."""

from __future__ import annotations

from dataclasses import dataclass

from tailproof.core.errors import ConfigError
from tailproof.core.surface import setting
from tailproof.engines.distributed import SpreadEngine, WorkerPool
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.engines.select import EngineUsed, choose_engine
from tailproof.runs.sound_devices import sound_devices
from tailproof.settings.running_settings import RunningSettings


@dataclass(frozen=True, kw_only=True)
class TrainingEngine:
    """An engine and the lines that state why it was chosen and which processes train."""

    engine: Engine
    reason: str
    used: EngineUsed
    lines: tuple[str, ...]


def training_engine(
    job: TrainingJob,
    running: RunningSettings,
    *,
    stored: EngineUsed | None,
    workers: WorkerPool | None,
    seconds_per_call: float | None = None,
    model_steps: int | None = None,
) -> TrainingEngine:
    """The engine for a job.

    Args:
        job: what will be trained.
        running: which engine, device and threads were asked for.
        stored: what the run that is resumed used; it is taken where ``auto`` was asked for.
        workers: processes that share the members; None trains all here.
        seconds_per_call: of the lanes engine, see ``Pace``.
        model_steps: of the whole run; None counts those of the job.

    Raises:
        ConfigError: the device is not there, or several processes were given the same one.
        UnsupportedNetError: lanes was asked for and cannot run the network.
    """
    if workers is not None and ":" in running.device:
        raise ConfigError(
            f"{setting('device')} must name a kind of device where several processes train, got "
            f"{running.device}: each process "
            f"takes its own. Give {setting('device', running.device.partition(':')[0])}."
        )
    choice = choose_engine(
        job,
        name=running.engine,
        device=running.device,
        threads=running.threads or (None if workers is None else workers.threads),
        precision=running.precision,
        share_devices=workers is None,
        seconds_per_call=seconds_per_call,
        model_steps=model_steps,
        stored=stored,
        find_sound=sound_devices,
    )
    if workers is None:
        return TrainingEngine(engine=choice.engine, reason=choice.reason, used=choice.used, lines=(choice.reason,))
    who_trains = workers.describe(choice.engine, job)
    return TrainingEngine(
        engine=SpreadEngine(choice.engine, workers),
        reason=choice.reason,
        used=choice.used,
        lines=(choice.reason, who_trains),
    )
