"""A finished run's model, whole again: features, scaling, members, and the way back from targets to returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load as load_safetensors

from tailproof.core.errors import ConfigError, RunFolderError
from tailproof.core.fit import Parameters
from tailproof.core.surface import setting, switch
from tailproof.engines.interface import Engine
from tailproof.engines.select import engine_named
from tailproof.models.network import NETWORK, StoredNetwork, build_network
from tailproof.models.spec import NetSpec
from tailproof.scaling import RobustScaler
from tailproof.settings.network_settings import NetworkSettings
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.series_settings import SeriesSettings
from tailproof.settings.split_settings import SplitSettings
from tailproof.settings.task_settings import TaskSettings
from tailproof.settings.train_settings import TrainSettings
from tailproof.settings.vix_settings import VixSettings
from tailproof.statistics.drift import ReferenceBins
from tailproof.storage import verify
from tailproof.storage.json_file import read_json
from tailproof.storage.manifest import OWN_FEATURES, STATISTICS, WEIGHTS
from tailproof.storage.readable import readable
from tailproof.tasks import TASKS, TargetTransform, Task


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """The content of a run folder, ready to forecast; no return that ended after ``seen_to`` influenced any of it."""

    run: Path
    reading: ReadOptions
    """How the bars that it was trained on were read."""
    vix: VixSettings
    series: SeriesSettings
    """The other series that were joined to the bars, and how they were read."""
    task: TaskSettings
    split: SplitSettings
    feature_file: Path | None
    """The program of the run's own features, in its folder; None where it has none."""
    threads: int | None
    """Threads of the lanes engine that the run asked for; None for all that there are."""
    names: tuple[str, ...]
    """Names of the features, in the order of the network's inputs."""
    scaler: RobustScaler
    transform: TargetTransform
    network: StoredNetwork
    parameters: Parameters
    """Parameters of all members, stacked: the forecast is their mean."""
    seen_to: str
    """End of the last label that trained or chose the best epoch (ISO 8601, UTC)."""
    bar_seconds: float
    """Length of the bars it was trained on."""
    seen: dict[str, ReferenceBins]
    """Tenths of the training rows, by feature."""
    verdict: str
    """The run's verdict: ``skill``, ``no evidence`` or ``suspicious``."""
    sentence: str
    """The verdict in one sentence."""
    data_fingerprint: str
    """Fingerprint of the training bars: equal for equal times and closes."""

    @property
    def spec(self) -> NetSpec:
        """The network of every member."""
        return self.network.spec

    def engine(self, *, threads: int | None) -> Engine:
        """The engine that trained the members, with so many threads of the lanes engine.

        A run of an accelerator that is not here is forecast by the same engine on the CPU, which rounds differently.
        """
        try:
            return engine_named(self.network.engine, device=self.network.device, threads=threads)
        except ConfigError:
            return engine_named(self.network.engine, device="cpu", threads=threads)


def read_trained(run: Path, *, trust_code: bool = False, feature_file: Path | None = None) -> TrainedModel:
    """The model of a finished run.

    Args:
        run: folder of the run.
        trust_code: execute the file of features in the folder, which is a Python program by the run's author.
        feature_file: the same file from the caller's own hand: the program is known then, and may be executed.

    Raises:
        RunFolderError: the folder is no finished run, a file has changed since it ended, or it was written by a version
            whose settings this one does not know.
        ConfigError: the run has features of its own, and executing their program was not allowed.
    """
    verify(run)
    with readable(run):
        return _read(run, trust_code=trust_code, feature_file=feature_file)


