"""One split by time: the past trains, a later part chooses, the last part is judged once."""

from __future__ import annotations

import math

import numpy as np

from tailproof.core.errors import ConfigError, DataError
from tailproof.core.records import Fold
from tailproof.core.surface import key
from tailproof.splits.embargo import Embargo, check_embargo
from tailproof.splits.purge import purge_earlier

MIN_ROWS = 10


def chronological(
    known_at_N: np.ndarray,
    label_end_N: np.ndarray,
    *,
    train_fraction: float,
    validation_fraction: float,
    embargo: Embargo = 0,
) -> Fold:
    """Split time-ordered rows into train, validation and test, and purge by label end.

    A row of one part is left out when its label ends after the first row of the next part is known: the label intervals
    (known_at, label_end] of two parts never intersect (López de Prado 2018, section 7.4.1). Fractions are of all rows;
    the test part is what remains. With ``validation_fraction`` 0 there is no validation part. When the fractions add up
    to 1 the validation rows are the test rows too (``Fold.judged_on_validation``): the best epoch is then chosen on
    what is reported, as the original project did. An ``embargo`` ends each part that much earlier still.

    >>> known = np.arange(100)
    >>> fold = chronological(known, known + 3, train_fraction=0.6, validation_fraction=0.2)
    >>> fold.train, fold.validation, fold.test, fold.purged
    (range(0, 58), range(60, 78), range(80, 100), 4)

    Raises:
        ConfigError: the fractions leave nothing to test, or the embargo is negative.
        DataError: a part has fewer than 10 rows, or none after purging.
    """
    check_embargo(embargo)
    if train_fraction + validation_fraction > 1.0 + 1e-9:
        raise ConfigError(
            f"{key('train_fraction')} + {key('validation_fraction')} must be at most 1, got {train_fraction} + "
            f"{validation_fraction}."
        )
    rows = len(known_at_N)
    shared = validation_fraction > 0.0 and math.isclose(train_fraction + validation_fraction, 1.0)
    train_stop = round(rows * train_fraction)
    test_start = train_stop if shared else round(rows * (train_fraction + validation_fraction))
    train, validation, test = range(0, train_stop), range(train_stop, test_start), range(test_start, rows)
    chosen_on = [validation] if validation_fraction > 0.0 and not shared else []
    _refuse_small([train, *chosen_on, test], rows)
    purged = embargoed = 0
    if len(validation):
        validation, purged, embargoed = purge_earlier(validation, test, known_at_N, label_end_N, embargo=embargo)
    later = validation if len(validation) else test
    train, more_purged, more_embargoed = purge_earlier(train, later, known_at_N, label_end_N, embargo=embargo)
    if not len(train) or (chosen_on and not len(validation)):
        raise DataError(
            f"purging must leave rows to train and to choose on, but {purged + more_purged} rows purged and "
            f"{embargoed + more_embargoed} embargoed leave {len(train)} and {len(validation)}. Shorten the embargo."
        )
    return Fold(
        train=train,
        validation=test if shared else validation,
        test=test,
        purged=purged + more_purged,
        embargoed=embargoed + more_embargoed,
    )


def _refuse_small(parts: list[range], rows: int) -> None:
    if any(len(part) < MIN_ROWS for part in parts):
        sizes = ", ".join(str(len(part)) for part in parts)
        raise DataError(f"each part of the split needs at least {MIN_ROWS} rows, but {rows} rows gave {sizes}.")
