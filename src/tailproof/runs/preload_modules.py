"""Heavy imports in the background, while bars are read and features computed outside the interpreter's lock."""

from __future__ import annotations

import threading
from contextlib import suppress
from importlib import import_module


def import_ahead(*names: str) -> threading.Thread:
    """Start importing modules one after another on a thread; an import that is needed earlier waits for its own only.

    A module that cannot be imported is left for the code that needs it, where the error can be read.

    >>> import_ahead("json", "no_such_module").join()
    """

    def run() -> None:
        for name in names:
            with suppress(ImportError):
                import_module(name)

    thread = threading.Thread(target=run, name="imports", daemon=True)
    thread.start()
    return thread
