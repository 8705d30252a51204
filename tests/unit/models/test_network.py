"""network.json says all about the networks but their weights."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tailproof.core.errors import RunFolderError
from tailproof.models.network import Head, StoredNetwork, build_network
from tailproof.models.spec import PiecewiseLinear
from tailproof.settings.network_settings import NetworkSettings


def network(sigmoid: bool = True) -> StoredNetwork:
    settings = NetworkSettings(hidden_dims=(6, 4), residual_blocks=1, input_norm="layer")
    spec = build_network(settings, inputs=3, head=Head(outputs=1, sigmoid=sigmoid))
    return StoredNetwork(spec=spec, members=8, engine="torch", device="cuda", precision="bf16")


@pytest.mark.parametrize("sigmoid", [True, False])
def test_a_network_comes_back(tmp_path: Path, sigmoid: bool) -> None:
    (tmp_path / "network.json").write_text(network(sigmoid).to_json(), encoding="utf-8")
    assert StoredNetwork.read(tmp_path / "network.json") == network(sigmoid)


@pytest.mark.parametrize("change", [{"format": 99}, {"engine": "abacus"}, {"spec": {"record": "Tree"}}])
def test_another_format_is_refused_by_the_name_of_the_file(tmp_path: Path, change: dict) -> None:
    path = tmp_path / "network.json"
    path.write_text(json.dumps(json.loads(network().to_json()) | change), encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"network\.json: this version of tailproof cannot read the network"):
        StoredNetwork.read(path)


def embedded_network() -> StoredNetwork:
    settings = NetworkSettings(hidden_dims=(4,), embedding="piecewise-linear")
    edges = ((-5.0, 0.1, 0.25), (0.0, 1.0), (1.0, 2.0, 3.0))
    head = Head(outputs=1, sigmoid=False)
    spec = build_network(settings, inputs=3, head=head, embedding=PiecewiseLinear(edges=edges))
    return replace(network(), spec=spec)


def test_an_embedding_comes_back_with_its_edges(tmp_path: Path) -> None:
    path = tmp_path / "network.json"
    path.write_text(embedded_network().to_json(), encoding="utf-8")
    assert StoredNetwork.read(path) == embedded_network()


def test_a_network_of_before_embeddings_has_none(tmp_path: Path) -> None:
    tree = json.loads(network().to_json())
    del tree["spec"]["embedding"]
    (tmp_path / "network.json").write_text(json.dumps(tree), encoding="utf-8")
    assert StoredNetwork.read(tmp_path / "network.json") == network()


@pytest.mark.parametrize(
    "edges", [[[0.0, 1.0]], [[0.0]] * 3, [[0.0, float("nan")]] * 3, [[1.0, 0.0]] * 3, [["a", "b"]]]
)
def test_edges_that_are_none_are_refused_by_the_name_of_the_file(tmp_path: Path, edges: list) -> None:
    tree = json.loads(embedded_network().to_json())
    tree["spec"]["embedding"]["edges"] = edges
    (tmp_path / "network.json").write_text(json.dumps(tree), encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"network\.json: this version of tailproof cannot read the network"):
        StoredNetwork.read(tmp_path / "network.json")
