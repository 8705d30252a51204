"""The words of messages, docstrings and names are those that the whole project uses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src"
VAGUE_NAMES = {"told", "said", "given", "made"}
"""Participles that say nothing of what a variable holds."""
EXTREME = re.compile(r"_?(MOST|LARGEST|FEWEST|LEAST|SMALLEST)_[A-Z_]+")
"""The bounds of the project are called MAX_ and MIN_."""


def trees(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text())


def names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every name that is assigned, of parameters and fields too, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno


def docstrings(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every text that is a statement of its own, so those of constants and fields too, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value, node.lineno


def test_the_searches_see_what_they_look_for() -> None:
    tree = ast.parse('MOST_ROWS = 1\n"""Of a file."""\n\ndef f(told: int) -> None: ...\n')
    assert set(names(tree)) == {("MOST_ROWS", 1), ("told", 4)}
    assert list(docstrings(tree)) == [("Of a file.", 2)]


def test_a_message_says_got_or_but() -> None:
    """As in "embargo must not be negative, got -1"."""
    offenders = [
        f"{file.relative_to(SOURCES)}:{number}"
        for file in SOURCES.rglob("*.py")
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if "however:" in line
    ]
    assert offenders == []


def test_a_docstring_begins_with_its_subject() -> None:
    offenders = [
        f"{file}:{line}"
        for file, tree in trees("src", "tests", "benchmarks", "examples")
        for text, line in docstrings(tree)
        if re.match(r"(Of|That|By)\b", text)
    ]
    assert offenders == []


def test_a_name_says_what_it_holds() -> None:
    offenders = [
        f"{file}:{line}: {name}"
        for file, tree in trees("src", "tests", "benchmarks", "examples")
        for name, line in names(tree)
        if name in VAGUE_NAMES or EXTREME.fullmatch(name)
    ]
    assert offenders == []
