"""Heavy imports in the background, while bars are read and features computed outside the interpreter's lock."""

from __future__ import annotations

import threading
from contextlib import suppress
from importlib import import_module


def preload_for_training(*, engine: str, baselines: bool) -> None:
    """Start importing what training needs late and what takes seconds to import.

    torch's optimizers import torch._dynamo when the first one is made; the test over all baselines is that of ``arch``.
    """
    late = ["scipy.special"] if engine == "lanes" else ["scipy.special", "torch", "torch._dynamo"]
    preload_modules(*late, *(["arch.bootstrap"] if baselines else []))


def preload_modules(*names: str) -> threading.Thread:
    """Start importing modules one after another on a thread; an import that is needed earlier waits for its own only.

    A module that cannot be imported is left for the code that needs it, where the error can be read.

    >>> preload_modules("json", "no_such_module").join()
    """

    def run() -> None:
        for name in names:
            with suppress(ImportError):
                import_module(name)

    thread = threading.Thread(target=run, name="imports", daemon=True)
    thread.start()
    return thread
