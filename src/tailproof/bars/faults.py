"""What is wrong with a bar file: every fault at once, each with its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tailproof.core.errors import DataError

SHOWN_LINES = 5


@dataclass(frozen=True)
class Fault:
    """One kind of fault and the lines of the file that have it."""

    kind: str
    lines: Sequence[int]
    found: str
    expected: str

    def __str__(self) -> str:
        shown = ", ".join(str(line) for line in self.lines[:SHOWN_LINES])
        more = f" and {len(self.lines) - SHOWN_LINES} more" if len(self.lines) > SHOWN_LINES else ""
        rows = "row" if len(self.lines) == 1 else "rows"
        return (
            f"{self.kind}: {len(self.lines)} {rows} (line {shown}{more}); found {self.found}, expected {self.expected}"
        )


def raise_faults(faults: Sequence[Fault], *, source: str) -> None:
    """Raise one error that lists all faults; do nothing where there are none."""
    if not faults:
        return
    count = "1 kind of fault" if len(faults) == 1 else f"{len(faults)} kinds of faults"
    lines = "\n".join(f"  - {fault}" for fault in faults)
    raise DataError(f"{source}: {count}, so nothing was trained. Mend or remove these rows:\n{lines}")
