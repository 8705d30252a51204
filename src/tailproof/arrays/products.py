"""Products of arrays whose last digits depend on no number of threads.

A BLAS splits long sums between its threads, so that ``a @ b`` has other last digits under ``OMP_NUM_THREADS=8`` than
under 1. Figures that are written down take one of these instead.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np


def dot(first_N: np.ndarray, second_N: np.ndarray) -> float:
    """Sum of products, added up pairwise by numpy (no BLAS), in the arrays' own precision.

    >>> dot(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    11.0
    """
    return float(np.add.reduce(first_N * second_N))


class _Limit:
    """The BLAS on one thread for as long as any thread of Python asks for it: its number of threads is one for all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asking = 0
        self._before: Any = None

    def take(self) -> None:
        with self._lock:
            self._asking += 1
            if self._asking == 1:
                self._before = _controller().limit(limits=1, user_api="blas")

    def give_back(self) -> None:
        with self._lock:
            self._asking -= 1
            if self._asking == 0:
                self._before.restore_original_limits()


_LIMIT = _Limit()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """BLAS and LAPACK of numpy run on one thread meanwhile: for products of matrices, which only they do fast.

    Serves as a decorator too, may be nested, and may overlap in several Python threads. A BLAS that ``threadpoolctl``
    does not know (Accelerate) is left as it is.

    >>> with one_blas_thread():
    ...     (np.eye(2) @ np.ones(2)).tolist()
    [1.0, 1.0]
    """
    _LIMIT.take()
    try:
        yield
    finally:
        _LIMIT.give_back()


@cache
def _controller() -> Any:
    """Finds numpy's BLAS once: it is loaded with numpy, and looking for it reads the list of all loaded libraries."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
