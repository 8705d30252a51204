"""A trained network drawn toward its start forecasts the average of the two."""

from __future__ import annotations

import numpy as np
import pytest

from tailproof.core.errors import ConfigError
from tailproof.engines.lanes import LanesEngine
from tailproof.models.draw_to_line import draw_to_line
from tailproof.models.initialise import begin_at_line, initial_population
from tailproof.models.spec import robust_financial_net

SPEC = robust_financial_net(
    inputs=3, hidden_dims=(4,), dropout_rate=0.1, sigmoid=False, linear_path=True, residual_blocks=1
)
GENERATORS = [np.random.default_rng(member) for member in range(2)]
START = begin_at_line(
    SPEC, initial_population(SPEC, GENERATORS), weight_OI=np.array([[0.2, -0.1, 0.3]]), bias_O=np.array([0.5])
)
TRAINED = initial_population(SPEC, GENERATORS)
X_NF = np.random.default_rng(9).standard_normal((50, 3)).astype(np.float32)


def forecasts(parameters: dict[str, np.ndarray]) -> np.ndarray:
    return LanesEngine(threads=1).predict(SPEC, parameters, X_NF)


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_forecasts_are_the_average_of_the_start_and_the_trained_network(share: float) -> None:
    drawn = draw_to_line(SPEC, START, TRAINED, share=share)
    np.testing.assert_allclose(forecasts(drawn), (1 - share) * forecasts(START) + share * forecasts(TRAINED), atol=1e-6)
    assert all(value.dtype == np.float32 for value in drawn.values())


def test_nothing_but_the_two_last_layers_changes() -> None:
    drawn = draw_to_line(SPEC, START, TRAINED, share=0.4)
    changed = {name for name in TRAINED if not np.array_equal(drawn[name], TRAINED[name])}
    assert changed == {"0.shortcut.weight", "0.shortcut.bias", "0.5.weight", "0.5.bias"}


def test_a_network_without_the_path_is_refused() -> None:
    spec = robust_financial_net(inputs=3, hidden_dims=(4,), dropout_rate=0.1)
    with pytest.raises(ConfigError, match="must have a linear path"):
        draw_to_line(spec, START, TRAINED, share=0.4)
