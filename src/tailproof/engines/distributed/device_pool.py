"""Several accelerators of one machine: each trains a share of the members in a thread of this process."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from tailproof.core.fit import Event, Fit
from tailproof.engines.distributed.shards import JoinedEvents
from tailproof.engines.distributed.spread_engine import SpreadEngine
from tailproof.engines.interface import Engine, TrainingJob


def over_devices(engines: Sequence[Engine]) -> SpreadEngine:
    """One engine from several of a kind, each on a device of its own; the first one forecasts."""
    return SpreadEngine(engines[0], DevicePool(engines))


@dataclass(frozen=True, kw_only=True)
class _Done:
    share: int
    fit: Fit | None
    error: BaseException | None


class DevicePool:
    """A pool of threads, one for each engine. A thread does little but launch work on its device.

    Args:
        engines: of a kind, each on a device of its own.
    """

    threads: int | None = None

    def __init__(self, engines: Sequence[Engine]) -> None:
        self._engines = engines

    def workers(self, engine: Engine, job: TrainingJob) -> int:
        """Every device trains."""
        del engine, job
        return len(self._engines)

    def describe(self, engine: Engine, job: TrainingJob) -> str:
        """One line that says how many devices train."""
        return f"Workers: {self.workers(engine, job)} devices of this machine share the members."

    def train(
        self, engine: Engine, job: TrainingJob, shares: Sequence[TrainingJob], joined: JoinedEvents
    ) -> Sequence[Fit]:
        """Train each share on a device; see ``WorkerPool.train``. An error is raised when every thread has ended."""
        del engine, job
        arrived: queue.Queue[tuple[int, Event] | _Done] = queue.Queue()
        threads = [
            threading.Thread(target=_train, args=(self._engines[number], share, number, arrived), daemon=True)
            for number, share in enumerate(shares)
        ]
        for thread in threads:
            thread.start()
        fits: dict[int, Fit] = {}
        errors: list[BaseException] = []
        while len(fits) + len(errors) < len(shares):
            match arrived.get():
                case _Done(share=number, fit=fit, error=error):
                    if fit is None:
                        assert error is not None, "a share ends with a fit or an error"
                        errors.append(error)
                    else:
                        fits[number] = fit
                        joined.end(number)
                case (number, event):
                    joined.add(number, event)
        if errors:
            raise errors[0]
        return [fits[number] for number in range(len(shares))]


def _train(engine: Engine, share: TrainingJob, number: int, arrived: queue.Queue[tuple[int, Event] | _Done]) -> None:
    try:
        fit = engine.fit(share, on_event=lambda event: arrived.put((number, event)))
    except BaseException as error:  # whatever it is, it is raised in the thread that waits
        arrived.put(_Done(share=number, fit=None, error=error))
    else:
        arrived.put(_Done(share=number, fit=fit, error=None))
