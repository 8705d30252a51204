"""Inputs in bins: the formula, the edges, and networks behind them in every engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.preprocessing import SplineTransformer
from tests.support.engine_jobs import small_job

from tailproof.core.errors import ConfigError
from tailproof.core.fit import Fit
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.engines.lanes import LanesEngine
from tailproof.engines.torch import TorchEngine
from tailproof.models.piecewise_linear import MIN_WIDTH, bins_of, embedded, fit_piecewise_linear
from tailproof.models.spec import MAX_BINS, Linear, NetSpec, PiecewiseLinear, robust_financial_net
from tailproof.settings.network_settings import NetworkSettings

EDGES = ((-2.0, -0.5, 0.25, 3.0), (0.0, 1.0), (-1.0, 0.5, 0.75))
EMBEDDING = PiecewiseLinear(edges=EDGES)
SPEC = NetSpec(inputs=3, embedding=EMBEDDING, layers=(Linear(inputs=6, outputs=1),))


def rows(count: int, *, inputs: int = 3, seed: int = 0) -> np.ndarray:
    return (2.0 * np.random.default_rng(seed).standard_normal((count, inputs))).astype(np.float32)


def written_out(x: float, edges: tuple[float, ...]) -> list[float]:
    """Equation 1 of Gorishniy et al. (2022), case by case."""
    values = []
    for bin_number in range(1, len(edges)):
        start, stop = edges[bin_number - 1], edges[bin_number]
        if x < start and bin_number > 1:
            values.append(0.0)
        elif x >= stop and bin_number < len(edges) - 1:
            values.append(1.0)
        else:
            values.append((x - start) / (stop - start))
    return values


def test_values_are_those_of_the_equation_written_out() -> None:
    x_NF = np.vstack([rows(300), np.array([[-2.0, 0.0, -1.0], [-0.5, 1.0, 0.5], [0.25, 0.5, 0.75], [3.0, 2.0, 9.0]])])
    x_NF = x_NF.astype(np.float32)
    expected_NK = [
        [value for x, edges in zip(x_F, EDGES, strict=True) for value in written_out(float(x), edges)] for x_F in x_NF
    ]
    np.testing.assert_allclose(embedded(SPEC, x_NF)[1], expected_NK, rtol=1e-6, atol=1e-6)


def test_values_are_sums_of_the_linear_splines_of_scikit_learn() -> None:
    """A value rises by one over its bin, as the hats of all later knots together do, and goes on as a line outside."""
    knots_K1 = np.array(EDGES[0])[:, np.newaxis]
    x_N1 = rows(300, inputs=1)
    splines = SplineTransformer(degree=1, knots=knots_K1, extrapolation="linear").fit(knots_K1)
    hat_NK = splines.transform(x_N1.astype(np.float64))
    expected_NK = np.cumsum(hat_NK[:, ::-1], axis=1)[:, -2::-1]
    value_NK = bins_of(PiecewiseLinear(edges=EDGES[:1])).values(x_N1)
    np.testing.assert_allclose(value_NK, expected_NK, atol=1e-5)


def test_a_line_of_the_input_is_a_line_of_its_bins() -> None:
    x_NF = rows(200)
    value_NK = embedded(SPEC, x_NF)[1].astype(np.float64)
    width_K, first_F = bins_of(EMBEDDING).width_K, [edges[0] for edges in EDGES]
    np.testing.assert_allclose(value_NK @ width_K + sum(first_F), x_NF.sum(axis=1), atol=1e-4)


def test_a_row_has_the_same_bits_alone_and_among_others() -> None:
    x_NF = rows(70_000)  # more than are computed at a time
    spec = NetSpec(
        inputs=3,
        embedding=fit_piecewise_linear(x_NF, bins=MAX_BINS),
        layers=(Linear(inputs=3 * MAX_BINS, outputs=1),),
    )
    whole_NK = embedded(spec, x_NF)[1]
    for row in (0, 21_844, 21_845, 21_846, 69_999):
        assert embedded(spec, x_NF[row : row + 1])[1].tobytes() == whole_NK[row].tobytes()


def test_what_is_not_a_number_stays_none() -> None:
    value_NK = embedded(SPEC, np.array([[np.nan, 0.5, 0.0]], dtype=np.float32))[1]
    assert np.isnan(value_NK[0]).tolist() == [True] * 3 + [False] * 3


def test_bins_hold_about_as_many_rows_each_and_begin_and_end_with_the_rows() -> None:
    x_NF = rows(1000)
    for column, edges in enumerate(fit_piecewise_linear(x_NF, bins=8).edges):
        counts_K, _ = np.histogram(x_NF[:, column], bins=edges)
        assert (edges[0], edges[-1]) == (x_NF[:, column].min(), x_NF[:, column].max())
        assert np.abs(counts_K - 125).max() <= 1


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([0.0, 1.0, 1.0, 2.0] * 50, (0.0, 1.0, 2.0)),
        ([0.0] * 190 + [1.0] * 10, (0.0, 1.0)),
        ([0.25] * 200, (0.25, 1.25)),
        ([0.0, 0.001, 0.002, 0.003] * 50, (0.0, 1.0)),
        ([0.0, 0.001, 3.0, 3.001] * 50, (0.0, 3.0)),
    ],
)
def test_inputs_of_few_values_have_fewer_bins(values: list[float], edges: tuple[float, ...]) -> None:
    x_NF = np.stack([np.array(values), np.linspace(-1.0, 1.0, len(values))], axis=1).astype(np.float32)
    embedding = fit_piecewise_linear(x_NF, bins=4)
    assert embedding.edges[0] == edges
    assert embedding.width == len(edges) - 1 + 4


def test_no_value_of_a_scaled_input_exceeds_a_thousand() -> None:
    x_N1 = np.repeat([[5.0 - 1.01 * MIN_WIDTH], [5.0]], 100, axis=0).astype(np.float32)
    bins = bins_of(fit_piecewise_linear(x_N1, bins=2))
    assert -1000.0 <= bins.values(np.array([[-5.0]], dtype=np.float32))[0, 0] < -900.0


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        (((0.0,),), "input 0 must have 1 to 64 bins, got 0"),
        ((tuple(map(float, range(66))),), "input 0 must have 1 to 64 bins, got 65"),
        (((0.0, 1.0), (1.0, 1.0)), "edges of input 1's bins must be finite and rise"),
        (((0.0, 1e-60),), "must be finite and rise"),
        (((0.0, float("nan")),), "must be finite and rise"),
        (((0.0, float("inf")),), "must be finite and rise"),
        (((0.0, 1e39),), "must be finite and rise"),
        (((0.0, 1e-45),), "must be finite and rise by 1e-06 at least"),
    ],
)
def test_edges_that_are_none_are_refused(edges: tuple[tuple[float, ...], ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        PiecewiseLinear(edges=edges)


def test_an_embedding_of_other_inputs_is_refused() -> None:
    with pytest.raises(ConfigError, match="bins for each of the 2 inputs, got 3"):
        NetSpec(inputs=2, embedding=EMBEDDING, layers=(Linear(inputs=6, outputs=1),))
    with pytest.raises(ConfigError, match="takes 3 values per row, but the layer before it gives 6"):
        NetSpec(inputs=3, embedding=EMBEDDING, layers=(Linear(inputs=3, outputs=1),))


def test_the_settings_allow_as_many_bins_as_a_network() -> None:
    assert NetworkSettings(embedding="piecewise-linear", embedding_bins=MAX_BINS).values_per_input == MAX_BINS
    assert NetworkSettings(embedding_bins=MAX_BINS).values_per_input == 1
    with pytest.raises(ValueError, match="less than or equal to 64"):
        NetworkSettings(embedding_bins=MAX_BINS + 1)


ENGINES = {
    "lanes": LanesEngine(threads=1),
    "torch, in turn": TorchEngine(device="cpu", together=False),
    "torch, together": TorchEngine(device="cpu", together=True),
}


def embedded_job() -> TrainingJob:
    """A job whose networks stand behind an embedding of 4 bins an input."""
    job = replace(small_job(epochs=1, members=2), train=range(160), validation=range(500, 540))
    net = robust_financial_net(inputs=12, hidden_dims=(6,), dropout_rate=0.0, linear_path=True)
    embedding = fit_piecewise_linear(job.x_NF[:160], bins=4)
    return replace(job, spec=replace(net, inputs=3, embedding=embedding))


def trained(engine: Engine, job: TrainingJob) -> Fit:
    return engine.fit(job, on_event=lambda _event: None)


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_trains_and_runs_the_layers_on_the_values_of_the_bins(name: str) -> None:
    """To the bit what it does with the values as inputs of a network without an embedding."""
    engine, job = ENGINES[name], embedded_job()
    spec, value_NK = embedded(job.spec, job.x_NF)
    fit, plain = trained(engine, job), trained(engine, replace(job, spec=spec, x_NF=value_NK))
    for parameter, value in plain.final_parameters.items():
        assert fit.final_parameters[parameter].tobytes() == value.tobytes()
    assert fit.history[-1].validation_loss_M.tolist() == plain.history[-1].validation_loss_M.tolist()
    output_MNO = engine.predict(job.spec, fit.best_parameters, job.x_NF)
    assert output_MNO.tobytes() == engine.predict(spec, plain.best_parameters, value_NK).tobytes()


def test_engines_train_the_same_networks_but_for_rounding() -> None:
    job = embedded_job()
    fits = [trained(engine, job) for engine in ENGINES.values()]
    for fit in fits[1:]:
        for name, value in fits[0].final_parameters.items():
            np.testing.assert_allclose(fit.final_parameters[name], value, atol=2e-4, err_msg=name)
