"""Interrupts of a run: it ends soon, but not before it has stored a checkpoint."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from tailproof.core.errors import Terminated

ENDING = tuple(signal.Signals[name] for name in ("SIGTERM", "SIGHUP") if name in signal.Signals.__members__)
"""Ask a process to end: by hand or at shutdown, and where the terminal or the connection that it runs in is closed."""
SIGNALS = {signal.SIGINT: KeyboardInterrupt, **dict.fromkeys(ENDING, Terminated)}
"""The interrupt that each signal is."""
SECONDS_TO_KEEP = 5.0
"""Seconds that an interrupt waits for the next step at which a checkpoint can be stored."""


def _raise_terminated(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise Terminated


USUAL_HANDLERS = (signal.default_int_handler, signal.SIG_DFL, _raise_terminated)


@contextmanager
def termination_raised() -> Iterator[None]:
    """Raise Terminated where SIGTERM or SIGHUP would end the process, so that a command says so and removes what it has
    half written; a handler that somebody else has installed, such as that of nohup, is left alone."""
    replaced: list[signal.Signals] = []
    if threading.current_thread() is threading.main_thread():
        replaced = [number for number in ENDING if signal.getsignal(number) == signal.SIG_DFL]
    for number in replaced:
        signal.signal(number, _raise_terminated)
    try:
        yield
    finally:
        for number in replaced:
            signal.signal(number, signal.SIG_DFL)


class Interrupts:
    """Handles SIGINT, SIGTERM and SIGHUP during a run.

    Inside ``deferred`` an interrupt is only remembered, so that the run can keep itself at the next step; a second one,
    or five seconds without such a step, raises it where the program stands. Outside, it is raised at once. Handlers
    that somebody else has installed are left alone.

    Args:
        seconds: how long an interrupt may wait.
    """

    def __init__(self, *, seconds: float = SECONDS_TO_KEEP) -> None:
        self._seconds = seconds
        self._deferring = False
        self._requested: KeyboardInterrupt | None = None
        self._timer: threading.Timer | None = None
        self._raised: KeyboardInterrupt | None = None

    @property
    def requested(self) -> bool:
        """Whether an interrupt waits to be raised."""
        return self._requested is not None

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Handle the signals; only the main thread can, and only where their handlers are the usual ones."""
        before = {}
        if threading.current_thread() is threading.main_thread():
            before = {number: signal.getsignal(number) for number in SIGNALS}
        replaced = [number for number, handler in before.items() if handler in USUAL_HANDLERS]
        for number in replaced:
            signal.signal(number, self._handle)
        try:
            yield
        except KeyboardInterrupt as error:
            if isinstance(self._raised, Terminated) and not isinstance(error, Terminated):
                raise self._raised from error  # a library, such as Ray, has raised an interrupt of its own in its place
            raise
        finally:
            self._stop_timer()
            for number in replaced:
                signal.signal(number, before[number])

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Let an interrupt wait for ``raise_requested``, which is called at the end in any case."""
        self._deferring = True
        try:
            yield
        finally:
            self._deferring = False
        self.raise_requested()

    def raise_requested(self) -> None:
        """Raise the interrupt that waits, if one does."""
        self._stop_timer()
        if self._requested is not None:
            requested, self._requested = self._requested, None
            raise requested

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del frame
        interrupt = SIGNALS[signal.Signals(number)]()
        if not self._deferring or self._requested is not None:
            self._stop_timer()
            self._raised = self._requested or interrupt
            raise self._raised
        self._requested = interrupt
        self._timer = threading.Timer(self._seconds, _send_again, args=(number,))
        self._timer.daemon = True
        self._timer.start()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _send_again(number: int) -> None:
    """Signal the main thread, so that it leaves a system call that it waits in."""
    thread = threading.main_thread().ident
    assert thread is not None
    signal.pthread_kill(thread, number)
