"""Torch modules into the lanes engine and back."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from tests.support.lanes_jobs import make_job, make_members
from torch import nn

from tailproof.core.errors import UnsupportedNetError
from tailproof.engines.lanes import LanesEngine
from tailproof.models.lower import load_back, lower_sequential
from tailproof.models.spec import Linear, NetSpec, PiecewiseLinear, robust_financial_net
from tailproof.models.torch_modules import PiecewiseLinearEmbedding, build_module


def test_a_built_module_lowers_to_its_spec() -> None:
    spec = robust_financial_net(inputs=5, hidden_dims=(16, 8), dropout_rate=0.1, input_norm="layer", residual_blocks=2)
    assert lower_sequential(build_module(spec))[0] == spec


def test_a_linear_path_lowers_to_its_spec() -> None:
    spec = robust_financial_net(inputs=5, hidden_dims=(4,), dropout_rate=0.1, input_norm="layer", linear_path=True)
    module = build_module(spec)
    lowered, parameters = lower_sequential(module)
    assert lowered == spec
    load_back(module, {name: value + 1 for name, value in parameters.items()})
    torch.testing.assert_close(module[0].shortcut.bias, torch.from_numpy(parameters["0.shortcut.bias"]) + 1)


def test_an_embedding_lowers_where_it_comes_first_alone() -> None:
    embedding = PiecewiseLinear(edges=((-1.0, 0.0, 1.0), (0.0, 1.0)))
    spec = NetSpec(inputs=2, embedding=embedding, layers=(Linear(inputs=3, outputs=1),))
    module = build_module(spec)
    lowered, parameters = lower_sequential(module)
    assert lowered == spec
    load_back(module, {name: value + 1 for name, value in parameters.items()})
    np.testing.assert_array_equal(lower_sequential(module)[1]["0.weight"], parameters["0.weight"] + 1)
    with pytest.raises(UnsupportedNetError, match=r"layer 1 \(PiecewiseLinearEmbedding\(\)\) cannot be lowered"):
        lower_sequential(nn.Sequential(nn.Linear(2, 2), PiecewiseLinearEmbedding(embedding)))


def test_trained_weights_land_back_in_the_module() -> None:
    module = nn.Sequential(nn.Sequential(nn.LayerNorm(5), nn.Linear(5, 7), nn.ReLU()), nn.Dropout(0.1), nn.Linear(7, 1))
    spec, parameters = lower_sequential(module)
    job = make_job(spec=spec, members=make_members(1))
    fit = LanesEngine(threads=1).fit(job, on_event=lambda event: None)
    load_back(module, {name: value[0] for name, value in fit.final_parameters.items()})
    with torch.no_grad():
        output_NO = module.eval()(torch.from_numpy(job.x_NF)).numpy()
    expected = LanesEngine(threads=1).predict(spec, fit.final_parameters, job.x_NF)[0]
    np.testing.assert_allclose(output_NO, expected, atol=1e-6)
    assert (lower_sequential(module)[1]["1.weight"] != parameters["1.weight"]).any()


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (nn.Tanh(), r"1 \(Tanh"),
        (nn.Linear(4, 4, bias=False), r"1 \(Linear.*bias=False"),
        (nn.LayerNorm(4, elementwise_affine=False), r"1 \(LayerNorm"),
        (nn.LayerNorm((2, 4)), r"1 \(LayerNorm"),
        (nn.Sequential(nn.ReLU(), nn.GELU()), r"1\.1 \(GELU"),
        (nn.BatchNorm1d(4), r"1 \(BatchNorm1d"),
    ],
)
def test_unsupported_layers_are_named(layer: nn.Module, name: str) -> None:
    with pytest.raises(UnsupportedNetError, match=f"layer {name}"):
        lower_sequential(nn.Sequential(nn.Linear(4, 4), layer))


def test_a_subclass_may_compute_something_else() -> None:
    class Doubled(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 2.0 * super().forward(x)

    with pytest.raises(UnsupportedNetError, match="Doubled"):
        lower_sequential(nn.Sequential(Doubled(3, 1)))


def test_parameters_of_another_net_are_refused() -> None:
    module = nn.Sequential(nn.Linear(3, 1))
    with pytest.raises(UnsupportedNetError, match="must be those of"):
        load_back(module, {"0.weight": np.zeros((1, 4)), "0.bias": np.zeros(1)})


def test_a_net_without_width_is_refused() -> None:
    with pytest.raises(UnsupportedNetError, match="must have a Linear"):
        lower_sequential(nn.Sequential(nn.ReLU()))


def test_too_many_units_under_dropout() -> None:
    spec = robust_financial_net(inputs=1, hidden_dims=(70_000,), dropout_rate=0.1)
    job = dataclasses.replace(make_job(), spec=spec)
    with pytest.raises(UnsupportedNetError, match="70000"):
        LanesEngine(threads=1).fit(job, on_event=lambda event: None)
