"""A name of a file or folder of the package means one thing."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "src" / "tailproof"


def test_no_name_stands_for_two_things() -> None:
    """Files in ``cli/`` are named for commands; what a command calls may have its name too. So may ``__init__``."""
    places = defaultdict(list)
    for path in sorted(SOURCES.rglob("*")):
        here = path.relative_to(SOURCES)
        if here.parts[0] != "cli" and not path.stem.startswith("__") and (path.is_dir() or path.suffix == ".py"):
            places[path.stem].append(str(here))
    assert len(places) > 300
    repeated = {name: where for name, where in places.items() if len(where) > 1}
    assert repeated == {}
