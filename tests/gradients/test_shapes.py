"""Any shape: native loss, gradient and forecast against the plain twin."""

from __future__ import annotations

import os
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.kinks import NARROW, clear_of_kinks, one_above_another
from tests.support.lanes_jobs import SUPPORTED, make_job, make_members, one_member

from tailproof.core.fit import Parameters
from tailproof.engines.lanes import LanesEngine, Population
from tailproof.engines.lanes.plain_twin import dropout_factors, forward, loss_and_gradient, no_dropout
from tailproof.models.initialise import initial_population
from tailproof.models.spec import NetSpec, robust_financial_net

specs = st.builds(
    robust_financial_net,
    inputs=st.integers(1, 64),
    hidden_dims=st.lists(st.integers(1, 130), min_size=0, max_size=3).map(tuple),
    dropout_rate=st.just(0.2),
    input_norm=st.sampled_from(["none", "layer"]),
    residual_blocks=st.integers(0, 1),
    outputs=st.integers(1, 5),
    sigmoid=st.booleans(),
)


STEP = 7


def moved_start(spec: NetSpec, members: int) -> Parameters:
    """First weights with a value of its own for every parameter: gains of 1 and shifts of 0 would hide mistakes."""
    rng = np.random.default_rng(2)
    drawn = initial_population(spec, [np.random.default_rng(seed) for seed in range(members)])
    return {name: (value + rng.normal(scale=0.1, size=value.shape)).astype(np.float32) for name, value in drawn.items()}


def check_against_twin(spec: NetSpec, batch: int, members: int, dropout_rate: float) -> None:
    job = make_job(spec=spec, members=make_members(members, dropout_rate=dropout_rate), rows=batch)
    if spec.inputs <= NARROW:
        job = replace(job, x_NF=(job.x_NF + one_above_another(job.x_NF)).astype(np.float32))
    rows_N = np.random.default_rng(5).permutation(batch).astype(np.int32)
    x_NF, y_N = job.x_NF.astype(np.float64), job.y_NT[:, 0].astype(np.float64)
    start = moved_start(spec, members)
    largest = []
    for member in {0, members - 1}:
        stay_of = dropout_factors(job.members[member], step=STEP, rows=batch, dtype=np.float64)
        own = clear_of_kinks(spec, one_member(start, member), x_NF[rows_N], stay_of)
        for name, value in own.items():
            start[name][member] = value
        largest.append(forward(spec, own, x_NF[rows_N], stay_of)[0][0].max())
    # One row at least is missed by 1 or more: of a loss of almost nothing, rounding would be a large part.
    y_N[rows_N[0]] = np.float32(max(largest) + 1.0)
    job = replace(job, y_NT=np.concatenate([y_N[:, None], job.y_NT[:, 1:]], axis=1).astype(np.float32))
    population = Population(job, parameters=start)
    loss_M, gradient = population.batch_gradient(rows_N, step=STEP)
    output_MNO = LanesEngine(threads=2).predict(spec, population.parameters, job.x_NF)
    for member in {0, members - 1}:
        parameters = one_member(population.parameters, member)
        stay_of = dropout_factors(job.members[member], step=STEP, rows=batch, dtype=np.float64)
        loss, expected = loss_and_gradient(
            spec, job.objective, parameters, x_NF[rows_N], y_N[rows_N], np.ones(batch), stay_of
        )
        assert loss_M[member] == pytest.approx(loss, rel=1e-4)
        scale = np.sqrt(sum((value**2).sum() for value in expected.values()))
        for name, value in expected.items():
            np.testing.assert_allclose(gradient[name][member], value, atol=1e-3 * scale + 1e-7, err_msg=name)
        np.testing.assert_allclose(output_MNO[member], forward(spec, parameters, x_NF, no_dropout)[0], atol=2e-4)


@pytest.mark.parametrize("instruction_set", SUPPORTED)
@settings(max_examples=25)
@given(spec=specs, batch=st.integers(1, 70), members=st.integers(1, 35), dropout_rate=st.sampled_from([0.0, 0.2]))
def test_any_shape(instruction_set: str, spec: NetSpec, batch: int, members: int, dropout_rate: float) -> None:
    with patch.dict(os.environ, TAILPROOF_ISA=instruction_set):
        check_against_twin(spec, batch, members, dropout_rate)


@pytest.mark.parametrize("instruction_set", SUPPORTED)
@pytest.mark.parametrize("batch", [4095, 4096])
def test_large_batches(monkeypatch: pytest.MonkeyPatch, instruction_set: str, batch: int) -> None:
    monkeypatch.setenv("TAILPROOF_ISA", instruction_set)
    check_against_twin(
        robust_financial_net(inputs=5, hidden_dims=(16, 8), dropout_rate=0.1), batch, members=3, dropout_rate=0.1
    )


@pytest.mark.slow
@pytest.mark.parametrize("instruction_set", SUPPORTED)
@settings(max_examples=300)
@given(spec=specs, batch=st.integers(1, 4096), members=st.integers(1, 70), dropout_rate=st.sampled_from([0.0, 0.2]))
def test_any_shape_at_length(
    instruction_set: str, spec: NetSpec, batch: int, members: int, dropout_rate: float
) -> None:
    with patch.dict(os.environ, TAILPROOF_ISA=instruction_set):
        check_against_twin(spec, batch, members, dropout_rate)


@pytest.mark.parametrize("instruction_set", SUPPORTED)
def test_wide_nets_are_right_though_slow(monkeypatch: pytest.MonkeyPatch, instruction_set: str) -> None:
    monkeypatch.setenv("TAILPROOF_ISA", instruction_set)
    spec = robust_financial_net(inputs=20, hidden_dims=(512, 512), dropout_rate=0.1, outputs=2)
    check_against_twin(spec, batch=37, members=2, dropout_rate=0.1)


@pytest.mark.parametrize("instruction_set", SUPPORTED)
@pytest.mark.parametrize("residual_blocks", [0, 1])
@pytest.mark.parametrize("hidden_dims", [(1,), (2,), (3,), (1, 2, 3), (3, 2, 1), (2, 16, 2)], ids=str)
def test_narrow_layers(
    monkeypatch: pytest.MonkeyPatch, instruction_set: str, hidden_dims: tuple[int, ...], residual_blocks: int
) -> None:
    monkeypatch.setenv("TAILPROOF_ISA", instruction_set)
    spec = robust_financial_net(
        inputs=2,
        hidden_dims=hidden_dims,
        dropout_rate=0.2,
        input_norm="layer",
        residual_blocks=residual_blocks,
        outputs=2,
    )
    check_against_twin(spec, batch=33, members=9, dropout_rate=0.2)
