"""A name of a file, a folder, a class or a type of the package means one thing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "src" / "tailproof"
CAMEL_CASE = re.compile(r"_?(?:[A-Z]+[a-z0-9]*)*[a-z][A-Za-z0-9]*")


def types(tree: ast.Module) -> Iterator[str]:
    """Names of the classes, aliases and type variables of a module, private ones without their underscore."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        names = [node.name] if isinstance(node, ast.ClassDef) else [each.id for each in targets if hasattr(each, "id")]
        yield from (name.lstrip("_") for name in names if name[:1] == name[:1].upper() and CAMEL_CASE.fullmatch(name))


def repeated(places: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: where for name, where in places.items() if len(where) > 1}


def test_no_name_stands_for_two_things() -> None:
    """Files in ``cli/`` are named for commands; what a command calls may have its name too. So may ``__init__``."""
    places = defaultdict(list)
    for path in sorted(SOURCES.rglob("*")):
        here = path.relative_to(SOURCES)
        if here.parts[0] != "cli" and not path.stem.startswith("__") and (path.is_dir() or path.suffix == ".py"):
            places[path.stem].append(str(here))
    assert len(places) > 300
    assert repeated(places) == {}


def test_types_are_seen() -> None:
    source = "A = 1\nMAX_ROWS = 2\nLabel = Callable[[int], int]\n\n\nclass _Table:\n    Inner = 3\n"
    assert list(types(ast.parse(source))) == ["Label", "Table"]


def test_no_type_stands_for_two_things() -> None:
    places = defaultdict(list)
    for path in sorted(SOURCES.rglob("*.py")):
        for name in types(ast.parse(path.read_text())):
            places[name].append(str(path.relative_to(SOURCES)))
    assert len(places) > 350
    assert repeated(places) == {}
