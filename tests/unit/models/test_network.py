"""network.json says all about the networks but their weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tailproof.core.errors import RunFolderError
from tailproof.models.network import Head, StoredNetwork, build_network
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
