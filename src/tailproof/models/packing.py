"""A population's parameters as one flat row per member, for engines that train all members together."""

from __future__ import annotations

import numpy as np

from tailproof.core.fit import Parameters
from tailproof.models.spec import NetSpec


def parameter_places(spec: NetSpec) -> tuple[dict[str, int], int]:
    """Place of every parameter's first number in a member's flat row, and the row's length."""
    offsets: dict[str, int] = {}
    total = 0
    for name, shape in spec.parameter_shapes.items():
        offsets[name] = total
        total += int(np.prod(shape))
    return offsets, total


def flatten_parameters(spec: NetSpec, parameters: Parameters) -> np.ndarray:
    """A population's parameters as one row per member: float32, (members, parameters), a copy."""
    members = len(next(iter(parameters.values())))
    parts = [np.asarray(parameters[name], dtype=np.float32).reshape(members, -1) for name in spec.parameter_shapes]
    return np.ascontiguousarray(np.concatenate(parts, axis=1))


def name_parameters(spec: NetSpec, flat_MP: np.ndarray) -> Parameters:
    """The reverse of ``flatten_parameters``: arrays by name with a leading member axis, copies."""
    offsets, _ = parameter_places(spec)
    named: Parameters = {}
    for name, shape in spec.parameter_shapes.items():
        part = flat_MP[:, offsets[name] : offsets[name] + int(np.prod(shape))]
        named[name] = part.reshape(len(flat_MP), *shape).copy()
    return named
