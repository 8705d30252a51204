"""The exported graph, run by onnxruntime, against both engines and the run's own way back to returns.

What differs is rounding, which a LayerNorm over two values that are nearly equal enlarges up to hundreds of times; the
slow test prints by how much: ``python -m pytest tests/parity/test_exported_graph.py -m slow -s``.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.exported_models import random_model, run_graph

from tailproof.engines.lanes import LanesEngine
from tailproof.engines.torch import TorchEngine
from tailproof.models.spec import robust_financial_net
from tailproof.prediction import TrainedModel
from tailproof.prediction.exporting.check import made_rows
from tailproof.prediction.forecast import member_outputs

ROWS, NETWORKS = 200, 1_500

specs = st.builds(
    robust_financial_net,
    inputs=st.integers(1, 16),
    hidden_dims=st.lists(st.integers(1, 64), min_size=0, max_size=3).map(tuple),
    dropout_rate=st.just(0.2),
    input_norm=st.sampled_from(["none", "layer"]),
    residual_blocks=st.integers(0, 2),
    outputs=st.just(1),
    sigmoid=st.booleans(),
)
models = st.builds(
    random_model,
    specs,
    members=st.integers(1, 8),
    target=st.sampled_from(["rank", "rank-gauss", "raw"]),
    seed=st.integers(0, 1000),
)


def assert_alike(found_RM: np.ndarray, expected_MR: np.ndarray) -> None:
    error_RM = found_RM.astype(np.float64) - expected_MR.T
    assert np.abs(error_RM).max() < 1e-3
    assert np.sqrt((error_RM**2).mean()) < 1e-5


@settings(max_examples=60)
@given(models)
def test_every_member_says_what_it_says_in_the_lanes_engine(model: TrainedModel) -> None:
    x_RF = made_rows(model)[:ROWS]
    outputs, member_MR = run_graph(model, x_RF), member_outputs(model, x_RF, LanesEngine(threads=1))
    assert_alike(outputs["members"], member_MR)
    mean_R, spread_R = member_MR.mean(axis=0, dtype=np.float64), member_MR.std(axis=0, dtype=np.float64)
    assert_alike(outputs["prediction"][:, None], mean_R[None])
    assert_alike(outputs["spread"][:, None], spread_R[None])
    returns_R = model.transform.inverse(outputs["prediction"])
    share = 1e-4 if model.task.target == "rank-gauss" else 1e-12
    np.testing.assert_allclose(outputs["predicted_return"], returns_R, rtol=0, atol=share * np.abs(returns_R).max())


@settings(max_examples=15)
@given(models)
def test_every_member_says_what_it_says_in_the_torch_engine(model: TrainedModel) -> None:
    x_RF = made_rows(model)[:ROWS]
    assert_alike(run_graph(model, x_RF)["members"], member_outputs(model, x_RF, TorchEngine(device="cpu")))


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_rounding_over_many_networks() -> None:
    rng = np.random.default_rng(0)
    largest, largest_mean_square = 0.0, 0.0
    for seed in range(NETWORKS):
        spec = robust_financial_net(
            inputs=int(rng.integers(1, 17)),
            hidden_dims=tuple(rng.integers(1, 65, size=rng.integers(0, 4)).tolist()),
            dropout_rate=0.2,
            input_norm="layer" if rng.random() < 0.5 else "none",
            residual_blocks=int(rng.integers(0, 3)),
            outputs=1,
            sigmoid=bool(rng.random() < 0.5),
        )
        model = random_model(spec, members=int(rng.integers(1, 9)), seed=seed)
        x_RF = made_rows(model)[:ROWS]
        error_RM = run_graph(model, x_RF)["members"] - member_outputs(model, x_RF, LanesEngine(threads=1)).T
        largest = max(largest, float(np.abs(error_RM).max()))
        largest_mean_square = max(largest_mean_square, float((error_RM.astype(np.float64) ** 2).mean()))
    print(f"\n{NETWORKS} networks: root mean square at most {np.sqrt(largest_mean_square):.1e}, a row {largest:.1e}")
    assert largest < 1e-3
    assert np.sqrt(largest_mean_square) < 1e-5
