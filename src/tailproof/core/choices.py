"""One of several names, as a caller gave it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from tailproof.core.errors import ConfigError


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Refuse what is none of the choices.

    >>> check_choice("window", "rollling", ("expanding", "rolling"))
    Traceback (most recent call last):
        ...
    tailproof.core.errors.ConfigError: window must be expanding or rolling, got 'rollling'. Did you mean 'rolling'?

    Raises:
        ConfigError: names the choices, and the nearest of them.
    """
    if value not in choices:
        *first, last = choices
        near = difflib.get_close_matches(str(value), choices, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise ConfigError(f"{name} must be {', '.join(first)} or {last}, got {value!r}.{hint}")
