"""report_data.json: facts that a report needs and only the run in memory knows, as plain values."""

from __future__ import annotations

from typing import Any

import numpy as np

from tailproof.arrays.times import as_datetimes
from tailproof.core.records import Bars, Design, Fold


def run_facts(
    bars: Bars,
    notes: tuple[str, ...],
    design: Design,
    fold: Fold,
    *,
    constant: float,
    constant_train_loss: float,
    constant_validation_loss: float | None,
    target: dict[str, Any],
    interactions: dict[str, float],
    drift: list[dict[str, Any]],
) -> dict[str, Any]:
    """The content of the bars, the rows kept, the distribution of the target, and the drift of the features.

    Args:
        bars: the bars that were read.
        notes: sentences on the choice of features.
        design: the rows of the window that is shipped.
        fold: the rows that trained, validated and tested.
        constant: the constant prediction with the least training loss.
        constant_train_loss: its loss on the training rows.
        constant_validation_loss: and on the validation rows, None where there are none.
        target: the shape of the training target before and after its transform.
        interactions: weight of each product of two inputs beside the shipped networks, by its name.
        drift: how far each feature moved after the training rows.
    """
    return {
        "bars": _bars(bars),
        "features": {"names": list(design.names), "notes": list(notes)},
        "rows": {
            "kept": len(bars) - sum(design.dropped.values()),  # not those of ``design``: a rolling window holds fewer
            "left_out": {why: count for why, count in design.dropped.items() if count},
        },
        "parts": _parts(design, fold),
        "purged": fold.purged,
        "judged_on_validation": fold.judged_on_validation,
        "target": target,
        "training": {
            "constant": constant,
            "constant_train_loss": constant_train_loss,
            "constant_validation_loss": constant_validation_loss,
        },
        "interactions": interactions,
        "drift": drift,
    }


def _bars(bars: Bars) -> dict[str, Any]:
    time = bars.frame["time"]
    return {
        "source": bars.source,
        "rows": len(bars),
        "first": f"{time[0]:%Y-%m-%d %H:%M}",
        "last": f"{time[-1]:%Y-%m-%d %H:%M}",
        "sessions": bars.frame["session"].n_unique(),
        "segments": bars.frame["segment"].n_unique(),
        "bar_seconds": bars.bar_length.total_seconds(),
        "notes": list(bars.notes),
    }


def _parts(design: Design, fold: Fold) -> list[dict[str, Any]]:
    parts = {"train": fold.train, "validation": fold.validation, "test": fold.test}
    if fold.judged_on_validation:
        parts = {"train": fold.train, "validation and test": fold.test}
    described = []
    for name, rows in parts.items():
        if len(rows) == 0:
            continue
        first, last = as_datetimes(design.known_at_N[[rows.start, rows.stop - 1]]).astype("datetime64[m]")
        described.append({"name": name, "rows": len(rows), "first": _minute(first), "last": _minute(last)})
    return described


def _minute(time: np.datetime64) -> str:
    return str(time).replace("T", " ")
