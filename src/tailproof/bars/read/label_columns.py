"""Columns of text that part the rows of several instruments, whatever they are called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tailproof.bars.read.time_format import TimeFormat, parse_times


def label_columns(
    rows: pl.DataFrame, times: Sequence[str], form: TimeFormat | None, names: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The columns among ``names`` at whose changes alone times start again, each with its first labels.

    Args:
        rows: cells as text, in the order of the file.
        times: the time of each row.
        form: how they are written.
        names: columns that may be of text.
    """
    if form is None or len(times) != rows.height or rows.height < 2:
        return {}
    time = parse_times(pl.Series(times, dtype=pl.String), form).cast(pl.Int64).fill_null(0)
    step_N = np.diff(time.to_numpy())
    if (step_N < 0).sum() > (step_N > 0).sum():
        step_N = -step_N  # newest first
    if (step_N > 0).all():
        return {}
    labels_by_name = {}
    for name in names:
        cells = rows[name]
        if cells.dtype != pl.String:
            continue
        changes_N = cells.ne_missing(cells.shift()).to_numpy()[1:]
        labels = cells.drop_nulls().unique(maintain_order=True)
        parts = (step_N[changes_N] <= 0).any() and not (step_N[~changes_N] < 0).any()
        if parts and 1 < len(labels) < rows.height:
            labels_by_name[name] = tuple(labels[:5].to_list())
    return labels_by_name
