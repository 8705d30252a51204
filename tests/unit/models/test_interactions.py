"""Products of two inputs beside a network."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tailproof.core.errors import ConfigError
from tailproof.models.interactions import NO_INTERACTIONS, Interactions
from tailproof.models.network import StoredNetwork
from tailproof.models.spec import robust_financial_net

TERMS = Interactions(first=(0, 1), second=(2, 1), weight=(0.5, -0.25))
X_NF = np.random.default_rng(3).uniform(-5.0, 5.0, (101, 3)).astype(np.float32)
NETWORK = StoredNetwork(
    spec=robust_financial_net(inputs=3, hidden_dims=(4,), dropout_rate=0.1),
    members=2,
    engine="lanes",
    device="cpu",
    precision="fp32",
    interactions=TERMS,
)


def test_they_are_weighted_products_of_squashed_inputs() -> None:
    squashed = np.tanh(X_NF.astype(np.float64))
    expected_N = 0.5 * squashed[:, 0] * squashed[:, 2] - 0.25 * squashed[:, 1] ** 2
    np.testing.assert_allclose(TERMS.apply(X_NF), expected_N, atol=1e-6)
    assert TERMS.apply(X_NF).dtype == np.float32
    assert not NO_INTERACTIONS.apply(X_NF).any()


def test_a_row_alone_has_the_bits_that_it_has_among_others() -> None:
    alone_N = np.concatenate([TERMS.apply(X_NF[row : row + 1]) for row in range(len(X_NF))])
    assert alone_N.tobytes() == TERMS.apply(X_NF).tobytes()


@pytest.mark.parametrize(
    "fields",
    [
        {"first": (0,), "second": (), "weight": (1.0,)},
        {"first": (-1,), "second": (0,), "weight": (1.0,)},
        {"first": (0,), "second": (0,), "weight": (float("nan"),)},
        {"first": (0,), "second": (0,), "weight": (1e39,)},
        {"first": (0, 0), "second": (0, 1), "weight": (3e38, 3e38)},
        {"first": (2,), "second": (1,), "weight": (1.0,)},
        {"first": (0, 0), "second": (1, 1), "weight": (1.0, 1.0)},
    ],
)
def test_what_is_no_sum_of_products_is_refused(fields: dict[str, tuple[int | float, ...]]) -> None:
    with pytest.raises(ConfigError, match="interactions must"):
        Interactions(**fields)  # type: ignore[arg-type]


def test_they_are_stored_with_the_network(tmp_path: Path) -> None:
    path = tmp_path / "network.json"
    path.write_text(NETWORK.to_json(), encoding="utf-8")
    assert StoredNetwork.read(path) == NETWORK


def test_a_network_stored_before_there_were_any_has_none(tmp_path: Path) -> None:
    tree = json.loads(NETWORK.to_json())
    del tree["interactions"]
    (tmp_path / "network.json").write_text(json.dumps(tree), encoding="utf-8")
    assert StoredNetwork.read(tmp_path / "network.json").interactions == NO_INTERACTIONS
