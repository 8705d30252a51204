"""Networks that no run ships, but a spec may hold."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from tailproof.engines.lanes import LanesEngine
from tailproof.models.initialise import initial_population
from tailproof.models.spec import (
    LayerNorm,
    Linear,
    NetSpec,
    PiecewiseLinear,
    ReLU,
    Residual,
    Sigmoid,
    robust_financial_net,
)
from tailproof.prediction.exporting.graph import Graph
from tailproof.prediction.exporting.network_nodes import add_network

SPECS = {
    "several outputs": robust_financial_net(inputs=4, hidden_dims=(6,), dropout_rate=0.1, outputs=3),
    "nested residuals": NetSpec(
        inputs=4,
        layers=(
            Residual(layers=(LayerNorm(width=4), Residual(layers=(Linear(inputs=4, outputs=4), ReLU())))),
            Linear(inputs=4, outputs=2),
        ),
    ),
    "linear path": robust_financial_net(inputs=4, hidden_dims=(6,), dropout_rate=0.1, outputs=2, linear_path=True),
    "embedding": NetSpec(
        inputs=4,
        embedding=PiecewiseLinear(edges=((-1.0, 0.0, 1.0), (0.0, 1.0), (-0.5, 0.25, 0.5, 0.75), (-2.0, 2.0))),
        layers=(Linear(inputs=7, outputs=5), ReLU(), Linear(inputs=5, outputs=2)),
    ),
    "another epsilon": NetSpec(inputs=4, layers=(LayerNorm(width=4, epsilon=0.3), Sigmoid())),
}


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("members", [1, 5])
def test_any_chain_of_layers_gives_what_the_engine_gives(name: str, members: int) -> None:
    spec = SPECS[name]
    rng = np.random.default_rng(0)
    first = initial_population(spec, [np.random.default_rng(member) for member in range(members)])
    parameters = {key: value + rng.normal(size=value.shape).astype(np.float32) for key, value in first.items()}
    graph = Graph()
    output = add_network(graph, spec, parameters, "x")
    described = [
        helper.make_tensor_value_info(value, TensorProto.FLOAT, shape)
        for value, shape in (("x", ["rows", 4]), (output, [members, "rows", spec.outputs]))
    ]
    proto = helper.make_model(
        helper.make_graph(graph.nodes, "network", described[:1], described[1:], graph.constants),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    x_NI = rng.normal(size=(50, 4)).astype(np.float32)
    expected_MNO = LanesEngine(threads=1).predict(spec, parameters, x_NI)
    np.testing.assert_allclose(session.run(None, {"x": x_NI})[0], expected_MNO, atol=1e-5)
