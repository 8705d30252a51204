"""Checks of the times of rows against now and the row above."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tailproof.arrays.times import HOUR_NS
from tailproof.bars.clean.row_checks import RowCheck
from tailproof.bars.read.aliases import KNOWN_AT
from tailproof.bars.read.table_plan import LINE, SOURCE
from tailproof.core.new_york import NEW_YORK
from tailproof.core.surface import setting

DISORDER = "time before the row above"
ORDER_KINDS = (
    "row above repeated",
    "time repeated by the row below",
    "time of the row above repeated",
    DISORDER,
    "time repeated further down",
    "clock set back",
)
"""Kinds of faults of the order of times."""


def order_checks(frame: pl.DataFrame, *, now_ns: int, keep_last: bool, assumed_utc: bool = False) -> Iterator[RowCheck]:
    """The checks of times against now and the row above."""
    time = pl.col("time").cast(pl.Int64)
    set_back = _set_back() if assumed_utc else pl.lit(value=False)
    yield RowCheck(
        kind="clock set back",
        bad=set_back,
        column="time",
        expected="times in rising order: an hour that autumn repeats, so the times are local; name their zone, such as "
        f"{setting('timezone', NEW_YORK)} {setting('ambiguous', 'order')}",
        repairs=(),
    )
    yield RowCheck(
        kind="time in the future",
        bad=time > now_ns,
        column="time",
        expected="times before now",
        repairs=("drop-future",),
        severity="warning",
    )
    yield from _repeated_time_checks(frame, (time.diff() == 0) & ~set_back, keep_last=keep_last)
    yield RowCheck(
        kind=DISORDER,
        bad=(time.diff() < 0) & ~set_back,
        column="time",
        expected="times in rising order",
        repairs=("sort",),
    )
    if KNOWN_AT in frame.columns:
        yield RowCheck(
            kind="known_at before that of the row above",
            bad=pl.col(KNOWN_AT).cast(pl.Int64).diff() < 0,
            column=KNOWN_AT,
            expected="bars that become known one after another",
            repairs=(),
        )


def _repeated_time_checks(frame: pl.DataFrame, repeated: pl.Expr, *, keep_last: bool) -> Iterator[RowCheck]:
    """The checks of rows with the time of the row above, which may repeat its values too."""
    time, expected = pl.col("time").cast(pl.Int64), "one row per time"
    values = [name for name in frame.columns if name not in (LINE, SOURCE, "time")]
    same = pl.all_horizontal(pl.lit(value=True), *(pl.col(name).eq_missing(pl.col(name).shift()) for name in values))
    yield RowCheck(
        kind="row above repeated",
        bad=repeated & same,
        column="time",
        expected=expected,
        repairs=("drop-duplicates", "keep-first", "keep-last"),
    )
    if keep_last:
        overtaken = time == time.shift(-1)
        kind = "time repeated by the row below"
        yield RowCheck(kind=kind, bad=overtaken, column="time", expected=expected, repairs=("keep-last",))
    yield RowCheck(
        kind="time of the row above repeated",
        bad=repeated & ~same,
        column="time",
        expected=expected,
        repairs=("keep-first", "keep-last"),
    )


def _set_back() -> pl.Expr:
    """Rows up to an hour back in the first hours of a Sunday of spring or autumn: the end of daylight saving."""
    time, step = pl.col("time"), pl.col("time").cast(pl.Int64).diff()
    sunday = (time.dt.weekday() == 7) & (time.dt.hour() < 4) & time.dt.month().is_in([3, 4, 9, 10, 11])
    return (sunday & (step <= 0) & (step > -HOUR_NS)).fill_null(value=False)
