from __future__ import annotations

import numpy as np
from tests.support.lanes_jobs import PAPER_NET, make_job

from tailproof.engines.lanes import Population
from tailproof.engines.lanes.program import Kind, flatten_parameters, name_parameters, operations
from tailproof.models.spec import Dropout, LayerNorm, NetSpec, ReLU, robust_financial_net


def test_relu_and_dropout_ride_on_the_norm_before_them() -> None:
    kinds = [(found.kind, found.rectify, found.dropout) for found in operations(PAPER_NET)]
    assert kinds == [
        (Kind.NORM, False, -1),
        (Kind.LINEAR, False, -1),
        (Kind.NORM, True, 0),
        (Kind.LINEAR, False, -1),
        (Kind.NORM, True, 16),
        (Kind.LINEAR, False, -1),
        (Kind.SIGMOID, False, -1),
    ]


def test_dropout_before_relu_stays_apart() -> None:
    spec = NetSpec(inputs=3, layers=(LayerNorm(width=3), Dropout(rate=0.1), ReLU(), ReLU(), Dropout(rate=0.1)))
    kinds = [(found.kind, found.rectify, found.dropout) for found in operations(spec)]
    assert kinds == [(Kind.NORM, False, -1), (Kind.GATE, False, 0), (Kind.GATE, True, -1), (Kind.GATE, True, 3)]


def test_residual_blocks_open_and_close() -> None:
    spec = robust_financial_net(inputs=5, hidden_dims=(6,), dropout_rate=0.1, residual_blocks=2)
    kinds = [found.kind.name for found in operations(spec)]
    block = ["FORK", "NORM", "LINEAR", "NORM", "LINEAR", "JOIN"]
    assert kinds == ["LINEAR", "NORM", *block, *block, "LINEAR", "SIGMOID"]


def test_parameters_come_back_by_name() -> None:
    parameters = Population(make_job()).parameters
    flat_MP = flatten_parameters(PAPER_NET, parameters)
    assert flat_MP.shape == (3, 299)
    for name, value in name_parameters(PAPER_NET, flat_MP).items():
        np.testing.assert_array_equal(value, parameters[name])
