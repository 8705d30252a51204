"""The processes between which the fits of an outside model are shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tailproof.engines.distributed.pickled import Pickled
from tailproof.engines.distributed.spread_engine import WorkerPool


class FitPool(Protocol):
    """Processes that make the fits of a fold; the calling process may be one of them."""

    @property
    def fit_workers(self) -> int:
        """How many fits are made at once."""
        ...

    def describe_fits(self) -> str:
        """One line that states which processes share the fits."""
        ...

    def fits(self, make: Pickled, count: int, *, on_fit: Callable[[], None]) -> list[Pickled]:
        """``make(0)`` to ``make(count - 1)``, in this order, each called in one of the processes.

        Args:
            make: a function of the fit's number that gives something ``Pickled``.
            count: fits of the fold.
            on_fit: is called after each fit, whichever it was.

        Raises:
            ConfigError: the model cannot be fitted or sent.
            WorkerError: a process has failed, differs from this one, or is gone.
        """
        ...


class Workers(WorkerPool, FitPool, Protocol):
    """Processes of torchrun or Ray, which share whatever is trained."""
