"""Waiting for another thread or process."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(happened: Callable[[], bool]) -> None:
    """Look again and again. There is no deadline, which a busy machine might miss: pytest stops a test that hangs."""
    while not happened():
        time.sleep(0.01)
