"""Bars come one after another, each once: a later bar that lies among earlier ones is the future."""

from __future__ import annotations

import polars as pl

from tailproof.auditing.finding import Finding
from tailproof.core.records import Bars

LEAST_ALIKE = 20
"""Copied bars in a row that differ from each other: chance does not repeat that many."""


def order_findings(bars: Bars) -> list[Finding]:
    """Times that do not rise, bars known before the one above, and stretches of later bars that occur twice."""
    findings = []
    for column in ("time", "known_at"):
        late = (bars.frame[column].diff().dt.total_nanoseconds() <= 0).fill_null(value=False)
        if late.any():
            row = int(late.arg_max() or 0)
            findings.append(
                Finding(
                    rule="bars out of order",
                    what=f"column '{column}'",
                    row=row,
                    time=bars.frame["time"][row],
                    detail=f"it is {bars.frame[column][row]}, in the bar above {bars.frame[column][row - 1]}",
                )
            )
    return findings + _copied(bars)


def _copied(bars: Bars) -> list[Finding]:
    """Stretches of at least 20 bars whose numbers occur again later, bar for bar."""
    numbers = [name for name in ("open", "high", "low", "close", "volume") if name in bars.frame.columns]
    content = bars.frame.select(numbers).hash_rows(seed=0)
    moves = (bars.frame["close"].diff().fill_null(0.0) != 0.0).cast(pl.Int32)
    frame = pl.DataFrame({"content": content, "moves": moves}).with_columns(
        window=pl.concat_list(pl.col("content").shift(lag) for lag in (0, 1, 2, 3)).hash(seed=0),
        row=pl.int_range(pl.len()),
    )
    frame = frame.with_columns(
        again=pl.col("row").shift(-1).over("window") - pl.col("row"), moved=pl.col("moves").rolling_sum(4)
    )
    steady = (pl.col("again") == pl.col("again").shift(1)) & (pl.col("again") > 3) & (pl.col("moved") > 2)
    runs = frame.with_columns(run=(~steady.fill_null(value=False)).cum_sum())
    longest = runs.filter(steady).group_by("run").agg(pl.len(), pl.col("row").first(), pl.col("again").first())
    longest = longest.filter(pl.col("len") >= LEAST_ALIKE).sort("row")
    if longest.is_empty():
        return []
    row, again = int(longest["row"][0]), int(longest["again"][0])
    return [
        Finding(
            rule="bars out of order",
            what="a stretch of bars",
            row=row,
            time=bars.frame["time"][row],
            seen_row=row + again,
            seen_time=bars.frame["time"][row + again],
            detail=f"at least {int(longest['len'][0]):,} bars from here occur again {again:,} bars later",
        )
    ]
