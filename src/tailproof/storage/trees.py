"""Dicts and lists of arrays, numbers and texts as one JSON text and the arrays beside it, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from tailproof.arrays.scratch import rows_array


def packed_tree(tree: Mapping[str, Any]) -> tuple[bytes, list[np.ndarray]]:
    """A JSON text, and the tree's arrays in the order in which their bytes have to follow it.

    >>> text, arrays = packed_tree({"name": "a", "value_N": np.arange(3.0)})
    >>> len(arrays), unpacked_tree(text, arrays)["name"]
    (1, 'a')
    """
    arrays: list[np.ndarray] = []
    packed = _packed(tree, arrays)
    header = {"tree": packed, "arrays": [[array.dtype.str, array.shape] for array in arrays]}
    return json.dumps(header, allow_nan=False).encode(), arrays


def empty_arrays(text: bytes) -> list[np.ndarray]:
    """Arrays for the bytes that follow a text of ``packed_tree``, to be filled; long ones are mapped."""
    return [rows_array(tuple(shape), np.dtype(dtype)) for dtype, shape in json.loads(text)["arrays"]]


def unpacked_tree(text: bytes, arrays: list[np.ndarray]) -> dict[str, Any]:
    """The tree that ``packed_tree`` was given; tuples have become lists."""
    tree: dict[str, Any] = _unpacked(json.loads(text)["tree"], arrays)
    return tree


def array_bytes(array: np.ndarray) -> memoryview:
    """The memory of an array, or of a contiguous copy where it is not."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _packed(value: Any, arrays: list[np.ndarray]) -> Any:
    """Plain JSON values; arrays are put into ``arrays`` and named by their place there."""
    if isinstance(value, np.ndarray):
        assert value.dtype.kind in "biuf", f"arrays of numbers can be kept, got {value.dtype}"
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        return {"dict": {str(key): _packed(item, arrays) for key, item in value.items()}}
    if isinstance(value, list | tuple):
        return [_packed(item, arrays) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value


def _unpacked(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, list):
        return [_unpacked(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "array":
        return arrays[content]
    if kind == "float":
        return float(content)
    return {key: _unpacked(item, arrays) for key, item in content.items()}
