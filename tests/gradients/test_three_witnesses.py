"""The native gradient of every layer and objective against autograd, finite differences and the plain twin."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from tests.support.lanes_jobs import PAPER_NET, SUPPORTED, make_job, make_members, one_member

from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes import Population
from tailproof.engines.lanes.plain_twin import dropout_factors, forward, loss_and_gradient, no_dropout
from tailproof.engines.torch.torch_losses import TorchLoss
from tailproof.models.spec import Dropout, LayerNorm, Linear, NetSpec, ReLU, Residual, Sigmoid, robust_financial_net
from tailproof.models.torch_modules import build_module
from tailproof.objectives.objective import Objective

INNER = (LayerNorm(width=6), ReLU(), Linear(inputs=6, outputs=9), Dropout(rate=0.3), Linear(inputs=9, outputs=6))
NETS = {
    "paper": PAPER_NET,
    "linear alone": NetSpec(inputs=3, layers=(Linear(inputs=3, outputs=2),)),
    "norm first, no linear": NetSpec(inputs=5, layers=(LayerNorm(width=5), ReLU())),
    "norm after norm": NetSpec(inputs=5, layers=(LayerNorm(width=5), LayerNorm(width=5), Linear(inputs=5, outputs=1))),
    "sigmoid between": NetSpec(inputs=4, layers=(Linear(inputs=4, outputs=7), Sigmoid(), Linear(inputs=7, outputs=3))),
    "relu without norm": NetSpec(inputs=4, layers=(Linear(inputs=4, outputs=7), ReLU(), Linear(inputs=7, outputs=1))),
    "dropout on inputs": NetSpec(inputs=6, layers=(Dropout(rate=0.2), Linear(inputs=6, outputs=2), Sigmoid())),
    "dropout before relu": NetSpec(
        inputs=4, layers=(Linear(inputs=4, outputs=6), Dropout(rate=0.2), ReLU(), Linear(inputs=6, outputs=1))
    ),
    "dropout after norm": NetSpec(
        inputs=4, layers=(Linear(inputs=4, outputs=6), LayerNorm(width=6), Dropout(rate=0.5), ReLU(), Dropout(rate=0.5))
    ),
    "residual": robust_financial_net(inputs=5, hidden_dims=(12, 6), dropout_rate=0.2, residual_blocks=2, outputs=3),
    "residual first": NetSpec(
        inputs=6, layers=(Residual(layers=INNER), LayerNorm(width=6), Linear(inputs=6, outputs=1))
    ),
    "linear path": robust_financial_net(
        inputs=5, hidden_dims=(12, 6), dropout_rate=0.2, input_norm="layer", linear_path=True, outputs=3
    ),
    "linear path alone": robust_financial_net(inputs=4, hidden_dims=(), dropout_rate=0.0, linear_path=True),
    "shortcut above a layer": NetSpec(
        inputs=4,
        layers=(
            Linear(inputs=4, outputs=6),
            Residual(
                layers=(
                    *INNER,
                    Residual(layers=INNER, shortcut=Linear(inputs=6, outputs=6)),
                    Linear(inputs=6, outputs=2),
                ),
                shortcut=Linear(inputs=6, outputs=2),
            ),
            Sigmoid(),
        ),
    ),
    "residual in residual": NetSpec(
        inputs=6,
        layers=(
            Linear(inputs=6, outputs=6),
            Residual(layers=(*INNER, Residual(layers=INNER), ReLU())),
            Linear(inputs=6, outputs=1),
        ),
    ),
}
OBJECTIVES = {
    "huber": Objective(loss="huber", delta=0.1),
    "mse": Objective(loss="mse"),
    "pinball": Objective(loss="pinball", quantiles=(0.1, 0.5, 0.9)),
}
STEP = 12345678901


def make_case(net: str, objective: str, *, weighted: bool, dropout_rate: float) -> tuple[TrainingJob, np.ndarray]:
    spec = NETS[net]
    settled = OBJECTIVES[objective]
    if settled.loss == "pinball":
        settled = dataclasses.replace(settled, quantiles=tuple(np.linspace(0.1, 0.9, spec.outputs)))
    job = make_job(
        spec=spec, objective=settled, members=make_members(5, dropout_rate=dropout_rate), rows=64, weighted=weighted
    )
    return job, np.random.default_rng(1).permutation(64)[:27].astype(np.int32)


def twin(job: TrainingJob, rows_N: np.ndarray, parameters: dict[str, np.ndarray], member: int) -> tuple:
    stay_of = no_dropout
    if job.members[member].dropout_rate > 0.0:
        stay_of = dropout_factors(job.members[member], step=STEP, rows=len(rows_N), dtype=np.float64)
    weight_N = np.ones(len(rows_N)) if job.weight_N is None else job.weight_N[rows_N].astype(np.float64)
    x_NF, y_N = job.x_NF[rows_N].astype(np.float64), job.y_NT[rows_N, 0].astype(np.float64)
    return loss_and_gradient(job.spec, job.objective, parameters, x_NF, y_N, weight_N, stay_of)


def perturbed(population: Population) -> None:
    """Give every parameter a value of its own: gains of 1 and shifts of 0 would hide mistakes."""
    state = population.state()
    state.parameters_MP[...] += np.random.default_rng(2).normal(scale=0.1, size=state.parameters_MP.shape)
    population.restore(state)


@pytest.mark.parametrize("instruction_set", SUPPORTED)
@pytest.mark.parametrize("dropout_rate", [0.0, 0.3])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("net", NETS)
def test_native_gradient_equals_the_twin(
    monkeypatch: pytest.MonkeyPatch, net: str, objective: str, weighted: bool, dropout_rate: float, instruction_set: str
) -> None:
    monkeypatch.setenv("TAILPROOF_ISA", instruction_set)
    job, rows_N = make_case(net, objective, weighted=weighted, dropout_rate=dropout_rate)
    population = Population(job)
    perturbed(population)
    loss_M, gradient = population.batch_gradient(rows_N, step=STEP)
    for member in range(len(job.members)):
        loss, expected = twin(job, rows_N, one_member(population.parameters, member), member)
        assert loss_M[member] == pytest.approx(loss, rel=2e-6)
        scale = max(np.abs(value).max() for value in expected.values())
        for name, value in expected.items():
            np.testing.assert_allclose(gradient[name][member], value, rtol=1e-4, atol=2e-6 * scale, err_msg=name)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("net", NETS)
def test_twin_equals_autograd(net: str, objective: str, weighted: bool) -> None:
    job, rows_N = make_case(net, objective, weighted=weighted, dropout_rate=0.0)
    population = Population(job)
    perturbed(population)
    parameters = one_member(population.parameters, 0)
    module = build_module(job.spec, parameters).double().eval()
    weight_N1 = None if job.weight_N is None else torch.from_numpy(job.weight_N[rows_N, None]).double()
    output_NO = module(torch.from_numpy(job.x_NF[rows_N]).double())
    loss = TorchLoss(job.objective, torch.device("cpu")).of_batch(
        output_NO, torch.from_numpy(job.y_NT[rows_N, :1]).double(), weight_N1
    )
    loss.backward()
    loss_of_twin, gradient = twin(job, rows_N, one_member(population.parameters, 0), 0)
    assert loss_of_twin == pytest.approx(loss.item(), rel=1e-6)
    for name, parameter in module.named_parameters():
        # build_module stores float32; both sides then work in float64 on the same numbers.
        np.testing.assert_allclose(gradient[name], parameter.grad.numpy(), rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("dropout_rate", [0.0, 0.3])
@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("net", NETS)
def test_twin_equals_finite_differences(net: str, objective: str, dropout_rate: float) -> None:
    job, rows_N = make_case(net, objective, weighted=True, dropout_rate=dropout_rate)
    population = Population(job)
    perturbed(population)
    parameters = one_member(population.parameters, 0)
    _, gradient = twin(job, rows_N, parameters, 0)
    rng = np.random.default_rng(3)
    for name, value in parameters.items():
        direction = rng.normal(size=value.shape)
        up, down = (twin(job, rows_N, parameters | {name: value + s * 1e-7 * direction}, 0)[0] for s in (1.0, -1.0))
        slope = (gradient[name] * direction).sum()
        assert (up - down) / 2e-7 == pytest.approx(slope, rel=1e-4, abs=1e-7), name


def test_zero_input_of_relu_has_gradient_zero() -> None:
    job = make_job(spec=NETS["relu without norm"], members=make_members(1, dropout_rate=0.0), rows=4)
    population = Population(job, parameters={n: 0.0 * v for n, v in Population(job).parameters.items()})
    _, gradient = population.batch_gradient(np.arange(4, dtype=np.int32))
    assert not gradient["0.weight"].any()
    assert gradient["2.bias"].any()


def test_forward_of_the_twin_is_the_forward_of_torch() -> None:
    job, rows_N = make_case("residual in residual", "mse", weighted=False, dropout_rate=0.0)
    parameters = one_member(Population(job).parameters, 1)
    output_NO, _ = forward(job.spec, parameters, job.x_NF[rows_N].astype(np.float64), no_dropout)
    module = build_module(job.spec, parameters).double().eval()
    np.testing.assert_allclose(output_NO, module(torch.from_numpy(job.x_NF[rows_N]).double()).detach(), rtol=1e-12)
