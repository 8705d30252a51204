"""metrics.jsonl as arrays: one row per moment, one column per member."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True)
class History:
    """Values of every member over time; NaN where a member has none."""

    at_K: np.ndarray
    """Epoch or step of each row."""
    value_KM: np.ndarray


def history(records: Sequence[dict[str, Any]], name: str, *, at: str) -> History:
    """Gather one figure of all members.

    A record holds all members; those that earlier versions wrote for single members say which in ``first_member``, and
    a figure that they did not write is NaN.

    >>> packs = [{"epoch": 1, "first_member": m, "loss": [0.1 * m]} for m in (0, 1)]
    >>> history(packs, "loss", at="epoch").value_KM.tolist()
    [[0.0, 0.1]]
    """
    moments = sorted({record[at] for record in records})
    members = max((record.get("first_member", 0) + len(record.get(name, ())) for record in records), default=0)
    value_KM = np.full((len(moments), members), np.nan)
    place = {moment: row for row, moment in enumerate(moments)}
    for record in records:
        first = record.get("first_member", 0)
        values = [np.nan if value is None else value for value in record.get(name, ())]
        value_KM[place[record[at]], first : first + len(values)] = values
    return History(at_K=np.array(moments, dtype=float), value_KM=value_KM)


def member_mean(value_KM: np.ndarray) -> np.ndarray:
    """Mean over the members that have a value; NaN where none has.

    >>> member_mean(np.array([[1.0, np.nan], [np.nan, np.nan]])).tolist()
    [1.0, nan]
    """
    known_KM = np.isfinite(value_KM)
    count_K = known_KM.sum(axis=1)
    total_K = np.where(known_KM, value_KM, 0.0).sum(axis=1)
    return np.asarray(np.where(count_K > 0, total_K / np.maximum(count_K, 1), np.nan))
