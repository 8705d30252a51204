"""The nodes and constants of an ONNX graph, in the order in which they compute."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper


class Graph:
    """Grows by one node at a time; every value has a name, by which later nodes take it.

    >>> graph = Graph()
    >>> graph.add("Mul", "x", graph.constant(np.float32(2.0)))
    'mul_0'
    >>> [node.op_type for node in graph.nodes]
    ['Mul']
    """

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, value: np.ndarray | np.generic, *, name: str = "constant") -> str:
        """A tensor of its own type and shape; gives back its name, ``name`` with a number."""
        tensor = numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape))
        tensor.name = f"{name}_{len(self.constants)}"
        self.constants.append(tensor)
        return tensor.name

    def add(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """A node of one output; gives back the output's name, by default that of the operator with a number."""
        output = name or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output
