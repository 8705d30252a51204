"""The torch module of a network spec; parameter names are those of the spec."""

from __future__ import annotations

from collections import OrderedDict
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from tailproof.core.fit import Parameters
from tailproof.models.piecewise_linear import bins_of
from tailproof.models.spec import (
    SHORTCUT,
    Dropout,
    Layer,
    LayerNorm,
    Linear,
    NetSpec,
    PiecewiseLinear,
    ReLU,
    Residual,
    Sigmoid,
)

EMBEDDING = "embedding"
"""Name of an embedding among a module's layers, which are named by number."""


class PiecewiseLinearEmbedding(nn.Module):
    """Inputs as the values of their bins, see ``PiecewiseLinear``; it has nothing to train and no entry in a state.

    Args:
        record: the bins.
    """

    input_K: Tensor
    start_K: Tensor
    width_K: Tensor
    lowest_K: Tensor
    highest_K: Tensor

    def __init__(self, record: PiecewiseLinear) -> None:
        super().__init__()
        self.record = record
        bins = bins_of(record)
        for name in ("input_K", "start_K", "width_K", "lowest_K", "highest_K"):
            self.register_buffer(name, torch.from_numpy(getattr(bins, name).copy()), persistent=False)

    def forward(self, x_NF: Tensor) -> Tensor:
        """Values of the bins, (rows, bins)."""
        share_NK = (x_NF[:, self.input_K] - self.start_K) / self.width_K
        return torch.minimum(torch.maximum(share_NK, self.lowest_K), self.highest_K)


class ResidualBlock(nn.Sequential):
    """``x + layers(x)``, or ``shortcut(x) + layers(x)``."""

    def __init__(self, *layers: nn.Module, shortcut: nn.Linear | None = None) -> None:
        super().__init__(*layers)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Input, or what the shortcut makes of it, plus the layers' output; both have the same width."""
        output = x
        for name, layer in self.named_children():
            if name != SHORTCUT:
                output = layer(output)
        return output + (x if self.shortcut is None else cast(Tensor, self.shortcut(x)))


def build_module(spec: NetSpec, parameters: Parameters | None = None) -> nn.Sequential:
    """A ``Sequential`` of torch's own layers, with ``parameters`` of one member loaded where they are given.

    >>> from tailproof.models.spec import robust_financial_net
    >>> net = build_module(robust_financial_net(inputs=5, hidden_dims=(16, 8), dropout_rate=0.1, input_norm="layer"))
    >>> sum(p.numel() for p in net.parameters())
    299
    """
    if parameters is None:
        return _sequential(spec)
    # torch's layers draw their own first weights from the global generator; those draws are taken back.
    with torch.random.fork_rng(devices=[]):
        module = _sequential(spec)
    module.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in parameters.items()})
    return module


def module_parameters(module: nn.Module) -> Parameters:
    """Copies of a module's parameters as float32 arrays by name."""
    return {name: value.detach().float().cpu().numpy().copy() for name, value in module.state_dict().items()}


def _sequential(spec: NetSpec) -> nn.Sequential:
    layers = OrderedDict((str(number), _build(layer)) for number, layer in enumerate(spec.layers))
    if spec.embedding is not None:
        layers[EMBEDDING] = PiecewiseLinearEmbedding(spec.embedding)
        layers.move_to_end(EMBEDDING, last=False)
    return nn.Sequential(layers)


def _build(layer: Layer) -> nn.Module:
    match layer:
        case LayerNorm(width=width, epsilon=epsilon):
            return nn.LayerNorm(width, eps=epsilon)
        case Linear(inputs=inputs, outputs=outputs):
            return nn.Linear(inputs, outputs)
        case ReLU():
            return nn.ReLU()
        case Dropout(rate=rate):
            return nn.Dropout(rate)
        case Sigmoid():
            return nn.Sigmoid()
        case Residual(layers=layers, shortcut=shortcut):
            skipped = None if shortcut is None else nn.Linear(shortcut.inputs, shortcut.outputs)
            return ResidualBlock(*(_build(inner) for inner in layers), shortcut=skipped)
