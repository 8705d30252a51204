"""Standard output that nobody reads any more, or that goes to a full disk."""

from __future__ import annotations

import os
import sys


def discard_output() -> None:
    """Discard all further standard output, and what it still holds, which Python would write at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
