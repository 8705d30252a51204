"""Rows that a chosen repair took out or changed, each with the reason and the file's own values."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from tailproof.bars.read.table_plan import LINE
from tailproof.core.records import PRICES
from tailproof.storage.out_file import OutFile

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String,
    "line": pl.UInt32,
    "action": pl.String,
    "repair": pl.String,
    "reason": pl.String,
    "time": pl.Datetime("ns", "UTC"),
    **dict.fromkeys((*PRICES, "volume"), pl.Float64),
    "text": pl.String,
}
DROPPED, CHANGED = "set aside", "changed"


@dataclass
class SetAside:
    """Collects the rows; ``frame`` gives them in the order in which they were met."""

    parts: list[pl.DataFrame] = field(default_factory=list)
    dropped: int = 0
    changed: int = 0
    by_repair: dict[str, int] = field(default_factory=dict)

    def add(self, rows: pl.DataFrame, *, file: str, action: str, repair: str, reason: str | None = None) -> None:
        """Keep ``rows`` (columns of bars, or LINE, reason and text) as they were before the repair."""
        self.dropped += rows.height if action == DROPPED else 0
        self.changed += rows.height if action == CHANGED else 0
        self.by_repair[repair] = self.by_repair.get(repair, 0) + rows.height
        labels = {"file": file, "action": action, "repair": repair} | ({"reason": reason} if reason else {})
        full = rows.rename({LINE: "line"}).with_columns(pl.lit(text).alias(name) for name, text in labels.items())
        missing = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in SCHEMA.items() if name not in full.columns]
        self.parts.append(full.with_columns(missing).select(list(SCHEMA)).cast(SCHEMA))  # type: ignore[arg-type]

    @property
    def frame(self) -> pl.DataFrame:
        """All rows: file, line, action, repair, reason, time, prices, volume, and the text of unreadable lines."""
        return pl.concat(self.parts) if self.parts else pl.DataFrame(schema=SCHEMA)


def write_set_aside(frame: pl.DataFrame, out: OutFile) -> None:
    """Write the rows to a Parquet file, whole or not at all."""
    with out.writing() as (temporary, _):
        frame.write_parquet(temporary)
