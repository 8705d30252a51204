"""All networks of a population at once: every layer is one product over (members, rows, units)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from math import prod

import torch
from torch import Tensor
from torch.nn import functional

from tailproof.engines.torch.torch_losses import TorchLoss
from tailproof.models.spec import SHORTCUT, Dropout, Layer, LayerNorm, Linear, NetSpec, ReLU, Residual, Sigmoid

KeepFactors = Callable[[int, int, int], Tensor]
"""Maps the first unit, the width and the rows of a Dropout layer to factors (members, rows, units)."""


class BatchedNetwork:
    """Runs a network for every member of a population.

    Args:
        spec: of every member.
    """

    def __init__(self, spec: NetSpec) -> None:
        assert spec.embedding is None, "an engine takes the embedding off before it runs the layers"
        self._layers = spec.layers
        self._shapes = spec.parameter_shapes
        self._sizes = [prod(shape) for shape in self._shapes.values()]
        widths = list(_dropout_widths(spec.layers, spec.inputs))
        self._first_units = [first for first, _ in pairwise(accumulate(widths, initial=0))]

    def run(self, flat_MP: Tensor, x_NF: Tensor, factors: KeepFactors | None) -> Tensor:
        """Outputs (members, rows, outputs).

        Args:
            flat_MP: parameters of each member, in the order of ``NetSpec.parameter_shapes``.
            x_NF: rows that all members see.
            factors: of the dropout; None runs the network as it forecasts.
        """
        # One split, so that its gradient is one concatenation and not a sum of arrays that are mostly zero.
        parts = torch.split(flat_MP, self._sizes, dim=1)
        parameters = {
            name: part.reshape(len(part), *shape)
            for (name, shape), part in zip(self._shapes.items(), parts, strict=True)
        }
        walk = _Walk(parameters, factors, iter(self._first_units))
        return walk.chain(self._layers, "", x_NF.expand(len(flat_MP), -1, -1))


class _Walk:
    """One pass through the layers."""

    def __init__(self, parameters: dict[str, Tensor], factors: KeepFactors | None, first_units: Iterator[int]) -> None:
        self._parameters, self._factors, self._first_units = parameters, factors, first_units

    def chain(self, layers: tuple[Layer, ...], prefix: str, x_MNU: Tensor) -> Tensor:
        for index, layer in enumerate(layers):
            x_MNU = self._layer(layer, f"{prefix}{index}", x_MNU)
        return x_MNU

    def _layer(self, layer: Layer, name: str, x: Tensor) -> Tensor:
        match layer:
            case Linear():
                return self._linear(name, x)
            case LayerNorm(width=width, epsilon=epsilon):
                normal = functional.layer_norm(x, (width,), eps=epsilon)
                scaled = normal * self._parameters[f"{name}.weight"][:, None]
                return scaled + self._parameters[f"{name}.bias"][:, None]
            case ReLU():
                return functional.relu(x)
            case Dropout():
                first = next(self._first_units)
                return x if self._factors is None else x * self._factors(first, x.shape[2], x.shape[1])
            case Sigmoid():
                return torch.sigmoid(x)
            case Residual(layers=inner, shortcut=shortcut):
                skipped = x if shortcut is None else self._linear(f"{name}.{SHORTCUT}", x)
                return skipped + self.chain(inner, f"{name}.", x)

    def _linear(self, name: str, x_MNI: Tensor) -> Tensor:
        weight_MIO = self._parameters[f"{name}.weight"].transpose(1, 2)
        return torch.baddbmm(self._parameters[f"{name}.bias"][:, None], x_MNI, weight_MIO)


def member_losses(loss: TorchLoss, output_MNO: Tensor, target_MN: Tensor, weight_N1: Tensor | None) -> Tensor:
    """Mean loss of each member over rows and outputs; with weights, sum(weight x loss) / sum(weight)."""
    loss_MN = loss.of_rows(output_MNO, target_MN[:, :, None].expand_as(output_MNO)).mean(dim=2)
    if weight_N1 is None:
        return loss_MN.mean(dim=1)
    return (loss_MN * weight_N1[:, 0]).sum(dim=1) / weight_N1.sum()


def _dropout_widths(layers: tuple[Layer, ...], width: int) -> list[int]:
    """Width of every Dropout layer, in order."""
    widths: list[int] = []
    for layer in layers:
        match layer:
            case Linear(outputs=outputs):
                width = outputs
            case Dropout():
                widths.append(width)
            case Residual(layers=inner, shortcut=shortcut):
                widths += _dropout_widths(inner, width)
                width = width if shortcut is None else shortcut.outputs
            case _:
                pass
    return widths
