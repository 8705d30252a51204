"""No file and no function of the package holds more than one idea's worth of lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "src" / "tailproof"
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
"""Without the docstring."""


def functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Name and lines of every function, its docstring not counted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = node.end_lineno - node.lineno + 1  # type: ignore[operator]
            if ast.get_docstring(node) is not None:
                lines -= node.body[0].end_lineno - node.body[0].lineno + 1  # type: ignore[operator]
            yield node.name, lines


def test_lines_are_counted_without_docstrings() -> None:
    source = 'def one():\n    """Two\n    lines."""\n    return 1\n\n\nclass A:\n    def two(self): ...\n'
    assert list(functions(ast.parse(source))) == [("one", 2), ("two", 1)]


def test_no_function_is_too_long() -> None:
    too_long = {
        f"{file.relative_to(SOURCES)}: {name}": lines
        for file in SOURCES.rglob("*.py")
        for name, lines in functions(ast.parse(file.read_text()))
        if lines > MAX_FUNCTION_LINES
    }
    assert too_long == {}


def test_no_file_is_too_long() -> None:
    lines = {str(file.relative_to(SOURCES)): file.read_text().count("\n") for file in SOURCES.rglob("*.py")}
    assert {name: count for name, count in lines.items() if count > MAX_FILE_LINES} == {}
