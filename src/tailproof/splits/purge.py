"""Purging: rows of one part whose label interval meets a label interval of another part are left out.

The label of a row is made in the interval (known_at, label_end]. Two rows share information when their intervals
intersect, and a split is clean when no training interval intersects one that is judged (López de Prado 2018, Advances
in Financial Machine Learning, section 7.4.1). Both functions below are exact for rows in the order of ``known_at``,
for any gaps, horizons and repeated times, as long as every label ends after its row is known; they need no count of
bars.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from tailproof.arrays.times import to_nanoseconds
from tailproof.core.errors import DataError
from tailproof.splits.embargo import Embargo


def check_times(known_at_N: np.ndarray, label_end_N: np.ndarray) -> None:
    """Refuse times that purging would misread.

    Raises:
        DataError: the arrays differ in length, rows are not in the order of ``known_at``, or a label ends before or
            when its row is known.
    """
    if known_at_N.shape != label_end_N.shape or known_at_N.ndim != 1:
        raise DataError(
            f"known_at and label_end must have one value per row, got {known_at_N.shape} and {label_end_N.shape}."
        )
    falls = np.flatnonzero(known_at_N[1:] < known_at_N[:-1])
    if len(falls):
        raise DataError(
            f"rows must be in the order of known_at, but row {falls[0] + 1} is earlier than the row before it."
        )
    early = np.flatnonzero(label_end_N <= known_at_N)
    if len(early):
        raise DataError(
            f"a label must end after its row is known, but at {len(early):,} rows, first {early[0]}, it does not."
        )


def purge_earlier(
    part: range, later: range, known_at_N: np.ndarray, label_end_N: np.ndarray, *, embargo: Embargo = 0
) -> tuple[range, int, int]:
    """The rows of ``part`` before the first whose label reaches into ``later``, and how many were left out.

    An embargo leaves a further gap: a label must have ended that span of time, or that many rows, before the first
    row of ``later`` is known. Returns the kept rows, the number purged and the number embargoed. Cutting at the first
    such row keeps one range; where labels differ in length, a few clean rows after it are purged too.

    >>> known = np.arange(10)
    >>> purge_earlier(range(0, 6), range(6, 10), known, known + 2)
    (range(0, 5), 1, 0)
    >>> purge_earlier(range(0, 6), range(6, 10), known, known + 2, embargo=2)
    (range(0, 3), 1, 2)
    """
    end_N = label_end_N[part.start : part.stop]
    clean = _count_before(end_N > known_at_N[later.start])
    if isinstance(embargo, timedelta):
        count = _count_before(end_N > known_at_N[later.start] - to_nanoseconds(embargo))
    elif embargo == 0:
        count = clean
    else:
        guarded = later.start - embargo
        count = _count_before(end_N > known_at_N[guarded]) if guarded >= 0 else 0
    return range(part.start, part.start + count), len(part) - clean, clean - count


def meets(block: range, known_at_N: np.ndarray, label_end_N: np.ndarray) -> np.ndarray:
    """Whether the label interval of each row intersects one of the rows in ``block`` (bool, one value per row).

    True inside the block. Exact for a row outside it: a row before the block meets it when its label ends after the
    block's first row is known, a row after it when it is known before the block's last label ends.
    """
    last_end = label_end_N[block.start : block.stop].max()
    return np.asarray((label_end_N > known_at_N[block.start]) & (known_at_N < last_end))


def embargoed_after(block: range, known_at_N: np.ndarray, label_end_N: np.ndarray, *, embargo: Embargo) -> range:
    """Rows known after the last label of ``block`` has ended, but not yet a full embargo later."""
    last_end = label_end_N[block.start : block.stop].max()
    first = int(np.searchsorted(known_at_N, last_end))
    if isinstance(embargo, timedelta):
        return range(first, int(np.searchsorted(known_at_N, last_end + to_nanoseconds(embargo))))
    return range(first, min(first + embargo, len(known_at_N)))


def _count_before(reaches_N: np.ndarray) -> int:
    """Rows before the first True."""
    return int(np.argmax(reaches_N)) if reaches_N.any() else len(reaches_N)
