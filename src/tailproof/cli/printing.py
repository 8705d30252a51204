"""Printing for commands: names from files cannot steer the terminal, and no character stops the output."""

from __future__ import annotations

import codecs
import io
import os
import sys
from pathlib import Path

from tailproof.core.printable import printable

REPLACEMENTS = {"→": "->", "─": "-", "–": "-", "−": "-", "×": "x", "…": "...", "·": "."}
REPLACING = "tailproof.replace"


def show(text: str = "", *, error: bool = False) -> None:
    """Print a text to standard output, or to standard error."""
    print(printable(text), file=sys.stderr if error else sys.stdout, flush=error)


def replace_unprintable() -> None:
    """From now on replace characters that the screen's encoding lacks, instead of raising an error."""
    codecs.register_error(REPLACING, _replaced)
    nowhere = Path(os.devnull)
    sys.stdout = sys.stdout or nowhere.open("w")  # None where the shell has closed it, as by >&-
    sys.stderr = sys.stderr or nowhere.open("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=REPLACING)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    failed = error.object[error.start : error.end]
    return "".join(REPLACEMENTS.get(character, "?") for character in failed), error.end
