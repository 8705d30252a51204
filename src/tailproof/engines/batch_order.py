"""The order of the training rows: from seed and epoch alone, the same for every engine and member."""

from __future__ import annotations

import numpy as np

from tailproof import _lanes
from tailproof.core.errors import ConfigError
from tailproof.core.randomness import generator
from tailproof.engines.interface import TrainingJob

SHUFFLED_WHOLE_BYTES = 8 << 30
"""Features up to this size (8 GiB) are shuffled as a whole: they are thought to fit into the memory of a machine."""
WINDOW_BYTES = 1 << 30
"""Size of the features in one window, where the features are larger than that."""


def batch_order(rows: range, *, seed: int, epoch: int, window: int | None) -> np.ndarray:
    """The order of a job: ``windowed_order`` where it has a window, else ``epoch_order``."""
    if window is None:
        return epoch_order(rows, seed=seed, epoch=epoch)
    return windowed_order(rows, seed=seed, epoch=epoch, window=window)


def window_for(rows: int, features: int) -> int | None:
    """Rows shuffled at a time: None, all of them, up to 8 GiB of features; beyond that as many as take 1 GiB.

    The rule knows nothing of the machine, so that a seed gives the same batches everywhere.

    >>> window_for(1_142_809, 5), window_for(100_000_000, 40)
    (None, 6710886)
    """
    bytes_a_row = features * np.dtype(np.float32).itemsize
    return None if rows * bytes_a_row <= SHUFFLED_WHOLE_BYTES else WINDOW_BYTES // bytes_a_row


def epoch_order(rows: range, *, seed: int, epoch: int) -> np.ndarray:
    """The training rows in the order in which epoch ``epoch`` (from 1) visits them: int32, each row once.

    Any epoch's order can be made without the ones before it, so a run resumes anywhere.

    >>> sorted(epoch_order(range(3, 7), seed=0, epoch=1).tolist())
    [3, 4, 5, 6]
    """
    return _shuffled(np.arange(rows.start, rows.stop, dtype=np.int32), generator(seed, "batch order", epoch))


def windowed_order(rows: range, *, seed: int, epoch: int, window: int) -> np.ndarray:
    """An epoch's order for rows that do not fit into memory: int32, each row once, near rows near in time.

    The rows are cut into windows of ``window`` consecutive rows (the cuts are moved by a random number of rows each
    epoch). Windows are visited in random order, and the rows of one window in random order before the next begins, so
    that only one window has to be in memory. What is lost against ``epoch_order``: rows that are far apart in time
    never share a batch, except where two windows meet. Take a window of many batches and many days.

    >>> windowed_order(range(3, 7), seed=0, epoch=1, window=2).tolist() != sorted(range(3, 7))
    True

    Raises:
        ConfigError: the window holds no row.
    """
    if window < 1:
        raise ConfigError(f"a window must hold at least one row, got {window}.")
    rng = generator(seed, "windowed order", epoch)
    cuts = range(int(rng.integers(window)), len(rows), window)
    windows = np.split(np.arange(rows.start, rows.stop, dtype=np.int32), cuts)
    return np.concatenate([_shuffled(windows[index], rng) for index in rng.permutation(len(windows))])


def _shuffled(order_N: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same array (int32), in the order in which ``rng.shuffle`` would leave it, in less than half the time."""
    _lanes.shuffle(order_N, rng.bit_generator.capsule)
    return order_N


class EpochRows:
    """The rows that the steps of an epoch visit; the order of the epoch asked for last is kept.

    Args:
        job: whose training rows are visited.
    """

    def __init__(self, job: TrainingJob) -> None:
        self._job = job
        self._epoch = 0
        self._order_N = np.empty(0, dtype=np.int64)

    def of_steps(self, epoch: int, first: int, count: int) -> np.ndarray:
        """Rows (int64) of at most ``count`` steps after the ``first`` ones of an epoch, batch after batch."""
        if self._epoch != epoch:
            order_N = batch_order(self._job.train, seed=self._job.seed, epoch=epoch, window=self._job.window)
            self._epoch, self._order_N = epoch, order_N.astype(np.int64)
        size = self._job.optimisation.batch_size
        return self._order_N[first * size : (first + count) * size]
