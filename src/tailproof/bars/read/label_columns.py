"""Columns of text, or of a few whole numbers, that part the rows of several instruments, by whatever name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tailproof.bars.read.time_format import TimeFormat, parse_times

ROWS_PER_NUMBER = 3
"""Rows that each number has at least where numbers are labels."""


def label_columns(
    rows: pl.DataFrame, times: Sequence[str], form: TimeFormat | None, *, texts: Sequence[str], used: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The columns at whose changes alone times start again, each with its first labels.

    Args:
        rows: cells as text, in the order of the file.
        times: the time of each row.
        form: how they are written.
        texts: columns that may be of text.
        used: columns of numbers or texts whose meaning is known.
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
    for name in texts:
        cells = rows[name]
        if cells.dtype != pl.String:
            continue
        changes_N = cells.ne_missing(cells.shift()).to_numpy()[1:]
        labels = cells.drop_nulls().unique(maintain_order=True)
        parts = (step_N[changes_N] <= 0).any() and not (step_N[~changes_N] < 0).any()
        if parts and 1 < len(labels) < rows.height:
            labels_by_name[name] = tuple(labels[:5].to_list())
    known = {*texts, *used}
    by_number = {name: _numbers_that_part(rows[name], time) for name in rows.columns if name not in known}
    return labels_by_name | {name: first for name, first in by_number.items() if first}


def _numbers_that_part(cells: pl.Series, time: pl.Series) -> tuple[str, ...]:
    """The first of a few whole numbers whose rows rise (or fall) in time, at the same times; else nothing."""
    text = cells.cast(pl.String, strict=False).str.strip_chars()
    if text.null_count() or not text.str.contains(r"^\d+$").all():
        return ()
    table = pl.DataFrame({"label": text, "time": time})
    series = table.group_by("label", maintain_order=True).agg(
        pl.len().alias("rows"),
        pl.col("time").min().alias("first"),
        pl.col("time").max().alias("last"),
        pl.col("time").diff().alias("step"),
    )
    if series.height < 2 or (series["rows"] < ROWS_PER_NUMBER).any():
        return ()
    in_turn = series.sort("first").select((pl.col("first") > pl.col("last").shift()).all()).item()
    step_N = series["step"].explode().drop_nulls()
    parts = not in_turn and ((step_N > 0).all() or (step_N < 0).all())
    return tuple(series["label"][:5].to_list()) if parts else ()
