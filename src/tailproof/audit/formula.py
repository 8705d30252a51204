"""A formula that can only look back proves by itself that no row of its feature knows a later bar."""

from __future__ import annotations

import json
import math
from typing import Any

import polars as pl

from tailproof.features import Feature, shared_expression

_ROW_BY_ROW = {
    *("Abs", "Exp", "FillNull", "Log", "MaxHorizontal", "MinHorizontal", "Negate", "Sign"),
    *("IsNotNull", "IsNull", "Generic", "Sqrt", "Sin", "Cos"),
}
"""Functions, and kinds of comparisons, powers and waves, whose value in a row depends on that row of their inputs."""
_ROLLING = {"Max", "Mean", "Min", "Quantile", "Skew", "Std", "Sum", "Var"}
_OTHER_ROLLING_OPTIONS = {"window_size", "min_periods", "weights", "fn_params"}
_ROW_OF_SEGMENT = {
    "input": [{"Literal": {"Dyn": {"Int": 0}}}, "Len"],
    "function": {"Range": {"IntRange": {"step": 1, "dtype": {"Literal": "Int64"}}}},
}


def looks_back_only(feature: Feature) -> bool:
    """Whether every part of the feature's formula is known to read its own row and rows above it, and nothing else.

    Proved are operations between the values of one row, ``shift`` and ``diff`` by a number that is not negative,
    rolling windows that end at their row, running sums, recursive averages and the last value above. Anything else, a
    function of the user's among it, may be causal all the same. So may features that cross breaks or are computed on
    other rows than the bars'.

    >>> from tailproof.features import CATALOGUE
    >>> looks_back_only(CATALOGUE["volatility_20"])
    True
    >>> peek = Feature(name="peek", expression=pl.col("close").shift(-1), formula="", needs=("close",), look_back=0)
    >>> looks_back_only(peek)
    False
    """
    on_bars = feature.crosses is None and feature.times == 1 and feature.series is None
    return on_bars and isinstance(feature.expression, pl.Expr) and _proved(feature.expression)


def _proved(expression: pl.Expr) -> bool:
    try:
        tree = json.loads(expression.meta.serialize(format="json"))
    except (pl.exceptions.ComputeError, ValueError):  # it holds a Python function, which has no words
        return False
    return _looks_back(tree)


def _looks_back(node: Any) -> bool:
    """One node of the tree; whatever is not matched here, down to its settings, is not proved."""
    match node:
        case {"Column": str(name)}:
            expression = shared_expression(name)
            return expression is None or _proved(expression)
        case {"Literal": {"Dyn": {"Int": _} | {"Float": _}} | {"Scalar": {"Null": _}}}:
            return True
        case {"BinaryExpr": {"left": left, "op": str(), "right": right}}:
            return _looks_back(left) and _looks_back(right)
        case {"Ternary": {"predicate": predicate, "truthy": truthy, "falsy": falsy}}:
            return all(map(_looks_back, (predicate, truthy, falsy)))
        case {"Cast": {"expr": expression}}:
            return _looks_back(expression)
        case {"Function": function} if function == _ROW_OF_SEGMENT:
            return True
        case {"Function": {"input": inputs, "function": function}}:
            return _function_looks_back(function, inputs) and all(map(_looks_back, inputs))
    return False


def _function_looks_back(function: Any, inputs: list[Any]) -> bool:
    match function:
        case str(name) if name in _ROW_BY_ROW:
            return True
        case "Shift" | {"Diff": "Ignore"}:
            return _rows_back(inputs[1]) >= 0
        case {"Boolean": str(kind)} | {"Pow": str(kind)} | {"Trigonometry": str(kind)}:
            return kind in _ROW_BY_ROW
        case {"Clip": _} | {"CumSum": {"reverse": False}} | {"EwmMean": _} | {"FillNullWithStrategy": {"Forward": _}}:
            return True
        case {"RollingExpr": {"function": str(kind), "options": {"center": False, **others}}}:
            return kind in _ROLLING and others.keys() == _OTHER_ROLLING_OPTIONS
    return False


def _rows_back(literal: Any) -> float:
    """The rows that a shift goes back, by a number in the formula itself; NaN for anything else."""
    match literal:
        case {"Literal": {"Dyn": {"Int": int(rows)}}}:
            return rows
    return math.nan
