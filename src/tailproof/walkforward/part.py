"""The rows of one fold, laid end to end, so that engines see ranges of rows whatever the split."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from tailproof.core.records import CombinatorialFold, Design, Fold
from tailproof.splits import rows_of


@dataclass(frozen=True, kw_only=True)
class Part:
    """The part of a design that a fold uses; purged rows between two parts may be among it, but no range holds them."""

    design: Design
    """Views of the whole design where the fold is one stretch of time, copies where it is not."""
    fold: Fold
    """Ranges of the rows of ``design``."""
    row_N: np.ndarray
    """int64 row of the whole design that each row is."""

    @property
    def test_row_R(self) -> np.ndarray:
        """Rows of the whole design that are tested (int64)."""
        return self.row_N[self.fold.test.start : self.fold.test.stop]


def part_of(design: Design, fold: Fold | CombinatorialFold) -> Part:
    """The rows of a fold: a stretch of the design, or training, validation and test rows gathered in that order."""
    if isinstance(fold, Fold):
        parts = (fold.train, fold.validation, fold.test)
        start, stop = fold.train.start, max(rows.stop for rows in parts if len(rows))
        local = Fold(
            train=_moved(fold.train, start),
            validation=_moved(fold.validation, start) if len(fold.validation) else range(0),
            test=_moved(fold.test, start) if len(fold.test) else range(0),
            purged=fold.purged,
            embargoed=fold.embargoed,
        )
        return Part(design=design.take(slice(start, stop)), fold=local, row_N=np.arange(start, stop))
    gathered_rows = [rows_of(ranges) for ranges in (fold.train, fold.validation, fold.test)]
    edges = np.cumsum([0, *map(len, gathered_rows)]).tolist()
    train, validation, test = (range(first, last) for first, last in itertools.pairwise(edges))
    row_N = np.concatenate(gathered_rows)
    gathered = Fold(train=train, validation=validation, test=test, purged=fold.purged, embargoed=fold.embargoed)
    return Part(design=design.take(row_N), fold=gathered, row_N=row_N)


def tested(fold: Fold | CombinatorialFold) -> tuple[range, ...]:
    """The stretches of the whole design that a fold tests."""
    return (fold.test,) if isinstance(fold, Fold) else fold.test


def _moved(rows: range, start: int) -> range:
    return range(rows.start - start, rows.stop - start)
