from __future__ import annotations

import numpy as np
from tests.support.lanes_jobs import PAPER_NET, make_job

from tailproof._lanes import Kind
from tailproof.engines.lanes import Population
from tailproof.engines.lanes.program import operations
from tailproof.models.packing import flatten_parameters, name_parameters
from tailproof.models.spec import Dropout, LayerNorm, NetSpec, ReLU, robust_financial_net


def test_relu_and_dropout_ride_on_the_norm_before_them() -> None:
    kinds = [(operation.kind, operation.rectify, operation.dropout) for operation in operations(PAPER_NET)]
    assert kinds == [
        (Kind.norm, False, -1),
        (Kind.linear, False, -1),
        (Kind.norm, True, 0),
        (Kind.linear, False, -1),
        (Kind.norm, True, 16),
        (Kind.linear, False, -1),
        (Kind.sigmoid, False, -1),
    ]


def test_dropout_before_relu_stays_apart() -> None:
    spec = NetSpec(inputs=3, layers=(LayerNorm(width=3), Dropout(rate=0.1), ReLU(), ReLU(), Dropout(rate=0.1)))
    kinds = [(operation.kind, operation.rectify, operation.dropout) for operation in operations(spec)]
    assert kinds == [(Kind.norm, False, -1), (Kind.gate, False, 0), (Kind.gate, True, -1), (Kind.gate, True, 3)]


def test_residual_blocks_open_and_close() -> None:
    spec = robust_financial_net(inputs=5, hidden_dims=(6,), dropout_rate=0.1, residual_blocks=2)
    kinds = [operation.kind.name for operation in operations(spec)]
    block = ["fork", "norm", "linear", "norm", "linear", "join"]
    assert kinds == ["linear", "norm", *block, *block, "linear", "sigmoid"]


def test_parameters_come_back_by_name() -> None:
    parameters = Population(make_job()).parameters
    flat_MP = flatten_parameters(PAPER_NET, parameters)
    assert flat_MP.shape == (3, 299)
    for name, value in name_parameters(PAPER_NET, flat_MP).items():
        np.testing.assert_array_equal(value, parameters[name])
