"""Converts a plain ``torch.nn.Sequential`` to a network spec, and puts trained weights back into the module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from tailproof.core.errors import UnsupportedNetError
from tailproof.core.fit import Parameters
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

if TYPE_CHECKING:
    from torch import nn

    from tailproof.models.torch_modules import ResidualBlock

SUPPORTED = (
    "LayerNorm, Linear, ReLU, Dropout, Sigmoid, Sequential, tailproof's ResidualBlock, and before all others its "
    "PiecewiseLinearEmbedding"
)


def lower_sequential(module: nn.Sequential) -> tuple[NetSpec, Parameters]:
    """The spec of a module and copies of its parameters (one member's, by the spec's names).

    Sequentials inside the module are opened up. Changing the returned arrays does not change the module.

    >>> from torch import nn
    >>> spec, parameters = lower_sequential(nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 1)))
    >>> spec.describe(), parameters["2.weight"].shape
    ('Linear(5, 4) → ReLU → Linear(4, 1)', (1, 4))

    Raises:
        UnsupportedNetError: a layer that has no spec, or has an option that its spec has not; names the layer.
    """
    embedding = _embedding(module)
    layers = tuple(_lower_all(module, path="", skip=0 if embedding is None else 1))
    width = next(_input_widths(layers), None)
    if width is None:
        raise UnsupportedNetError("a network must have a Linear or LayerNorm layer, but the module holds none.")
    spec = NetSpec(inputs=width if embedding is None else len(embedding.edges), layers=layers, embedding=embedding)
    values = [value.detach().float().cpu().numpy().copy() for value in module.parameters()]
    return spec, dict(zip(spec.parameter_shapes, values, strict=True))


def load_back(module: nn.Sequential, parameters: Parameters) -> None:
    """Put one member's parameters, named as ``lower_sequential`` named them, into the module they came from.

    >>> from torch import nn
    >>> module = nn.Sequential(nn.Linear(2, 1))
    >>> spec, parameters = lower_sequential(module)
    >>> load_back(module, {name: value + 1 for name, value in parameters.items()})
    >>> bool((lower_sequential(module)[1]["0.weight"] == parameters["0.weight"] + 1).all())
    True

    Raises:
        UnsupportedNetError: names or shapes are not those of the module.
    """
    import torch

    spec, current = lower_sequential(module)
    shapes = {name: np.shape(value) for name, value in parameters.items()}
    if shapes != {name: value.shape for name, value in current.items()}:
        raise UnsupportedNetError(
            f"parameters must be those of {spec.describe()} with shapes {spec.parameter_shapes}, got {shapes}."
        )
    with torch.no_grad():
        for name, target in zip(spec.parameter_shapes, module.parameters(), strict=True):
            target.copy_(torch.from_numpy(np.array(parameters[name])))


def _embedding(module: nn.Sequential) -> PiecewiseLinear | None:
    """The record of the embedding that a module begins with."""
    from tailproof.models.torch_modules import PiecewiseLinearEmbedding

    first = next(module.children(), None)
    return first.record if type(first) is PiecewiseLinearEmbedding else None


def _lower_all(module: nn.Sequential, *, path: str, skip: int = 0) -> list[Layer]:
    layers: list[Layer] = []
    for name, child in list(module.named_children())[skip:]:
        if name != SHORTCUT:
            layers += _lower(child, path=f"{path}{name}")
    return layers


def _lower(module: nn.Module, *, path: str) -> list[Layer]:
    from torch import nn

    from tailproof.models.torch_modules import ResidualBlock

    # Exactly these types: a subclass may compute something else.
    if type(module) is ResidualBlock:
        return [Residual(layers=tuple(_lower_all(module, path=f"{path}.")), shortcut=_shortcut(module, path=path))]
    if type(module) is nn.Sequential:
        return _lower_all(module, path=f"{path}.")
    if type(module) is nn.Linear and module.bias is not None:
        return [Linear(inputs=module.in_features, outputs=module.out_features)]
    if type(module) is nn.LayerNorm and len(module.normalized_shape) == 1 and _has_weight_and_bias(module):
        return [LayerNorm(width=module.normalized_shape[0], epsilon=module.eps)]
    if type(module) is nn.ReLU:
        return [ReLU()]
    if type(module) is nn.Dropout:
        return [Dropout(rate=module.p)]
    if type(module) is nn.Sigmoid:
        return [Sigmoid()]
    raise UnsupportedNetError(
        f"layer {path} ({module}) cannot be lowered. Supported: {SUPPORTED}, with weight and bias, over one dimension."
    )


def _input_widths(layers: tuple[Layer, ...]) -> Iterator[int]:
    """Values per row that the layers which know their width take, in order."""
    for layer in layers:
        match layer:
            case Linear(inputs=width) | LayerNorm(width=width):
                yield width
            case Residual(layers=inner):
                yield from _input_widths(inner)
            case _:
                pass


def _shortcut(module: ResidualBlock, *, path: str) -> Linear | None:
    if module.shortcut is None:
        return None
    (layer,) = _lower(module.shortcut, path=f"{path}.{SHORTCUT}")
    assert isinstance(layer, Linear)
    return layer


def _has_weight_and_bias(module: nn.LayerNorm) -> bool:
    return module.elementwise_affine and module.bias is not None
