"""The findings of reading a source of bars: every row accounted for, every fault, every repair; as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from tailproof.bars.faults import Fault
from tailproof.core.surface import worded


@dataclass(frozen=True, kw_only=True)
class QualityReport:
    """The quality of one source of bars.

    Where there are no errors, ``rows_read == rows_kept + rows_set_aside``.
    """

    source: str
    files: int
    rows_read: int
    rows_kept: int
    rows_set_aside: int
    rows_changed: int
    errors: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    repairs: dict[str, int]
    """Rows that each chosen repair set aside, changed or moved."""
    notes: tuple[str, ...]
    """Sentences: what was assumed, inferred and counted."""
    left_out: tuple[str, ...] = ()
    """Columns of the file that hold no information and were left out of the bars."""

    def __post_init__(self) -> None:
        accounted = self.rows_kept + self.rows_set_aside
        assert self.errors or self.rows_read == accounted, f"{self.rows_read} rows read, {accounted} accounted for"

    @property
    def usable(self) -> bool:
        """Whether bars can be made from the source."""
        return not self.errors

    def worded(self) -> QualityReport:
        """The report with the settings that it names as the user of this process gives them."""
        return replace(
            self,
            errors=tuple(map(_worded, self.errors)),
            warnings=tuple(map(_worded, self.warnings)),
            notes=tuple(map(worded, self.notes)),
        )

    def render(self) -> str:
        """The report as text, errors first."""
        lines = [self.source, *(f"  {note}" for note in self.notes), f"  {self.accounting()}"]
        for name, faults in (("Errors", self.errors), ("Warnings", self.warnings)):
            lines.append(f"{name}: {len(faults) or 'none'}")
            lines += [f"  - {fault}" for fault in faults]
        if self.errors:
            lines.append("These bars cannot be used until the errors are fixed or a repair is chosen.")
        return "\n".join(lines)

    def accounting(self) -> str:
        """One sentence in which the sums agree."""
        if self.errors:
            return f"{self.rows_read:,} rows read; none is kept while there are errors."
        sums = f"{self.rows_read:,} rows read = {self.rows_kept:,} kept + {self.rows_set_aside:,} set aside"
        sums += f"; {self.rows_changed:,} of those kept were changed" if self.rows_changed else ""
        by_name = ", ".join(f"{name} {count:,}" for name, count in self.repairs.items())
        return sums + (f" (repairs: {by_name})." if by_name else ".")

    def to_json(self) -> str:
        """The whole report as JSON."""
        return json.dumps(asdict(self))


def _worded(fault: Fault) -> Fault:
    return replace(fault, found=worded(fault.found), expected=worded(fault.expected))
