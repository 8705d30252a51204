"""Turns a network spec into the flat list of operations that the native kernels walk."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import lru_cache

from tailproof import _lanes
from tailproof._lanes import MAX_DROPOUT_UNITS, Kind
from tailproof.core.errors import UnsupportedNetError
from tailproof.models.packing import parameter_places
from tailproof.models.spec import SHORTCUT, Dropout, Layer, LayerNorm, Linear, NetSpec, ReLU, Residual, Sigmoid


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One step of a forward pass; a LayerNorm takes the ReLU and Dropout that follow it into one pass over memory."""

    kind: Kind
    inputs: int
    outputs: int
    weight: int = 0
    """Place of its first weight among the flat parameters."""
    bias: int = 0
    rectify: bool = False
    dropout: int = -1
    """Number of its first unit among all units that Dropout may zero; -1 where none follows."""
    epsilon: float = 0.0

    def native(self) -> _lanes.Operation:
        """The record that the native module takes, field by field of the same name."""
        return _lanes.Operation(**{field.name: getattr(self, field.name) for field in fields(self)})


def operations(spec: NetSpec) -> tuple[Operation, ...]:
    """The spec as a flat list, in the order of the forward pass.

    >>> from tailproof.models.spec import robust_financial_net
    >>> spec = robust_financial_net(inputs=5, hidden_dims=(16,), dropout_rate=0.1)
    >>> [operation.kind.name for operation in operations(spec)]
    ['linear', 'norm', 'linear', 'sigmoid']

    Raises:
        UnsupportedNetError: Dropout covers more units than the random counter can tell apart.
    """
    assert spec.embedding is None, "an engine takes the embedding off before it runs the layers"
    offsets, _ = parameter_places(spec)
    flat = _fuse(_flatten(spec.layers, spec.inputs, "", offsets))
    return _number_dropout_units(flat)


@lru_cache
def build_program(spec: NetSpec) -> _lanes.Program:
    """The native program of a spec."""
    _, parameter_count = parameter_places(spec)
    native = [operation.native() for operation in operations(spec)]
    return _lanes.Program(inputs=spec.inputs, operations=native, parameter_count=parameter_count)


def _flatten(layers: tuple[Layer, ...], width: int, prefix: str, offsets: dict[str, int]) -> list[Operation]:
    flat: list[Operation] = []
    for index, layer in enumerate(layers):
        name = f"{prefix}{index}"
        match layer:
            case Linear(outputs=outputs):
                flat.append(_linear(layer, name, offsets))
                width = outputs
            case LayerNorm(epsilon=epsilon):
                weight, bias = offsets[f"{name}.weight"], offsets[f"{name}.bias"]
                norm = Operation(kind=Kind.norm, inputs=width, outputs=width, weight=weight, bias=bias)
                flat.append(replace(norm, epsilon=epsilon))
            case ReLU():
                flat.append(Operation(kind=Kind.gate, inputs=width, outputs=width, rectify=True))
            case Dropout():
                flat.append(Operation(kind=Kind.gate, inputs=width, outputs=width, dropout=0))
            case Sigmoid():
                flat.append(Operation(kind=Kind.sigmoid, inputs=width, outputs=width))
            case Residual(layers=inner, shortcut=shortcut):
                flat.append(Operation(kind=Kind.fork, inputs=width, outputs=width))
                flat += _flatten(inner, width, f"{name}.", offsets)
                if shortcut is not None:
                    flat.append(Operation(kind=Kind.detour, inputs=shortcut.outputs, outputs=width))
                    flat.append(_linear(shortcut, f"{name}.{SHORTCUT}", offsets))
                    width = shortcut.outputs
                flat.append(Operation(kind=Kind.join, inputs=width, outputs=width))
    return flat


def _linear(layer: Linear, name: str, offsets: dict[str, int]) -> Operation:
    weight, bias = offsets[f"{name}.weight"], offsets[f"{name}.bias"]
    return Operation(kind=Kind.linear, inputs=layer.inputs, outputs=layer.outputs, weight=weight, bias=bias)


def _fuse(flat: list[Operation]) -> list[Operation]:
    fused: list[Operation] = []
    for operation in flat:
        last = fused[-1] if fused else None
        if last is None or operation.kind is not Kind.gate or last.kind not in (Kind.norm, Kind.gate):
            fused.append(operation)
        elif operation.rectify and not last.rectify and last.dropout < 0:
            fused[-1] = replace(last, rectify=True)
        elif operation.dropout >= 0 and last.rectify and last.dropout < 0:
            fused[-1] = replace(last, dropout=0)
        else:
            fused.append(operation)
    return fused


def _number_dropout_units(flat: list[Operation]) -> tuple[Operation, ...]:
    numbered: list[Operation] = []
    units = 0
    for operation in flat:
        if operation.dropout >= 0:
            numbered.append(replace(operation, dropout=units))
            units += operation.outputs
        else:
            numbered.append(operation)
    if units > MAX_DROPOUT_UNITS:
        raise UnsupportedNetError(
            f"the lanes engine takes at most {MAX_DROPOUT_UNITS} units under Dropout, got {units}. "
            "Use narrower layers or engine=torch."
        )
    return tuple(numbered)
