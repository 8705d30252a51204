"""A file or a module that a docstring or a comment names is where it says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "tailproof"
PATH = re.compile(r"``([\w./]+/[\w]+\.(?:py|pyi|cpp|hpp|md))``|\b(src/[\w/]+\w(?:\.(?:pyi?|[ch]pp))?)")
MODULE = re.compile(r"``([a-z_]+(?:\.[a-z_]+)+)(?<!\.json)(?<!\.txt)``")


def missing(text: str) -> Iterator[str]:
    """Paths below the root or the package, and modules of the package, that a text names and that are not there."""
    for match in PATH.finditer(text):
        path = match[1] or match[2]
        if not any((base / path).exists() for base in (ROOT, PACKAGE, ROOT / "tests", ROOT / "src" / "native")):
            yield path
    for (name,) in map(re.Match.groups, MODULE.finditer(text)):
        room, *rest = name.split(".")
        if (PACKAGE / room).is_dir() and not _is_module(PACKAGE / room, rest):
            yield name


def _is_module(folder: Path, names: list[str]) -> bool:
    """Whether names lead to a module, or to what a module or a folder's ``__init__`` defines or takes in."""
    for place, name in enumerate(names):
        if (folder / name).is_dir():
            folder = folder / name
            continue
        module = folder / f"{name}.py"
        source, inside = (module, names[place + 1 :]) if module.is_file() else (folder / "__init__.py", names[place:])
        return not inside or inside[0] in _defined(source)
    return True


def _defined(source: Path) -> set[str]:
    """Names that a module defines or imports."""
    names = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def test_what_is_not_there_is_seen() -> None:
    text = "``bars/nowhere.py``, src/csv, ``engines.order.batch_order``, ``engines.batch_order.nothing``"
    assert len(list(missing(text))) == 4
    assert not list(missing("``bars/load.py``, src/native/csv, ``engines.batch_order.batch_order``, ``bars.load``"))


@pytest.mark.parametrize("folder", ["src", "tests", "benchmarks", "examples"])
def test_what_is_named_is_there(folder: str) -> None:
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".pyi", ".cpp", ".hpp")]
    gone = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        if path != Path(__file__)
        for name in missing(path.read_text())
    ]
    assert gone == []
