"""The order of the training rows: from seed and epoch alone, the same for every engine and member."""

from __future__ import annotations

import numpy as np

from tailproof.core.randomness import generator


def epoch_order(rows: range, *, seed: int, epoch: int) -> np.ndarray:
    """The training rows in the order in which epoch ``epoch`` (from 1) visits them: int32, each row once.

    Any epoch's order can be made without the ones before it, so a run resumes anywhere.

    >>> sorted(epoch_order(range(3, 7), seed=0, epoch=1).tolist())
    [3, 4, 5, 6]
    """
    return rows.start + generator(seed, "batch order", epoch).permutation(len(rows)).astype(np.int32)
