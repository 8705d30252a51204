"""tests/README.md is true."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
SOURCES = TESTS.parent / "src" / "tailproof"


def folders(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_dir() and path.name != "__pycache__"]


def test_unit_has_the_rooms_of_the_sources() -> None:
    unit = TESTS / "unit"
    rooms = [folder.relative_to(unit) for folder in folders(unit) if any(folder.glob("*.py"))]
    assert len(rooms) > 10
    assert [room for room in rooms if not (SOURCES / room).is_dir()] == []


def test_every_folder_of_tests_is_explained() -> None:
    text = (TESTS / "README.md").read_text()
    names = [path.name for path in TESTS.iterdir() if path.is_dir() and any(path.rglob("*.py"))]
    assert [name for name in names if f"`{name}/`" not in text] == []
