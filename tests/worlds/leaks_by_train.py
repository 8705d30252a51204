"""How many planted leaks `train` names, and whether it stops for any feature that knows nothing of later bars.

    python -m tests.worlds.leaks_by_train sparse 0 49
    python -m tests.worlds.leaks_by_train odd

trains on each feature in turn, as a user would who wrote it into a Python file. The audit comes before any training, so
that a leak costs a few seconds; what is not named is trained as little as can be and printed.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.worlds.odd_leaks import HEAD, INNOCENT, ODD_LEAKS
from tests.worlds.sparse_leaks import ALL, minutes

from tailproof import pipeline
from tailproof.core.errors import LeakError
from tailproof.core.records import Bars
from tailproof.report import SILENT
from tailproof.settings.train_settings import TrainSettings

ROWS = {"sparse": 200_000, "odd": 60_000, "innocent": 60_000}
TINY_RUN = TrainSettings(
    split="holdout", epochs=1, members=1, placebos=0, threads=1, engine="lanes", warmup_steps=10, hidden_dims=(1,)
)
SPARSE_HEAD = "from tests.worlds.sparse_leaks import SparseLeak, minutes\n"
SPARSE = {str(leak): f"{SPARSE_HEAD}leak = {leak!r}.feature(minutes(200_000))\n" for leak in ALL}
FILES: dict[str, Mapping[str, str]] = {"sparse": SPARSE, "odd": ODD_LEAKS, "innocent": INNOCENT}


def finding(text: str, bars: Bars, folder: Path) -> str:
    """The finding with which `train` refuses the feature in that text; empty where it trains."""
    own = folder / "own.py"
    own.write_text(text if text.startswith("from") else HEAD + text, encoding="utf-8")
    settings = TINY_RUN.replace(feature_file=own, features=("leak",))
    try:
        pipeline.train_on_bars(bars, settings=settings, out=folder / "run", reporter=SILENT, overwrite=True)
    except LeakError as error:
        return str(error)
    return ""


def names(kind: str, wanted: Sequence[str], *, report: Callable[[str], None]) -> list[str]:
    """The features among those wanted that `train` refuses by name."""
    bars, named = minutes(ROWS[kind]), []
    with tempfile.TemporaryDirectory() as folder:
        bars.frame.write_parquet(Path(folder) / "bars.parquet")
        for name in wanted:
            text = FILES[kind][name].replace("BARS'", f"{Path(folder).as_posix()}/bars.parquet'")
            message = finding(text, bars, Path(folder))
            if "'leak'" in message:
                named.append(name)
            if ("'leak'" in message) == (kind == "innocent"):
                report(f"{'named' if message else 'not named'}: {name}: {message}")
    return named


def main(kind: str, first: int, stop: int | None) -> None:
    """Print how many of the features from ``first`` to ``stop`` - 1 of a kind are named."""
    wanted = list(FILES[kind])[first:stop]
    named = names(kind, wanted, report=lambda line: print(line, flush=True))
    print(f"{kind}, {first} to {first + len(wanted)}: {len(named)} of {len(wanted)} named")


if __name__ == "__main__":
    bounds = [int(text) for text in sys.argv[2:]]
    main(sys.argv[1], bounds[0] if bounds else 0, bounds[1] if len(bounds) > 1 else None)
