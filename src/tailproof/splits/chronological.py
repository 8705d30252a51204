"""One split by time: the past trains, a later part chooses, the last part is judged once."""

from __future__ import annotations

import math

import numpy as np

from tailproof.core.errors import ConfigError, DataError
from tailproof.core.records import Fold

FEWEST_ROWS = 10


def chronological(
    known_at_N: np.ndarray, label_end_N: np.ndarray, *, train_fraction: float, validation_fraction: float
) -> Fold:
    """Split time-ordered rows into train, validation and test, and purge by label end.

    A row of one part is left out when its label ends after the first row of the next part is known: the label intervals
    (known_at, label_end] of two parts never intersect (López de Prado 2018, section 7.4.1). Fractions are of all rows;
    the test part is what remains. With ``validation_fraction`` 0 there is no validation part. When the fractions add up
    to 1 the validation rows are the test rows too (``Fold.judged_on_validation``): the best epoch is then chosen on
    what is reported, as the original project did.

    >>> known = np.arange(100)
    >>> fold = chronological(known, known + 3, train_fraction=0.6, validation_fraction=0.2)
    >>> fold.train, fold.validation, fold.test, fold.purged
    (range(0, 58), range(60, 78), range(80, 100), 4)

    Raises:
        ConfigError: the fractions leave nothing to test.
        DataError: a part has fewer than 10 rows.
    """
    if train_fraction + validation_fraction > 1.0 + 1e-9:
        raise ConfigError(
            "train-fraction + validation-fraction must be at most 1, however: "
            f"train-fraction={train_fraction}, validation-fraction={validation_fraction}."
        )
    rows = len(known_at_N)
    train_stop = round(rows * train_fraction)
    if math.isclose(train_fraction + validation_fraction, 1.0):
        return _without_test(range(train_stop, rows), known_at_N, label_end_N)
    test_start = round(rows * (train_fraction + validation_fraction))
    parts = [range(0, train_stop), range(train_stop, test_start), range(test_start, rows)]
    needed = parts if validation_fraction > 0.0 else [parts[0], parts[2]]
    _refuse_small(needed, rows=rows)
    train = _purge(parts[0], needed[1], known_at_N, label_end_N)
    validation = _purge(parts[1], parts[2], known_at_N, label_end_N) if len(parts[1]) else parts[1]
    purged = rows - len(train) - len(validation) - len(parts[2])
    return Fold(train=train, validation=validation, test=parts[2], purged=purged)


def _without_test(later: range, known_at_N: np.ndarray, label_end_N: np.ndarray) -> Fold:
    earlier = range(0, later.start)
    _refuse_small([earlier, later], rows=later.stop)
    train = _purge(earlier, later, known_at_N, label_end_N)
    return Fold(train=train, validation=later, test=later, purged=len(earlier) - len(train))


def _purge(part: range, following: range, known_at_N: np.ndarray, label_end_N: np.ndarray) -> range:
    """Rows of ``part`` up to the first whose label reaches into ``following``."""
    reaches = label_end_N[part.start : part.stop] > known_at_N[following.start]
    kept = int(np.argmax(reaches)) if reaches.any() else len(part)
    return range(part.start, part.start + kept)


def _refuse_small(parts: list[range], *, rows: int) -> None:
    if any(len(part) < FEWEST_ROWS for part in parts):
        sizes = ", ".join(str(len(part)) for part in parts)
        raise DataError(f"each part of the split needs at least {FEWEST_ROWS} rows, however: {rows} rows gave {sizes}.")
