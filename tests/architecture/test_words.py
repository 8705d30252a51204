"""The words of messages, docstrings and names are those that the whole project uses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAGUE_NAMES = {"told", "said", "given", "made"}
"""Participles that say nothing of what a variable holds."""
EXTREMES = {"MOST", "LARGEST", "LONGEST", "FARTHEST", "HIGHEST", "FEWEST", "LEAST", "SMALLEST", "SHORTEST", "LOWEST"}
"""The bounds of the project are called MAX_ and MIN_."""
SHAPE = re.compile(r"_[A-Z]+$")
"""The shape of an array at the end of its name."""
FOLDERS = ("src", "tests", "benchmarks", "examples", "docs")


def trees(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text())


def names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every name that is assigned or defined, of parameters and fields too, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node.lineno


def says_nothing(name: str) -> bool:
    """Whether a name is a bare participle, or a constant by another word than MAX_ or MIN_."""
    bare = name.strip("_")
    return SHAPE.sub("", bare) in VAGUE_NAMES or (bare.isupper() and not EXTREMES.isdisjoint(bare.split("_")))


def text_of(node: ast.AST) -> tuple[str, int] | None:
    """The text and the line of a statement that is a text and nothing else."""
    value = node.value if isinstance(node, ast.Expr) else None
    return (value.value, value.lineno) if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def docstrings(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every text that is a statement of its own, so those of constants and fields too, with its line."""
    yield from filter(None, map(text_of, ast.walk(tree)))


def test_the_searches_see_what_they_look_for() -> None:
    tree = ast.parse('MOST_ROWS = 1\n"""Of a file."""\n\ndef f(told: int) -> None: ...\n')
    assert set(names(tree)) == {("MOST_ROWS", 1), ("f", 4), ("told", 4)}
    assert list(docstrings(tree)) == [("Of a file.", 2)]


def test_a_name_that_says_nothing_is_seen() -> None:
    assert all(map(says_nothing, ("told", "_said", "made_NF", "MOST_ROWS", "_ROWS_AT_LEAST", "LONGEST")))
    assert not any(map(says_nothing, ("made_rows", "MAX_ROWS", "longest", "P_BREAK", "_LAST")))


def test_a_message_says_got_or_but() -> None:
    """As in "embargo must not be negative, got -1"."""
    offenders = [
        f"{file.relative_to(ROOT)}:{number}"
        for folder in ("src", "benchmarks", "examples", "docs")
        for file in (ROOT / folder).rglob("*.py")
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if "however:" in line
    ]
    assert offenders == []


def test_a_docstring_begins_with_its_subject() -> None:
    offenders = [
        f"{file}:{line}"
        for file, tree in trees(*FOLDERS)
        for text, line in docstrings(tree)
        if re.match(r"(Of|That|By)\b", text)
    ]
    assert offenders == []


def test_a_name_says_what_it_holds() -> None:
    offenders = [
        f"{file}:{line}: {name}" for file, tree in trees(*FOLDERS) for name, line in names(tree) if says_nothing(name)
    ]
    assert offenders == []


def test_an_assert_changes_nothing() -> None:
    """``python -O`` leaves asserts out: columns that features share would be missing there."""
    changing = {
        "add",
        "append",
        "extend",
        "insert",
        "pop",
        "remove",
        "setdefault",
        "update",
        "write",
        "unlink",
        "clear",
    }
    faults = [
        f"{file}:{node.lineno}"
        for file, tree in trees("src")
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert)
        for call in ast.walk(node)
        if isinstance(call, ast.NamedExpr)
        or (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in changing)
    ]
    assert faults == []


def strays(tree: ast.Module) -> Iterator[int]:
    """Lines of texts that describe nothing: neither what was assigned right above, nor what they are first in."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            continue
        for above, text in pairwise(node.body):
            if text_of(text) and not isinstance(above, ast.Assign | ast.AnnAssign):
                yield text.lineno


def test_every_text_describes_what_stands_above_it() -> None:
    assert list(strays(ast.parse('"""M."""\nimport os\n"""Nanoseconds."""\nA = 1\n"""A."""\n'))) == [3]
    assert [f"{file}:{line}" for file, tree in trees("src") for line in strays(tree)] == []
