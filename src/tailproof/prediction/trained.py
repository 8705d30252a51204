"""A finished run's model, whole again: features, scaling, members, and the way back from targets to returns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.numpy import load as load_safetensors

from tailproof.core.errors import ConfigError, RunFolderError
from tailproof.core.fit import Parameters
from tailproof.engines.interface import Engine
from tailproof.engines.select import engine_named
from tailproof.models.network import NETWORK, StoredNetwork, build_network
from tailproof.models.spec import NetSpec
from tailproof.scaling import RobustScaler
from tailproof.settings.train_settings import TrainSettings
from tailproof.statistics.stability_index import Stability
from tailproof.storage import verify
from tailproof.storage.run_folder import OWN_FEATURES
from tailproof.tasks import TASKS, TargetTransform, Task


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """What a run folder holds, ready to forecast; no return that ended after ``seen_to`` fitted or chose any of it."""

    run: Path
    settings: TrainSettings
    names: tuple[str, ...]
    """Of the features, in the order of the network's inputs."""
    scaler: RobustScaler
    transform: TargetTransform
    network: StoredNetwork
    parameters: Parameters
    """Of all members, stacked: the forecast is their mean."""
    seen_to: str
    """When the last label ended that trained or chose the best epoch (ISO 8601, UTC)."""
    bar_seconds: float
    """Length of the bars it was trained on."""
    seen: dict[str, Stability]
    """By feature, the tenths of its training rows."""
    verdict: str
    """The run's: ``skill``, ``no evidence`` or ``suspicious``."""
    sentence: str
    """The verdict in one sentence."""
    data_fingerprint: str
    """Of the bars it was trained on: equal for equal times and closes."""

    @property
    def spec(self) -> NetSpec:
        """Of every member."""
        return self.network.spec

    def engine(self, *, threads: int | None) -> Engine:
        """The engine that trained the members, with so many threads of the lanes engine.

        A run of an accelerator that is not here is forecast by the same engine on the CPU, which rounds differently.
        """
        try:
            return engine_named(self.network.engine, device=self.network.device, threads=threads)
        except ConfigError:
            return engine_named(self.network.engine, device="cpu", threads=threads)


def read_trained(run: Path) -> TrainedModel:
    """The model of a finished run.

    Raises:
        RunFolderError: the folder is no finished run, a file has changed since it ended, or it was written by a version
            whose settings this one does not know.
    """
    verify(run)
    statistics, config = _json(run / "feature_statistics.json"), _json(run / "training_config.json")
    settings, verdict = _settings(run, config["settings"]), _json(run / "verdict.json")
    task = TASKS[settings.task.target]
    names = tuple(statistics["names"])
    parameters = load_safetensors((run / "population_best.safetensors").read_bytes())
    return TrainedModel(
        run=run,
        settings=settings,
        names=names,
        scaler=RobustScaler.from_json(statistics["scaling"], names),
        transform=task.read(statistics["target"]),
        network=_network(run, config, settings, task, names, parameters),
        parameters=parameters,
        seen_to=statistics["seen_to"],
        bar_seconds=config["bar_seconds"],
        seen={name: Stability.from_json(bins) for name, bins in statistics["drift_bins"].items()},
        verdict=verdict["verdict"],
        sentence=verdict["sentence"],
        data_fingerprint=config["data_fingerprint"],
    )


def _network(
    run: Path,
    config: Mapping[str, Any],
    settings: TrainSettings,
    task: Task,
    names: tuple[str, ...],
    parameters: Parameters,
) -> StoredNetwork:
    """The run's network.json; for a run of before there was one, what its settings say."""
    if (run / NETWORK).is_file():
        return StoredNetwork.read(run / NETWORK)
    return StoredNetwork(
        spec=build_network(settings.network, inputs=len(names), head=task.head),
        members=len(next(iter(parameters.values()))),
        engine=config["engine"],
        device="cpu",
        precision="fp32",
    )


def _settings(run: Path, values: dict[str, Any]) -> TrainSettings:
    given = {name.replace("-", "_"): value for name, value in values.items()}
    if given.get("feature_file") is not None:
        given["feature_file"] = run / OWN_FEATURES
    try:
        return TrainSettings(**given)
    except ConfigError as error:
        raise RunFolderError(f"{run}: trained with settings that this version does not know.\n{error}") from error


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
