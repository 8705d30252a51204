from __future__ import annotations

import numpy as np
import pytest

from tailproof.core.errors import ConfigError
from tailproof.engines.lanes import LanesEngine
from tailproof.models.initialise import begin_at_line, initial_population
from tailproof.models.spec import NetSpec, robust_financial_net

WEIGHT_OI, BIAS_O = np.array([[0.02, -0.01, 0.03]]), np.array([0.48])


def net(*, sigmoid: bool, linear_path: bool = True) -> NetSpec:
    return robust_financial_net(
        inputs=3, hidden_dims=(4,), dropout_rate=0.1, sigmoid=sigmoid, linear_path=linear_path, residual_blocks=1
    )


def population(spec: NetSpec) -> dict[str, np.ndarray]:
    return initial_population(spec, [np.random.default_rng(member) for member in range(3)])


@pytest.mark.parametrize(("sigmoid", "tolerance"), [(False, 1e-6), (True, 1e-3)])
def test_every_member_begins_as_the_line(sigmoid: bool, tolerance: float) -> None:
    spec = net(sigmoid=sigmoid)
    begun = begin_at_line(spec, population(spec), weight_OI=WEIGHT_OI, bias_O=BIAS_O)
    x_NF = np.random.default_rng(0).uniform(-1.0, 1.0, size=(50, 3)).astype(np.float32)
    forecast_MNO = LanesEngine(threads=1).predict(spec, begun, x_NF)
    np.testing.assert_allclose(forecast_MNO, np.tile(x_NF @ WEIGHT_OI.T + BIAS_O, (3, 1, 1)), atol=tolerance)


def test_what_lies_before_the_last_layer_stays_as_it_was_drawn() -> None:
    spec = net(sigmoid=False)
    drawn = population(spec)
    begun = begin_at_line(spec, drawn, weight_OI=WEIGHT_OI, bias_O=BIAS_O)
    changed = {name for name in drawn if not np.array_equal(begun[name], drawn[name])}
    assert changed == {"0.shortcut.weight", "0.shortcut.bias", "0.5.weight", "0.5.bias"}
    assert drawn["0.5.weight"].any()


def test_a_network_without_the_path_is_refused() -> None:
    spec = net(sigmoid=True, linear_path=False)
    with pytest.raises(ConfigError, match="must have a linear path"):
        begin_at_line(spec, population(spec), weight_OI=WEIGHT_OI, bias_O=BIAS_O)


def test_a_line_of_another_width_is_refused() -> None:
    spec = net(sigmoid=True)
    with pytest.raises(ConfigError, match=r"shape \(1, 3\), got \(1, 2\)"):
        begin_at_line(spec, population(spec), weight_OI=WEIGHT_OI[:, :2], bias_O=BIAS_O)
