"""The identity of a run before it trains: its data, its settings, and the fingerprint of its inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tailproof.core.codec import to_tree
from tailproof.runs.prepared_run import PreparedRun
from tailproof.runs.run_fingerprint import RunFingerprint, run_fingerprint
from tailproof.runs.training_engine import TrainingEngine
from tailproof.storage.files import config_record
from tailproof.storage.ledger import Trial
from tailproof.walkforward import trial_of


@dataclass(frozen=True, kw_only=True)
class RunIdentity:
    """The data and settings that a run begins with."""

    source: str
    """The source of the bars."""
    trial: Trial
    """The run's line in the ledger, before it has a result."""
    make_fingerprint: Callable[[], RunFingerprint]
    """The fingerprint; it takes a pass over the rows, so it is called only to store or resume a checkpoint."""
    config: Mapping[str, Any]
    """training_config.json."""
    own_features: bytes | None
    """The user's file of features; read before the folder is made, since it may lie in the run that is replaced."""
    model_steps: int


def run_identity(ready: PreparedRun, engine: TrainingEngine) -> RunIdentity:
    """The identity of a run that is prepared, trained by an engine."""
    bars, settings, job, own = ready.bars, ready.settings, ready.shipped.job, ready.own.record
    own_path = settings.features.feature_file
    trial = trial_of(bars, {**settings.deciding(), **own})
    return RunIdentity(
        source=bars.source,
        trial=trial,
        make_fingerprint=lambda: run_fingerprint(
            bars, ready.design, settings, engine.engine, job, data=trial.data, own=own
        ),
        config={
            **config_record(
                settings.options("json"),
                job.spec,
                engine=engine.engine.name,
                engine_choice=engine.reason,
                engine_used=to_tree(engine.used),
                bars=bars,
                fingerprint=trial.data,
            ),
            **own,
        },
        own_features=None if own_path is None else own_path.read_bytes(),
        model_steps=ready.plan.model_steps(settings.optimisation, members=settings.population.members),
    )
