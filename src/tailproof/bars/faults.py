"""Faults of bars: all of them at once, each counted, with its lines and the repairs to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from tailproof.core.counted import counted
from tailproof.core.errors import DataError
from tailproof.core.surface import setting, worded

SHOWN_LINES = 5

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Fault:
    """One kind of fault, how many rows have it, and the first of them.

    ``lines`` are line numbers of the file (a Parquet or Arrow file: row numbers from 1), at most ``SHOWN_LINES`` of
    them where ``count`` says that there are more.
    """

    kind: str
    lines: Sequence[int]
    found: str
    expected: str
    severity: Severity = "error"
    repairs: tuple[str, ...] = ()
    """The names for ``--repair`` that deal with these rows."""
    file: str = ""
    """The file of ``lines`` where several were read."""
    times: tuple[str, ...] = ()
    """UTC times of the first rows, where the times could be read."""
    total: int | None = None

    @property
    def count(self) -> int:
        """Rows with the fault."""
        return len(self.lines) if self.total is None else self.total

    def __str__(self) -> str:
        return worded(self.describe())

    def describe(self) -> str:
        """The fault in one line, its settings still marked (``surface.setting``)."""
        where = ", ".join(str(line) for line in self.lines[:SHOWN_LINES])
        where = f"{self.file} line {where}" if self.file else f"line {where}"
        left = self.count - min(len(self.lines), SHOWN_LINES)
        more = f" and {left:,} more" if left else ""
        first = f", first at {self.times[0]}" if self.times else ""
        cure = f" [{' or '.join(setting('repair', name) for name in self.repairs)}]" if self.repairs else ""
        place = f" ({where}{more}{first})" if self.lines else ""
        return f"{self.kind}: {counted(self.count, 'row')}{place}; found {self.found}, expected {self.expected}{cure}"


@dataclass
class FaultBook:
    """Faults collected chunk by chunk: the same kind in the same file is one entry, whatever the number of chunks."""

    entries: dict[tuple[str, str], Fault] = field(default_factory=dict)

    def add(self, fault: Fault) -> None:
        """Count ``fault`` into its kind."""
        key = (fault.kind, fault.file)
        known = self.entries.get(key)
        if known is None:
            lines, times, total = fault.lines, fault.times, fault.count
        else:
            lines, times = [*known.lines, *fault.lines], (*known.times, *fault.times)
            total = known.count + fault.count
        first = known or fault
        self.entries[key] = replace(first, lines=tuple(lines[:SHOWN_LINES]), times=times[:SHOWN_LINES], total=total)

    def remove(self, *kinds: str) -> None:
        """Forget faults of some kinds: another one explains them."""
        self.entries = {key: fault for key, fault in self.entries.items() if fault.kind not in kinds}

    def of(self, severity: Severity) -> tuple[Fault, ...]:
        """The faults of one severity in the order in which they were met."""
        return tuple(fault for fault in self.entries.values() if fault.severity == severity)


def raise_faults(faults: Sequence[Fault], *, source: str) -> None:
    """Raise one error that lists all faults; do nothing where there are none."""
    if not faults:
        return
    count = counted(len(faults), "kind of fault", "kinds of faults")
    lines = "\n".join(f"  - {fault.describe()}" for fault in faults)
    raise DataError(f"{source}: {count}, so nothing was read. Fix these rows, or choose a repair:\n{lines}")
