"""Initial weights, drawn once in NumPy so that every engine starts from the same bits."""

from __future__ import annotations

import numpy as np

from tailproof.core.fit import Parameters
from tailproof.models.spec import NetSpec


def initial_parameters(spec: NetSpec, rng: np.random.Generator) -> Parameters:
    """Weights and biases of Linear from U(-1/sqrt(inputs), 1/sqrt(inputs)), as torch's default; LayerNorm 1 and 0.

    The uniform range is that of ``kaiming_uniform_(a=sqrt(5))`` (He et al. 2015), which ``torch.nn.Linear`` uses.

    >>> from tailproof.models.spec import Linear, NetSpec
    >>> spec = NetSpec(inputs=4, layers=(Linear(inputs=4, outputs=2),))
    >>> sorted(initial_parameters(spec, np.random.default_rng(0)))
    ['0.bias', '0.weight']
    """
    parameters: Parameters = {}
    shapes = spec.parameter_shapes
    for name, shape in shapes.items():
        layer, _, kind = name.rpartition(".")
        weight_shape = shapes[f"{layer}.weight"]
        if len(weight_shape) == 1:
            parameters[name] = np.full(shape, 1.0 if kind == "weight" else 0.0, dtype=np.float32)
        else:
            bound = 1.0 / np.sqrt(weight_shape[1])
            parameters[name] = rng.uniform(-bound, bound, size=shape).astype(np.float32)
    return parameters


def initial_population(spec: NetSpec, generators: list[np.random.Generator]) -> Parameters:
    """Initial parameters of several members, stacked on a leading axis: ``{name: array_M...}``."""
    members = [initial_parameters(spec, rng) for rng in generators]
    return {name: np.stack([member[name] for member in members]) for name in members[0]}