def _read(run: Path, *, trust_code: bool, feature_file: Path | None) -> TrainedModel:
    config = read_json(run / "training_config.json")
    for kind in ("model", "forecasts"):
        if kind in config:
            raise RunFolderError(f"{run} holds the verdict on {config[kind]} and no model: forecast with it itself.")
    brought = [name.removeprefix("own feature ") for name in config if name.startswith("own feature ")]
    if brought:
        raise RunFolderError(
            f"{run} was trained with features that were given in Python ({', '.join(brought)}), which no folder holds. "
            "Put them into a file and train with feature_file to forecast from it."
        )
    verify(run, needed=(WEIGHTS, STATISTICS), only=())
    statistics = read_json(run / STATISTICS)
    settings, verdict = _settings(run, config["settings"]), read_json(run / "verdict.json")
    if settings.features.feature_file is not None and not trust_code:
        _refuse_unknown_code(run / OWN_FEATURES, feature_file)
    task = TASKS[settings.task.target]
    names = tuple(statistics["names"])
    weights = run / WEIGHTS
    parameters = load_safetensors(weights.read_bytes())
    network = _network(run, config, settings.network, task, names, parameters)
    _refuse_other_weights(weights, parameters, network, inputs=len(names))
    return TrainedModel(
        run=run,
        reading=settings.reading,
        vix=settings.vix,
        series=settings.series,
        task=settings.task,
        split=settings.split,
        feature_file=settings.features.feature_file,
        threads=settings.running.threads or None,
        names=names,
        scaler=RobustScaler.from_json(statistics["scaling"], names),
        transform=task.read(statistics["target"]),
        network=network,
        parameters=parameters,
        seen_to=statistics["seen_to"],
        bar_seconds=config["bar_seconds"],
        seen={name: ReferenceBins.from_json(bins) for name, bins in statistics["drift_bins"].items()},
        verdict=verdict["verdict"],
        sentence=verdict["sentence"],
        data_fingerprint=config["data_fingerprint"],
    )


def _network(
    run: Path,
    config: Mapping[str, Any],
    settings: NetworkSettings,
    task: Task,
    names: tuple[str, ...],
    parameters: Parameters,
) -> StoredNetwork:
    """The run's network.json; for older runs without one, the network that the settings describe."""
    if (run / NETWORK).is_file():
        return StoredNetwork.read(run / NETWORK)
    return StoredNetwork(
        spec=build_network(settings, inputs=len(names), head=task.head),
        members=len(next(iter(parameters.values()))),
        engine=config["engine"],
        device="cpu",
        precision="fp32",
    )


def _settings(run: Path, values: dict[str, Any]) -> TrainSettings:
    options = {name.replace("-", "_"): value for name, value in values.items()}
    for younger in ("linear_path", "interactions"):  # a run that does not name one is older than it
        options.setdefault(younger, False)
    if options.get("feature_file") is not None:
        options["feature_file"] = run / OWN_FEATURES
    try:
        return TrainSettings(**options)
    except ConfigError as error:
        raise RunFolderError(f"{run}: trained with settings that this version does not know.\n{error}") from error


def _refuse_unknown_code(own: Path, feature_file: Path | None) -> None:
    if feature_file is None:
        raise ConfigError(
            f"{own}: this run has features of its own, and to forecast means to execute this file, which is a program. "
            f"Read it, then give {switch('trust_code')}; or give the same file from your own hand with "
            f"{setting('feature_file')}."
        )
    if feature_file.read_bytes() != own.read_bytes():
        raise ConfigError(
            f"{own}: must be the same file as {feature_file}, but they differ. Give the file that the run was trained "
            f"with, or read this one and give {switch('trust_code')}."
        )


def _refuse_other_weights(path: Path, parameters: Parameters, network: StoredNetwork, *, inputs: int) -> None:
    """Raise RunFolderError unless the weights have the names and shapes of the network, and are finite."""
    if network.spec.inputs != inputs:
        raise RunFolderError(
            f"{path.parent}: the network must have one input for each of the {inputs} features, got "
            f"{network.spec.inputs}. Restore the folder."
        )
    if network.interactions.inputs > inputs:
        raise RunFolderError(
            f"{path.parent}: interactions must be of the {inputs} inputs of the network, got number "
            f"{network.interactions.inputs - 1} (the first one is 0). Restore the folder."
        )
    expected = {name: (network.members, *shape) for name, shape in network.spec.parameter_shapes.items()}
    shapes = {name: value.shape for name, value in parameters.items()}
    if shapes != expected:
        raise RunFolderError(f"{path}: must hold the weights {expected}, got {shapes}. Restore the folder.")
    for name, value in parameters.items():
        if value.dtype != np.float32 or not np.isfinite(value).all():
            raise RunFolderError(f"{path}: weights must be finite float32, but those of '{name}' are not. Train again.")
