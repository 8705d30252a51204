"""Fitted statistics change only with training rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tailproof.arrays.ranges import ceil_div
from tailproof.audit.finding import Finding
from tailproof.core.records import Design, Fold

FitStatistics = Callable[[Design, Fold], dict[str, Any]]
"""Maps rows and their split to everything that is fitted, as plain types by name."""
MAX_ROWS = 20_000


def fitted_findings(
    design: Design, fold: Fold, fit: FitStatistics, *, random: np.random.Generator
) -> tuple[list[Finding], int]:
    """Statistics that change when every row outside the training part is replaced, and how many were compared.

    On at most 20,000 rows, spread evenly over the parts.
    """
    design, fold = _thinned(design, fold)
    noise = random.standard_normal((len(design), design.x_NF.shape[1])).astype(np.float32) * 100.0
    outside_N = np.ones(len(design), dtype=bool)
    outside_N[fold.train.start : fold.train.stop] = False
    other = replace(
        design,
        x_NF=np.where(outside_N[:, None], noise, design.x_NF),
        return_N=np.where(outside_N, random.standard_normal(len(design)), design.return_N),
    )
    own, moved = fit(design, fold), fit(other, fold)
    findings = [
        Finding(
            rule="statistic moved by other rows",
            what=f"fitted '{name}'",
            detail=f"{_first_difference(own[name], moved[name])} after the rows outside training were replaced",
        )
        for name in own
        if json.dumps(own[name], default=str) != json.dumps(moved[name], default=str)
    ]
    return findings, len(own)


def _first_difference(own: Any, moved: Any, path: str = "") -> str:
    if isinstance(own, dict) and isinstance(moved, dict):
        for key in own:
            if json.dumps(own[key], default=str) != json.dumps(moved.get(key), default=str):
                return _first_difference(own[key], moved.get(key), f"{path}{key}.")
    if isinstance(own, list) and isinstance(moved, list) and len(own) == len(moved):
        for index, (first, second) in enumerate(zip(own, moved, strict=True)):
            if first != second:
                return _first_difference(first, second, f"{path}{index}.")
    return f"{path.rstrip('.')} is {str(own)[:40]}, and {str(moved)[:40]}".strip()


def _thinned(design: Design, fold: Fold) -> tuple[Design, Fold]:
    """Every k-th row of each part, and the parts as they then lie."""
    step = ceil_div(len(design), MAX_ROWS)
    parts = {"train": fold.train, "validation": fold.validation, "test": fold.test}
    row_parts = [np.arange(rows.start, rows.stop, step) for rows in dict.fromkeys(parts.values())]
    rows_K = np.unique(np.concatenate(row_parts))
    places = {name: np.searchsorted(rows_K, [rows.start, rows.stop]) for name, rows in parts.items()}
    train, validation, test = (range(int(start), int(stop)) for start, stop in places.values())
    return design.take(rows_K), replace(fold, train=train, validation=validation, test=test)
