"""Settings named in messages: a message carries the setting, and the surface that shows it writes the name.

On the command line a setting is an option, ``--session-gap 5h``; in Python it is an argument, ``session_gap="5h"``. The
code that finds a fault does not know which of the two the user sees, so it writes ``setting("session_gap", "5h")``, a
mark in the text. ``TailproofError`` and the report on bars replace the marks when they are shown.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager

OPEN, BETWEEN, SHUT, KEY = "\ue000", "\ue001", "\ue002", "\ue003"
"""Around a setting, between its name and value, and in place of the value of a key: Unicode's private characters."""
MARK = re.compile(f"{OPEN}([^{BETWEEN}{SHUT}]+)(?:{BETWEEN}([^{SHUT}]*))?{SHUT}")
SHORT_OPTIONS = {"timezone": "tz", "other_timezone": "other-tz"}
"""Settings whose option has a short name too."""
OF_SERIES = "with "
"""Prefix of the settings of one of the other series: ``with cpi.lag``."""
OF_OTHER_FILE = "other_"
"""Prefix of the reading options of the other file of ``merge``, which are one argument in Python."""

_options = False
"""Whether this process shows messages to users of the command line."""
_prefix = ""
"""Prefix of the settings of the merged file that is being read."""


def setting(name: str, value: str | float | None = None) -> str:
    """A setting inside a message, alone or with a value for it.

    >>> worded(f"Give {setting('session_gap', '5h')} or {switch('decimal_comma')}.")
    'Give session_gap="5h" or decimal_comma=True.'
    >>> with speaking_of_options():
    ...     worded(f"Give {setting('columns', 'close=Adj Close')} or {switch('decimal_comma')}.")
    "Give --columns 'close=Adj Close' or --decimal-comma."
    """
    if value is None:
        return f"{OPEN}{name}{SHUT}"
    return f"{OPEN}{name}{BETWEEN}{repr(value) if not isinstance(value, str) else _quoted(value)}{SHUT}"


def switch(name: str) -> str:
    """A setting inside a message that is turned on."""
    return f"{OPEN}{name}{BETWEEN}True{SHUT}"


def key(name: str) -> str:
    """A setting inside a message by the name that it has in a config file: with hyphens, in Python with underscores.

    >>> worded(f"{key('session_gap')} must be longer than 0.")
    'session_gap must be longer than 0.'
    """
    return f"{OPEN}{name}{BETWEEN}{KEY}{SHUT}"


def worded(text: str) -> str:
    """``text`` with its settings written as this process's users give them."""
    text = of_file(text, _prefix) if _prefix else text
    return MARK.sub(lambda mark: _option(mark[1], mark[2]) if _options else _argument(mark[1], mark[2]), text)


def of_file(text: str, prefix: str) -> str:
    """``text`` on reading a merged file, whose settings have a prefix.

    >>> worded(of_file(f"Give {setting('columns', 'close=VIXCLS')}.", "vix_"))
    'Give vix_columns="close=VIXCLS".'
    """
    return MARK.sub(lambda mark: mark[0].replace(OPEN, OPEN + prefix, 1), text)


@contextmanager
def speaking_of_file(prefix: str) -> Iterator[None]:
    """While a merged file is read: messages that are worded meanwhile name its own settings, which have a prefix.

    >>> with speaking_of_file("with nq."):
    ...     worded(f"Name the zone: {setting('timezone', 'UTC')}.")
    'Name the zone: with_={"nq": {"timezone": "UTC"}}.'
    """
    global _prefix
    before, _prefix = _prefix, prefix
    try:
        yield
    finally:
        _prefix = before


@contextmanager
def speaking_of_options() -> Iterator[None]:
    """While a command runs: settings are written as options of the command line."""
    global _options
    before, _options = _options, True
    try:
        yield
    finally:
        _options = before


def _quoted(value: str) -> str:
    quote = "'" if '"' in value else '"'
    return f"{quote}{value}{quote}"


def _argument(name: str, value: str | None) -> str:
    if value == KEY:
        return name
    if name.startswith(OF_SERIES):
        series, _, own = name.removeprefix(OF_SERIES).partition(".")
        return f'with_={{"{series}": {{"{own}": {"..." if value is None else value}}}}}'
    if name == "with":
        if value is None:
            return "with_"
        series, _, file = value[1:-1].partition("=")
        return f'with_={{"{series}": {file}}}'
    if name.startswith(OF_OTHER_FILE):
        return f"other_options=ReadOptions({_argument(name.removeprefix(OF_OTHER_FILE), value)})"
    return name if value is None else f"{name}={value}"


def _option(name: str, value: str | None) -> str:
    if value == KEY:
        return _dashed(name)
    if name.startswith(OF_SERIES):
        return f"--{_dashed(name)}" if value in (None, "True") else f"--{_dashed(name)}={value[1:-1]}"
    flag = f"--{SHORT_OPTIONS.get(name, name.replace('_', '-'))}"
    if value is None or value == "True":
        return flag
    bare = value[1:-1] if value[0] in "\"'" else value
    return f"{flag} {shlex.quote(bare) if re.search(r'[^A-Za-z0-9_@%+=:,./-]', bare) and not _is_plain(bare) else bare}"


def _dashed(name: str) -> str:
    """A setting as the command line names it; the name of a series stays as it is."""
    series, point, own = name.rpartition(".")
    return f"{series}{point}{own.replace('_', '-')}"


def _is_plain(value: str) -> bool:
    """Whether a shell reads a value as it stands, letters of any language among it."""
    return re.fullmatch(r"[\w@%+=:,./-]+", value) is not None
