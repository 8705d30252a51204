"""Settings as a whole are seen only by those who hand out their sections, and no record is stored by ``vars``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "src" / "tailproof"
MAY_HOLD_ALL = {"settings", "cli", "api.py", "estimators", "pipeline.py", "runs", "referee", "selection"}
"""The rooms above the stages: they read options, or hand each stage its section."""


def annotations(tree: ast.Module) -> Iterator[tuple[str, int, str]]:
    """Name, line and type of every parameter and field."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            yield node.arg, node.lineno, ast.unparse(node.annotation)
        elif isinstance(node, ast.AnnAssign):
            yield ast.unparse(node.target), node.lineno, ast.unparse(node.annotation)


def is_hand_made_codec(node: ast.AST) -> bool:
    """Whether it is ``vars(record)``, ``record.__dict__``, ``cls(**values)`` or a codec's function.

    Modules and models are no records.
    """
    if isinstance(node, ast.FunctionDef):
        return node.name in ("as_tree", "to_tree", "from_tree")
    if isinstance(node, ast.Attribute):
        return node.attr == "__dict__"
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    unpacks = any(keyword.arg is None for keyword in node.keywords)
    of_another = [ast.unparse(argument) for argument in node.args] in (["module"], ["model"])
    return (node.func.id == "vars" and not of_another) or (node.func.id == "cls" and unpacks)


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for file in sorted(SOURCES.rglob("*.py")):
        yield file.relative_to(SOURCES), ast.parse(file.read_text())


def test_the_searches_see_what_they_look_for() -> None:
    tree = ast.parse("class A:\n    all: TrainSettings | None\n\ndef f(given: TrainSettings): return vars(given)\n")
    assert list(annotations(tree)) == [("all", 2, "TrainSettings | None"), ("given", 4, "TrainSettings")]
    for source in ("vars(self)", "self.__dict__", "cls(**tree)", "def as_tree(self): ..."):
        assert any(map(is_hand_made_codec, ast.walk(ast.parse(source))))
    assert not any(map(is_hand_made_codec, ast.walk(ast.parse("cls(kind=kind, rows=rows), vars(module)"))))


def test_no_stage_takes_or_keeps_all_settings() -> None:
    offenders = [
        f"{file}:{line}: {name}"
        for file, tree in modules()
        if file.parts[0] not in MAY_HOLD_ALL
        for name, line, kind in annotations(tree)
        if "TrainSettings" in kind
    ]
    assert offenders == []


def test_no_record_is_stored_by_vars() -> None:
    """Records go through ``core/codec.py``, which knows their fields and their format."""
    offenders = [
        f"{file}:{node.lineno}"  # type: ignore[attr-defined]
        for file, tree in modules()
        if file != Path("core", "codec.py")
        for node in ast.walk(tree)
        if is_hand_made_codec(node)
    ]
    assert offenders == []
