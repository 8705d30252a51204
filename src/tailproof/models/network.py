"""The networks of a run: built from its settings, and stored as ``network.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tailproof.core.codec import DecodeError, from_tree, to_tree
from tailproof.core.errors import ConfigError, RunFolderError
from tailproof.models.interactions import NO_INTERACTIONS, Interactions
from tailproof.models.spec import NetSpec, PiecewiseLinear, robust_financial_net
from tailproof.objectives import NO_SHRINKAGE, Shrinkage
from tailproof.settings.network_settings import NetworkSettings

NETWORK = "network.json"
EngineName = Literal["lanes", "torch", "estimator"]
Precision = Literal["fp32", "bf16", "fp16"]
"""Precision of a network's products; weights and their updates are always in single precision."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """The last layer of a network."""

    outputs: int
    sigmoid: bool
    """Whether the outputs lie in [0, 1]."""


@dataclass(frozen=True, kw_only=True)
class StoredNetwork:
    """The networks of a run folder: with the weights beside it all that is needed to run them."""

    spec: NetSpec
    members: int
    engine: EngineName
    """Engine that trained them and runs them: another one rounds differently."""
    device: str
    """Kind of device that trained them, such as ``cpu`` or ``cuda``."""
    precision: Precision
    interactions: Interactions = NO_INTERACTIONS
    """Added to the output of every member."""
    shrinkage: Shrinkage = NO_SHRINKAGE
    """The map that turns the sums into forecasts."""
    weights: str = "population_best.safetensors"
    """File with the parameters of all members, named as in ``spec``: the forecast is the members' mean."""

    def to_json(self) -> str:
        """The content of network.json."""
        return json.dumps(to_tree(self), indent=2) + "\n"

    @classmethod
    def read(cls, path: Path) -> StoredNetwork:
        """Read the result of ``to_json``.

        Raises:
            RunFolderError: the file was written in another format.
        """
        try:
            tree = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(tree, dict):  # a run that names no interactions, or no embedding, is older than they
                tree.setdefault("interactions", {"record": "Interactions", "first": [], "second": [], "weight": []})
                if isinstance(tree.get("spec"), dict):
                    tree["spec"].setdefault("embedding", None)
            return from_tree(tree, cls)
        except (ConfigError, DecodeError, ValueError) as error:
            raise RunFolderError(
                f"{path}: this version of tailproof cannot read the network: {str(error).rstrip('.')}. Use the version "
                "that trained it (it is named in training_config.json)."
            ) from error


def build_network(
    settings: NetworkSettings, *, inputs: int, head: Head, embedding: PiecewiseLinear | None = None
) -> NetSpec:
    """The network that the settings ask for, behind the embedding where one is given.

    >>> settings = NetworkSettings(hidden_dims=(4,), linear_path=False)
    >>> build_network(settings, inputs=3, head=Head(outputs=1, sigmoid=False)).describe()
    'Linear(3, 4) → LayerNorm(4) → ReLU → Dropout(0.1) → Linear(4, 1)'
    """
    net = robust_financial_net(
        inputs=inputs if embedding is None else embedding.width,
        hidden_dims=settings.hidden_dims,
        dropout_rate=settings.dropout_rate,
        input_norm=settings.input_norm,
        residual_blocks=settings.residual_blocks,
        outputs=head.outputs,
        sigmoid=head.sigmoid,
        linear_path=settings.linear_path,
    )
    return replace(net, inputs=inputs, embedding=embedding)
