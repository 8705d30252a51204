"""The list of commands that ``tailproof --help`` shows, in plain text: it waits for no package of the command line."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping

HEAD = """Usage: tailproof COMMAND

Train neural networks on financial bars: stably, honestly and fast. Begin with: tailproof demo"""
FOOT = "tailproof COMMAND --help describes a command and the options that most people use, --help-all every option."
OPTIONS = {
    "--help": "Show this list.",
    "--version": "Show the version.",
    "--install-completion": "Teach your shell to complete tailproof's commands and options.",
}
MIN_WIDTH, MAX_WIDTH = 60, 110


def overview(groups: Mapping[str, Mapping[str, str]]) -> str:
    """The commands in their groups, one line each where the terminal is wide enough.

    >>> "  check  Report every fault." in overview({"Bars": {"check": "Report every fault."}}).splitlines()
    True
    """
    width = min(max(shutil.get_terminal_size().columns, MIN_WIDTH), MAX_WIDTH)
    parts = [textwrap.fill(paragraph, width) for paragraph in HEAD.split("\n\n")]
    for title, lines in {**groups, "Options": OPTIONS}.items():
        indent = max(map(len, lines)) + 4
        entries = (_entry(name, line, width=width, indent=indent) for name, line in lines.items())
        parts.append("\n".join([f"{title}:", *entries]))
    return "\n\n".join([*parts, textwrap.fill(FOOT, width)])


def _entry(name: str, line: str, *, width: int, indent: int) -> str:
    return textwrap.fill(line, width, initial_indent=f"  {name}".ljust(indent), subsequent_indent=" " * indent)
