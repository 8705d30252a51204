"""The smallest reporters: lines for a function, several reporters as one."""

from __future__ import annotations

from collections.abc import Callable

from tailproof.core.events import LogLine, Reporter, RunEvent


class Lines:
    """Gives the lines for people to a function, such as ``print``, and shows nothing else.

    Args:
        write: receives each line.
        detailed: whether details are shown too.

    >>> Lines(print).emit(LogLine(text="Fold 1/5"))
    Fold 1/5
    """

    def __init__(self, write: Callable[[str], object], *, detailed: bool = False) -> None:
        self._write = write
        self._detailed = detailed

    def emit(self, event: RunEvent) -> None:
        """Write a line."""
        if isinstance(event, LogLine) and (self._detailed or event.role != "detail"):
            self._write(event.text)


class Several:
    """Passes each event on to several reporters, one after the other."""

    def __init__(self, *reporters: Reporter) -> None:
        self._reporters = reporters

    def emit(self, event: RunEvent) -> None:
        """Pass an event on."""
        for reporter in self._reporters:
            reporter.emit(event)


class Unfailing:
    """Passes events on to a reporter for a screen, and is silent once the screen is gone.

    The reader of the output, such as ``head``, may end before the run does, and the disk may be full that a shell sends
    it to: the screen is never a reason to stop.
    """

    def __init__(self, reporter: Reporter) -> None:
        self._reporter: Reporter | None = reporter

    def emit(self, event: RunEvent) -> None:
        """Pass an event on."""
        if self._reporter is None:
            return
        try:
            self._reporter.emit(event)
        except UnicodeEncodeError:  # this line alone cannot be shown
            pass
        except (OSError, ValueError) as error:
            if isinstance(error, ValueError) and "closed file" not in str(error):
                raise
            self._reporter = None


SILENT = Several()
"""Shows nothing."""
