"""report_data.json: what a report needs and only the run in memory knows, as plain values."""

from __future__ import annotations

from typing import Any

import numpy as np

from tailproof.core.records import Bars, Design, Fold
from tailproof.report.numbers.shape import shape

DRIFT_BINS = 10
LEAST_SHARE = 1e-4
"""Empty bins count as this share, as the logarithm of nothing is infinite."""


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
    """What the bars held, which rows were kept, how the target lay, and how the features moved.

    Args:
        bars: the bars that were read.
        notes: sentences on the choice of features.
        design: the rows made of them.
        fold: the rows that trained, validated and tested.
        target_N: transformed target of every row.
        constant: the constant prediction with the least training loss.
        constant_train_loss: its loss on the training rows.
        constant_validation_loss: and on the validation rows, None where there are none.
    """
    train = slice(fold.train.start, fold.train.stop)
    return {
        "bars": _bars(bars),
        "features": {"names": list(design.names), "notes": list(notes)},
        "rows": {"kept": len(design), "left_out": {why: count for why, count in design.dropped.items() if count}},
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
        first, last = design.known_at_N[[rows.start, rows.stop - 1]].astype("datetime64[ns]").astype("datetime64[m]")
        made.append({"name": name, "rows": len(rows), "first": _minute(first), "last": _minute(last)})
    return made


def _minute(time: np.datetime64) -> str:
    return str(time).replace("T", " ")


def _drift(design: Design, fold: Fold) -> list[dict[str, Any]]:
    """Population stability index of each feature's later rows against its training rows, over training tenths.

    The later rows are the test, or the validation rows of a window that has no test: the model that is shipped.

    PSI = sum (a - b) ln(a / b), a and b the shares of a bin (Siddiqi 2006).
    """
    later = fold.test if len(fold.test) else fold.validation
    if len(later) == 0:
        return []
    train_NF, test_NF = (design.x_NF[rows.start : rows.stop] for rows in (fold.train, later))
    made = []
    for column, name in enumerate(design.names):
        edge_K = np.unique(np.quantile(train_NF[:, column], np.linspace(0.0, 1.0, DRIFT_BINS + 1)[1:-1]))
        bins = [np.searchsorted(edge_K, x_NF[:, column]) for x_NF in (train_NF, test_NF)]
        was_K, is_K = (_shares(bin_N, len(edge_K) + 1) for bin_N in bins)
        made.append({"name": name, "stability_index": float(np.sum((is_K - was_K) * np.log(is_K / was_K)))})
    return made


def _shares(bin_N: np.ndarray, bins: int) -> np.ndarray:
    return np.asarray(np.maximum(np.bincount(bin_N, minlength=bins) / len(bin_N), LEAST_SHARE))
