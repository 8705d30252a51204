"""The torch module of a network spec; parameter names are those of the spec."""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from tailproof.core.fit import Parameters
from tailproof.models.spec import SHORTCUT, Dropout, Layer, LayerNorm, Linear, NetSpec, ReLU, Residual, Sigmoid


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
        return nn.Sequential(*(_build(layer) for layer in spec.layers))
    # torch's layers draw their own first weights from the global generator; those draws are taken back.
    with torch.random.fork_rng(devices=[]):
        module = nn.Sequential(*(_build(layer) for layer in spec.layers))
    module.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in parameters.items()})
    return module


def module_parameters(module: nn.Module) -> Parameters:
    """Copies of a module's parameters as float32 arrays by name."""
    return {name: value.detach().float().cpu().numpy().copy() for name, value in module.state_dict().items()}


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
