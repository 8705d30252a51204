"""The findings of an audit: which rule was broken, where, by which two values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tailproof.core import verdict
from tailproof.core.counted import counted, counted_phrase

AuditRule = Literal[
    "sees later bars",
    "knows the real bars by another way than the frame",
    "not a function of the bars",
    "needs more history than declared",
    "value before it was known",
    "label not after known-at",
    "statistic moved by other rows",
    "bars out of order",
]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule broken by one thing, at the first row where it shows."""

    rule: AuditRule
    what: str
    """The feature, column, label or statistic."""
    row: int | None = None
    """Row of the bars."""
    time: datetime | None = None
    values: tuple[Any, Any] | None = None
    """The value, and the other one that it should have equalled."""
    seen_row: int | None = None
    """The first later bar that it saw, where one bar can be named."""
    seen_time: datetime | None = None
    detail: str = ""

    def sentence(self) -> str:
        """For the log and the error message.

        >>> Finding(rule="sees later bars", what="'peek'", values=(1.0, 2.0), detail="with the rest removed").sentence()
        "'peek' sees later bars: 1.0 with all bars, 2.0 with the rest removed."
        """
        text = f"{self.what} {self.rule}"
        if self.row is not None:
            text += f" at bar {self.row:,}" + (f" ({self.time:%Y-%m-%d %H:%M} UTC)" if self.time else "")
        if self.values is not None:
            text += f": {_short(self.values[0])} with all bars, {_short(self.values[1])} {self.detail}"
        elif self.detail:
            text += f": {self.detail}"
        if self.seen_row is not None:
            when = f" ({self.seen_time:%Y-%m-%d %H:%M} UTC)" if self.seen_time else ""
            text += f"; the first later bar it saw is {self.seen_row:,}{when}"
        return text + "."

    def as_json(self) -> dict[str, Any]:
        """The finding as plain types."""
        values = None if self.values is None else [_plain(value) for value in self.values]
        return {
            "rule": self.rule,
            "what": self.what,
            "row": self.row,
            "time": _plain(self.time),
            "values": values,
            "seen_row": self.seen_row,
            "seen_time": _plain(self.seen_time),
            "detail": self.detail,
            "sentence": self.sentence(),
        }


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Everything that was tried, and what failed."""

    findings: tuple[Finding, ...]
    tried: dict[str, int] = field(default_factory=dict)
    """How often each rule was put to the test."""
    measured: dict[str, int] = field(default_factory=dict)
    """Bars of history that features which declare none were found to need."""
    share_tested: dict[str, float] = field(default_factory=dict)
    """Share of the rows that stood right before replaced bars, by feature."""
    proved: tuple[str, ...] = ()
    """Features whose formula can only look back, at whatever row."""
    unaudited: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Features that read columns which came with the file, and these columns."""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether no rule was broken."""
        return not self.findings

    def lines(self) -> list[str]:
        """Text for the log: one line when all is well, else every finding."""
        tried = "; ".join(counted_phrase(count, kind) for kind, count in self.tried.items())
        verdict = "passed" if self.passed else f"{len(self.findings)} FOUND"
        lines = [f"Causality audit: {verdict} in {self.seconds:.1f} s ({tried}).", *self._rows_lines()]
        lines += [f"  {finding.sentence()}" for finding in self.findings]
        lines += [
            f"  '{name}' reads {', '.join(columns)} from the file: whether that was known then cannot be audited."
            for name, columns in self.unaudited.items()
        ]
        return lines + [
            f"  '{name}' declares no look-back: measured, it needs {bars:,} bars before its own."
            for name, bars in self.measured.items()
        ]

    def _rows_lines(self) -> list[str]:
        """What is known of every row: by the formulas, and by standing before replaced bars."""
        lines = []
        if self.proved:
            formulas = "has a formula" if len(self.proved) == 1 else "have formulas"
            lines.append(f"  {counted(len(self.proved), 'feature')} {formulas} that can only look back, at every row.")
        if self.share_tested:
            lines.append(f"  {self._share_sentence(self.share_tested)}")
        return lines

    @staticmethod
    def _share_sentence(share_tested: Mapping[str, float]) -> str:
        least = min(share_tested.values())
        if least >= 1.0:
            return f"Every row stood right before replaced bars ({counted(len(share_tested), 'feature')})."
        all_rows = sum(share >= 1.0 for share in share_tested.values())
        return (
            f"{least:.1%} of the rows stood right before replaced bars, for {all_rows} of {len(share_tested)} "
            "features every row; tailproof check --audit tries more."
        )

    def brief(self) -> verdict.AuditBrief:
        """The part that a verdict keeps, equal for equal runs: what depends on the clock is left to ``audit.json``."""
        notes = (
            ["Causality audit: passed; audit.json says what was tried."]
            if self.passed
            else [finding.sentence() for finding in self.findings]
        )
        return verdict.AuditBrief(passed=self.passed, notes=tuple(notes), unaudited=self.unaudited)

    def as_json(self) -> dict[str, Any]:
        """The report as plain types, for ``audit.json``."""
        return {
            "passed": self.passed,
            "seconds": round(self.seconds, 3),
            "tried": self.tried,
            "measured_look_back": self.measured,
            "share_of_rows_tested": self.share_tested,
            "proved_by_formula": list(self.proved),
            "unaudited": self.unaudited,
            "findings": [finding.as_json() for finding in self.findings],
        }


def _short(value: Any) -> str:
    return f"{value:.10g}" if isinstance(value, float) and not value.is_integer() else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and value != value:
        return "nan"
    return value
