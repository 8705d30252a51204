"""The way back from targets to returns inside a graph, against the transform's own."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from tailproof.prediction.exporting.graph import Graph
from tailproof.prediction.exporting.returns import add_return
from tailproof.tasks import TASKS, RankGaussTransform, RankTransform, RawTransform

Transform = RankTransform | RankGaussTransform | RawTransform


def returns_of(transform: Transform, target_N: np.ndarray) -> np.ndarray:
    graph = Graph()
    output = add_return(graph, transform, "target")
    inputs, outputs = (
        [helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["rows"])] for name in ("target", output)
    )
    proto = helper.make_model(
        helper.make_graph(graph.nodes, "returns", inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    return_N: np.ndarray = session.run(None, {"target": target_N})[0]
    return return_N


@settings(max_examples=60)
@given(st.lists(st.floats(-1.0, 1.0).map(lambda value: round(value, 6)), min_size=2, max_size=70, unique=True))
def test_a_rank_table_of_any_length_is_that_of_numpy(returns: list[float]) -> None:
    transform = RankTransform.fit(np.array(returns))
    between = [(left + right) / 2 for left, right in pairwise(transform.rank_K)]
    target_N = np.r_[transform.rank_K, between, -0.5, 1.5]
    np.testing.assert_allclose(returns_of(transform, target_N), transform.inverse(target_N), rtol=1e-12, atol=1e-15)


def test_a_stored_table_of_a_fat_tailed_series_is_that_of_numpy() -> None:
    rng = np.random.default_rng(0)
    whole = RankTransform.fit(np.where(rng.random(50_000) < 0.4, 0.0, rng.standard_t(2, 50_000) * 1e-4))
    stored, target_N = whole.thinned(2001), rng.random(10_000)
    assert 1000 < len(stored.rank_K) <= 2001
    np.testing.assert_allclose(returns_of(stored, target_N), stored.inverse(target_N), rtol=1e-12, atol=1e-15)


def test_normal_scores_are_exact_to_a_ten_millionth_in_rank() -> None:
    return_N = np.random.default_rng(1).standard_t(3, 2000) * 1e-4
    transform = TASKS["rank-gauss"].fit(return_N)
    assert isinstance(transform, RankGaussTransform)
    target_N = np.linspace(-6.0, 6.0, 5001)
    found_N, expected_N = (
        transform.ranks.transform(each_N) for each_N in (returns_of(transform, target_N), transform.inverse(target_N))
    )
    assert 0 < np.abs(found_N - expected_N).max() < 2e-7


@pytest.mark.parametrize("scale", [1.0, 3.7e-4])
def test_raw_targets_are_scaled_back(scale: float) -> None:
    target_N = np.array([-3.0, 0.0, 0.7])
    assert returns_of(RawTransform(scale=scale), target_N).tolist() == (target_N * scale).tolist()
