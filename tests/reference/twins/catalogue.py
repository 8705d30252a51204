"""A plain NumPy twin of every feature: written from its definition, sharing nothing with it."""

from __future__ import annotations

import re

import numpy as np
from tests.reference.twins import clock, price, serial, trend, volatility, volume  # noqa: F401 (they register their twins)
from tests.reference.twins.columns import ACROSS, INSIDE, Columns, key_and_numbers, values_of
from tests.reference.twins.longer import as_seen, by_length, by_session


def has_twin(name: str) -> bool:
    key, _ = key_and_numbers(re.sub(r"_x(\d+|1s)$", "", name))
    return key in INSIDE or key in ACROSS


def twin_values(name: str, columns: Columns, *, bar_seconds: int = 60) -> np.ndarray:
    """The twin's values of ``name`` or, as ``NAME_x5`` and ``NAME_x1s``, on longer bars."""
    longer = re.fullmatch(r"(.+)_x(\d+|1s)", name)
    if longer is None:
        return values_of(name, columns)
    times = longer[2]
    bars, seen_N = by_session(columns) if times == "1s" else by_length(columns, int(times) * bar_seconds)
    return as_seen(values_of(longer[1], bars), seen_N)
