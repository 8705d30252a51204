"""`train` names leaks that nobody would list, and stops for no feature that knows nothing of later bars."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.worlds.leaks_by_train import finding, names
from tests.worlds.odd_leaks import HEAD, INNOCENT, ODD_LEAKS
from tests.worlds.sparse_leaks import minutes

SOME = ("the next return at an hour and at large volume", "a module that remembers some rows")


@pytest.mark.parametrize("name", SOME)
def test_train_names_an_odd_leak(name: str, tmp_path: Path) -> None:
    assert "'leak'" in finding(HEAD + ODD_LEAKS[name], minutes(14_000), tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_train_names_every_odd_leak() -> None:
    missed: list[str] = []
    assert names("odd", list(ODD_LEAKS), report=missed.append) == list(ODD_LEAKS), missed


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_train_stops_for_no_innocent_feature() -> None:
    accused: list[str] = []
    assert names("innocent", list(INNOCENT), report=accused.append) == [], accused
