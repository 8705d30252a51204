"""report_data.json: facts that a report needs and only the run in memory knows, as plain values."""

from __future__ import annotations

from typing import Any

import numpy as np

from tailproof.arrays.ranges import as_slice
from tailproof.arrays.times import as_datetimes
from tailproof.core.records import Bars, Design, Fold
from tailproof.report.numbers.shape import shape
from tailproof.statistics.drift import ReferenceBins


def run_facts(
    bars: Bars,
    notes: tuple[str, ...],
    design: Design,
    fold: Fold,
    target_N: np.ndarray,
    *,
    constant: float,
    constant_train_loss: float,
    constant_validation_loss: float | None,
) -> dict[str, Any]:
    """The content of the bars, the rows kept, the distribution of the target, and the drift of the features.

    Args:
        bars: the bars that were read.
        notes: sentences on the choice of features.
        design: the rows of the window that is shipped.
        fold: the rows that trained, validated and tested.
        target_N: transformed target of every row.
        constant: the constant prediction with the least training loss.
        constant_train_loss: its loss on the training rows.
        constant_validation_loss: and on the validation rows, None where there are none.
    """
    train = as_slice(fold.train)
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
        "target": {
            "before": shape(design.return_N[train]),
            "after": shape(target_N[train]),
            "zero_share": float((design.return_N[train] == 0.0).mean()),
        },
        "training": {
            "constant": constant,
            "constant_train_loss": constant_train_loss,
            "constant_validation_loss": constant_validation_loss,
        },
        "drift": _drift(design, fold),
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
    made = []
    for name, rows in parts.items():
        if len(rows) == 0:
            continue
        first, last = as_datetimes(design.known_at_N[[rows.start, rows.stop - 1]]).astype("datetime64[m]")
        made.append({"name": name, "rows": len(rows), "first": _minute(first), "last": _minute(last)})
    return made


def _minute(time: np.datetime64) -> str:
    return str(time).replace("T", " ")


def _drift(design: Design, fold: Fold) -> list[dict[str, Any]]:
    """Population stability index of each feature's later rows against its training rows.

    The later rows are the test, or the validation rows of a window that has no test: the model that is shipped.
    """
    later = fold.test if len(fold.test) else fold.validation
    if len(later) == 0:
        return []
    train_NF, later_NF = (design.x_NF[rows.start : rows.stop] for rows in (fold.train, later))
    return [
        {"name": name, "stability_index": ReferenceBins.of(train_NF[:, column]).psi(later_NF[:, column])}
        for column, name in enumerate(design.names)
    ]
