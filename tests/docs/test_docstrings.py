"""Every example in a docstring runs."""

import doctest
import importlib
import pkgutil

import pytest

import tailproof

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(tailproof.__path__, "tailproof.")
    if not module.name.rpartition(".")[2].startswith("_")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    tests = [test for name in MODULES for test in finder.find(importlib.import_module(name)) if test.examples]
    assert len(tests) >= 20
