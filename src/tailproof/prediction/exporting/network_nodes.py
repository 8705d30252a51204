"""A network spec → nodes: all members at once, their weights stacked on a leading axis."""

from __future__ import annotations

import numpy as np

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
from tailproof.prediction.exporting.graph import Graph


def add_network(graph: Graph, spec: NetSpec, parameters: Parameters, x: str) -> str:
    """Outputs of every member, (members, rows, outputs), for scaled rows ``x`` (rows, inputs), with dropout off.

    A product of (rows, inputs) with stacked weights (members, inputs, outputs) is one for each member, so that a
    population is as many nodes as one network.
    """
    if spec.embedding is not None:
        x = _add_embedding(graph, spec.embedding, x)
    return _add_all(graph, spec.layers, parameters, x, prefix="")


def _add_embedding(graph: Graph, embedding: PiecewiseLinear, x: str) -> str:
    """The same as ``Bins.values``, in the same single precision."""
    bins = bins_of(embedding)
    picked = graph.add("Gather", x, graph.constant(bins.input_K, name="bin_inputs"), axis=1)
    above = graph.add("Sub", picked, graph.constant(bins.start_K, name="bin_starts"))
    share = graph.add("Div", above, graph.constant(bins.width_K, name="bin_widths"))
    least = graph.add("Max", share, graph.constant(bins.lowest_K, name="bin_lowest"))
    return graph.add("Min", least, graph.constant(bins.highest_K, name="bin_highest"))


def _add_all(graph: Graph, layers: tuple[Layer, ...], parameters: Parameters, x: str, *, prefix: str) -> str:
    for index, layer in enumerate(layers):
        x = _add_layer(graph, layer, parameters, x, path=f"{prefix}{index}")
    return x


def _add_layer(graph: Graph, layer: Layer, parameters: Parameters, x: str, *, path: str) -> str:
    match layer:
        case LayerNorm(width=width, epsilon=epsilon):
            # The operator's own scale may be no wider than a row, members have their own: it is multiplied after it.
            ones = graph.constant(np.ones(width, dtype=np.float32), name="ones")
            normal = graph.add("LayerNormalization", x, ones, axis=-1, epsilon=epsilon)
            scaled = graph.add("Mul", normal, _stacked(graph, parameters, f"{path}.weight"))
            return graph.add("Add", scaled, _stacked(graph, parameters, f"{path}.bias"))
        case Linear():
            weight_MIO = parameters[f"{path}.weight"].transpose(0, 2, 1)
            product = graph.add("MatMul", x, graph.constant(weight_MIO, name=f"{path}.weight"))
            return graph.add("Add", product, _stacked(graph, parameters, f"{path}.bias"))
        case ReLU():
            return graph.add("Relu", x)
        case Dropout():
            return x
        case Sigmoid():
            return graph.add("Sigmoid", x)
        case Residual(layers=inner, shortcut=shortcut):
            skipped = x if shortcut is None else _add_layer(graph, shortcut, parameters, x, path=f"{path}.{SHORTCUT}")
            return graph.add("Add", skipped, _add_all(graph, inner, parameters, x, prefix=f"{path}."))


def _stacked(graph: Graph, parameters: Parameters, name: str) -> str:
    """One vector per member, (members, 1, width), which broadcasts over rows."""
    return graph.constant(parameters[name][:, None, :], name=name)
