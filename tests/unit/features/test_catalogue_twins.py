"""Every feature of the catalogue computed a second time, by a plain twin that shares nothing with it."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import polars as pl
import pytest
from tests.reference.twins.catalogue import has_twin, twin_values
from tests.reference.twins.columns import ACROSS, INSIDE, Columns, columns_of, key_and_numbers
from tests.worlds.eventful_bars import SESSIONS, eventful_bars

from tailproof.features import CATALOGUE, compute

BOUND = 1e-6
"""As a share of the spread: polars' rolling sums carry rounding, which division by almost nothing makes large."""


@cache
def table() -> pl.DataFrame:
    return compute(eventful_bars(), list(CATALOGUE.values()))


@cache
def columns() -> Columns:
    return columns_of(eventful_bars())


def test_the_bars_have_all_that_the_catalogue_is_written_for() -> None:
    frame = eventful_bars().frame
    assert frame["session"].n_unique() >= SESSIONS
    assert frame["segment"].n_unique() >= frame["session"].n_unique() + 5
    assert (frame["volume"] == 0.0).sum() > 1000
    assert (np.diff(columns().time_N) == 120).sum() > 100


def test_every_feature_has_a_twin_and_every_twin_a_feature() -> None:
    assert [name for name in CATALOGUE if not has_twin(name)] == []
    keys = {key_and_numbers(re.sub(r"_x(\d+|1s)$", "", name))[0] for name in CATALOGUE}
    assert set(INSIDE) | set(ACROSS) == keys


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_feature_is_what_its_twin_says(name: str) -> None:
    found_N, expected_N = table()[name].to_numpy(), twin_values(name, columns())
    known_N = np.isfinite(expected_N)
    assert known_N.sum() > 3000
    np.testing.assert_array_equal(np.isfinite(found_N), known_N)
    apart = np.abs(found_N - expected_N)[known_N].max() / expected_N[known_N].std()
    assert apart <= BOUND
