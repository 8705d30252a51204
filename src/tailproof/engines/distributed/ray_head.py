"""The head of a Ray cluster: whether it is still there."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from tailproof.core.errors import WorkerError
from tailproof.core.surface import switch

SECONDS_BETWEEN_KNOCKS = 1.0
"""Seconds between two looks at whether the head of the cluster is there."""
SECONDS_WITHOUT_HEAD = 5.0
"""A head that has not answered for so long is gone. Ray itself ends the process after a minute, with a stack trace."""


class RayHead:
    """The head of a cluster, whose control store the other processes of Ray cannot do without.

    Args:
        address: host:port of the control store; None where it is not known, and then never missed.
        clock: seconds.
        answers: whether somebody listens at an address.
    """

    def __init__(
        self,
        address: str | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        answers: Callable[[str], bool] | None = None,
    ) -> None:
        self._address = address
        self._clock = clock
        self._answers = answers or _answers
        self._seen = self._looked = clock()
        self.gone = False

    def refuse_gone(self) -> None:
        """Look, once a second, whether the head is there.

        Raises:
            WorkerError: it has not been for five seconds.
        """
        now = self._clock()
        if self._address is None or now - self._looked < SECONDS_BETWEEN_KNOCKS:
            return
        self._looked = now
        if self._answers(self._address):
            self._seen = now
        elif now - self._seen >= SECONDS_WITHOUT_HEAD:
            raise self._lost()

    def explained(self, error: WorkerError) -> WorkerError:
        """The error of an actor or a task; where the head is gone, that is its reason."""
        return error if self._address is None or self._answers(self._address) else self._lost()

    def _lost(self) -> WorkerError:
        self.gone = True
        return WorkerError(
            f"the head of the Ray cluster at {self._address} is gone: nobody answers there. Start the cluster again; "
            f"the same run with {switch('resume')} goes on from the folds that were done."
        )


def head_address() -> str | None:
    """Where the control store of the cluster listens; None behind ray://, where another process reaches it."""
    import ray

    try:
        return str(ray.get_runtime_context().gcs_address)
    except (AttributeError, RuntimeError):
        return None


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=SECONDS_BETWEEN_KNOCKS).close()
    except OSError:
        return False
    return True
