"""Models of any shape, and what the graph exported from each says, for the tests of exporting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime

from tailproof.models.initialise import initial_population
from tailproof.models.network import StoredNetwork
from tailproof.models.spec import NetSpec
from tailproof.prediction import TrainedModel
from tailproof.prediction.exporting.model import onnx_model
from tailproof.scaling import RobustScaler
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.series_settings import SeriesSettings
from tailproof.settings.split_settings import SplitSettings
from tailproof.settings.task_settings import TargetName, TaskSettings
from tailproof.settings.vix_settings import VixSettings
from tailproof.statistics.drift import ReferenceBins
from tailproof.tasks import TASKS


def random_model(spec: NetSpec, *, members: int = 3, target: TargetName = "rank", seed: int = 0) -> TrainedModel:
    """A model that never trained: weights as first drawn but moved, features of all magnitudes, fat-tailed returns of
    which a third rest."""
    rng = np.random.default_rng(seed)
    x_NF = (rng.standard_t(3, (500, spec.inputs)) * 10.0 ** rng.uniform(-5, 5, spec.inputs)).astype(np.float32)
    return_N = np.where(rng.random(3000) < 0.3, 0.0, rng.standard_t(3, 3000) * 1e-4)
    parameters = initial_population(spec, [np.random.default_rng(seed + member) for member in range(members)])
    moved = {
        name: value + rng.normal(scale=0.1, size=value.shape).astype(np.float32) for name, value in parameters.items()
    }
    names = tuple(f"feature_{column}" for column in range(spec.inputs))
    return TrainedModel(
        run=Path("runs/random"),
        reading=ReadOptions(),
        vix=VixSettings(),
        series=SeriesSettings(),
        task=TaskSettings(target=target),
        split=SplitSettings(),
        feature_file=None,
        threads=1,
        names=names,
        scaler=RobustScaler.fit(x_NF),
        transform=TASKS[target].read(TASKS[target].fit(return_N).as_json()),
        network=StoredNetwork(spec=spec, members=members, engine="lanes", device="cpu", precision="fp32"),
        parameters=moved,
        seen_to="2024-01-02T00:00:00Z",
        bar_seconds=60.0,
        seen={name: ReferenceBins.of(x_NF[:, column]) for column, name in enumerate(names)},
        verdict="no evidence",
        sentence="No evidence of skill.",
        data_fingerprint="00",
    )


def run_graph(model: TrainedModel, x_NF: np.ndarray) -> dict[str, np.ndarray]:
    """Outputs of the exported graph by name, from onnxruntime alone."""
    session = onnxruntime.InferenceSession(onnx_model(model).SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"features": x_NF}), strict=True))
