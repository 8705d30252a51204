"""tests/README.md is true."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
SOURCES = TESTS.parent / "src" / "tailproof"


def is_proved_by(name: str, room: Path) -> bool:
    """Whether ``test_<name>.py`` is named for a file or folder of the room, alone or with an aspect behind it."""
    words = name.split("_")
    stems = ("_".join(words[:count]) for count in range(1, len(words) + 1))
    return any((room / f"{stem}.py").is_file() or (stem and (room / stem).is_dir()) for stem in stems)


def test_unit_mirrors_the_sources() -> None:
    files = sorted((TESTS / "unit").rglob("test_*.py"))
    assert len(files) > 90
    rooms = [SOURCES / file.parent.relative_to(TESTS / "unit") for file in files]
    strays = [
        str(file.relative_to(TESTS))
        for file, room in zip(files, rooms, strict=True)
        if not is_proved_by(file.stem.removeprefix("test_"), room)
    ]
    assert strays == []


def test_every_folder_of_tests_is_explained() -> None:
    text = (TESTS / "README.md").read_text()
    names = [path.name for path in TESTS.iterdir() if path.is_dir() and any(path.rglob("*.py"))]
    assert [name for name in names if f"`{name}/`" not in text] == []
