"""Processes of this machine, started by joblib, that make the fits of an outside model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tailproof.core.errors import ConfigError, WorkerError
from tailproof.core.surface import setting, switch
from tailproof.engines.distributed.pickled import Pickled, call


class Processes:
    """A pool of ``count`` processes, which live on from one fold to the next. Each makes the next fit when it is done
    with one."""

    def __init__(self, count: int) -> None:
        self.fit_workers = count

    def describe_fits(self) -> str:
        """One line: how many processes there are."""
        return f"Workers: {self.fit_workers} processes share the fits of a fold."

    def fits(self, make: Pickled, count: int, *, on_fit: Callable[[], None]) -> list[Pickled]:
        """Every fit of a fold; see ``FitPool.fits``."""
        parallel, delayed = _joblib()
        results = []
        try:
            for one in parallel(n_jobs=min(self.fit_workers, count), return_as="generator")(
                delayed(call)(make, number) for number in range(count)
            ):
                results.append(one)
                on_fit()
        except RuntimeError as error:  # joblib's own, where a process is gone; those of a model are ConfigErrors
            raise WorkerError(
                f"a process that makes fits of the fold is gone: it was killed, perhaps because memory was short "
                f"({type(error).__name__}). The same run with {switch('resume')} goes on from the folds that were "
                f"done; give {setting('jobs')} fewer processes if memory was short."
            ) from error
        return results


def _joblib() -> tuple[Any, Any]:
    try:
        from joblib import Parallel, delayed
    except ImportError as error:
        raise ConfigError(
            f"{setting('jobs')} above 1 needs joblib, which comes with scikit-learn: pip install scikit-learn."
        ) from error
    return Parallel, delayed
