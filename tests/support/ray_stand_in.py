"""Ray as far as it is called, in this process: tasks are sent and run, or fail as Ray's do."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tailproof.engines.distributed.pickled import Pickled, pickled, unpickled


class RayError(Exception):
    """Base of Ray's errors."""


class RayTaskError(RayError):
    """A task has raised an error."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


@dataclass(eq=False)
class Reference:
    """A stored object, or a task with what it has given."""

    stored: Pickled


class StandIn(ModuleType):
    """``init`` and ``get`` raise ``error`` where there is one; everything that a task takes and gives is pickled."""

    def __init__(self) -> None:
        super().__init__("ray")
        self.error: Exception | None = None
        self.options: dict[str, Any] = {}
        self.level_before: int | None = None
        self.tasks: list[dict[str, Any]] = []
        """The options of every task that was begun."""
        self.done: list[Reference] = []
        """The tasks that ended by themselves."""
        self.cancelled: list[Reference] = []

    def init(self, **options: Any) -> None:
        self.options, self.level_before = options, logging.getLogger("ray").level
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(number))
        if self.error is not None:
            raise self.error

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}

    def shutdown(self) -> None:
        self.options = {}

    def put(self, value: object) -> Reference:
        return Reference(pickled(value))

    def get(self, reference: Reference) -> Any:
        if self.error is not None:
            raise self.error
        value = unpickled(reference.stored)
        if isinstance(value, Exception):
            raise RayTaskError(value)
        return value

    def remote(self, function: Callable[..., Any]) -> Task:
        return Task(self, pickled(function))

    def wait(
        self, left: list[Reference], *, num_returns: int, timeout: float
    ) -> tuple[list[Reference], list[Reference]]:
        """One more task ends where there is time to wait for it, the last of those begun."""
        running = [reference for reference in left if reference not in self.done]
        if timeout > 0 and running:
            self.done.append(running[-1])
        done = [reference for reference in left if reference in self.done][:num_returns]
        return done, [reference for reference in left if reference not in done]

    def cancel(self, reference: Reference, *, force: bool) -> None:
        assert force
        assert reference not in self.done  # Ray may abort this process then
        self.cancelled.append(reference)


class Task:
    """A function whose calls are tasks."""

    def __init__(self, ray: StandIn, function: Pickled) -> None:
        self._ray, self._function = ray, function

    def options(self, **options: Any) -> Task:
        self._ray.tasks.append(options)
        return self

    def remote(self, *arguments: Any) -> Reference:
        values = [unpickled(value.stored) if isinstance(value, Reference) else value for value in arguments]
        try:
            result = unpickled(self._function)(*values)
        except Exception as error:
            result = error
        return Reference(pickled(result))


@contextmanager
def ray_stand_in() -> Iterator[StandIn]:
    """The stand-in where Ray would be imported from."""
    stand_in, private, worker, exceptions = StandIn(), *map(ModuleType, ("ray._private", "worker", "ray.exceptions"))
    worker.print_to_stdstream = print  # type: ignore[attr-defined]
    private.worker = worker  # type: ignore[attr-defined]
    exceptions.RayError, exceptions.RayTaskError = RayError, RayTaskError  # type: ignore[attr-defined]
    modules = {module.__name__: module for module in (stand_in, private, exceptions)}
    before = {name: sys.modules.get(name) for name in modules}
    level = logging.getLogger("ray").level
    sys.modules.update(modules)
    try:
        yield stand_in
    finally:
        logging.getLogger("ray").setLevel(level)
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
