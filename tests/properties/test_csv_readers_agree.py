"""The native reader of CSV lines agrees with the careful one on any block, or leaves it to that one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from hypothesis import event, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tailproof import _csv
from tailproof.bars.read.blocks import Block
from tailproof.bars.read.csv_careful import parse_carefully
from tailproof.bars.read.csv_fast import parse_fast
from tailproof.bars.read.dialect import Dialect
from tailproof.bars.read.raw_chunk import RawChunk
from tailproof.bars.read.table_plan import LINE, TablePlan, plan_table
from tailproof.bars.read.utc_times import with_utc_times
from tailproof.settings.read_options import ReadOptions

NAMES = ("time", "open", "high", "low", "close", "volume", "contract", "comment")
FIRST_TIMES = (
    *("2024-03-01T14:30:00Z", "2024-03-01 14:30:00+01:00", "2024-03-01 14:30", "2024-03-01", "20240301143000"),
    *("03/01/2024 14:30", "01.03.2024 14:30:00.250", "1709303400", "1709303400123", "2024-03-01 09:30 PM"),
)
plain_numbers = st.one_of(
    st.floats(allow_infinity=False).map(repr),
    st.integers(-(10**22), 10**22).map(str),
    st.decimals(-(10**6), 10**6, places=2).map(str),
    st.sampled_from(["", " ", "NaN", "nan", "5.", ".5", "-0", "1e5", "1E-300", " 5 ", "00012.50", "0." + "1" * 40]),
)
odd_numbers = st.one_of(
    st.text("0123456789.-+eE ", max_size=24),
    st.sampled_from(["inf", "-inf", "-", ".", "1e", "1e999", "1e-400", "+5", "0x10", "1_0", "1,5", "N/A", "9" * 30]),
)
numbers = st.integers(0, 99).flatmap(lambda odd: odd_numbers if odd == 0 else plain_numbers)
texts = st.sampled_from([*["ESH4", "", "a b", "é", "'", "=1"] * 12, "\ufffd", "x\r", 'a"b', "a,b", "a;b", "a\tb"])
line_ends = st.sampled_from([*["\n", "\r\n"] * 20, "\n\n", "\r\r\n", "", "\r"])


@st.composite
def times(draw: st.DrawFn, first: str) -> str:
    """A time of the form of ``first`` with other digits, or something else."""
    kind = draw(st.integers(0, 39))
    if kind == 0:
        return draw(st.sampled_from(["", " ", "soon", first + " ", first[:-1], "+" + first, *FIRST_TIMES]))
    if kind <= 3:
        digits = draw(st.lists(st.integers(0, 9), min_size=len(first), max_size=len(first)))
        at = draw(st.integers(0, len(first)))
        return "".join(
            str(d) if c.isdigit() and i >= at else c for i, (c, d) in enumerate(zip(first, digits, strict=True))
        )
    return first


@st.composite
def blocks(draw: st.DrawFn) -> tuple[bytes, Dialect, str]:
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    decimal_comma = delimiter != "," and draw(st.booleans())
    mark = "," if decimal_comma and draw(st.integers(0, 9)) else "."
    first = draw(st.sampled_from(FIRST_TIMES))
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        cells = [draw(times(first)), *(draw(numbers).replace(".", mark) for _ in range(5)), draw(texts), draw(texts)]
        hostile = draw(st.integers(0, 39))
        if hostile == 0:
            cells = cells[: draw(st.integers(0, 8))]
        elif hostile == 1:
            cells.append("more")
        elif hostile <= 8:
            cells = [f'"{cell}"' for cell in cells]
        lines.append(delimiter.join(cells) + draw(line_ends))
    content = "".join(lines).encode()
    cut = draw(st.integers(0, 9))
    if cut == 0 and len(content) > 2:
        at = draw(st.integers(0, len(content) - 1))
        content = content[:at] + draw(st.binary(max_size=3)) + content[at:]
    dialect = Dialect(delimiter=delimiter, names=NAMES, decimal_comma=decimal_comma)
    return content.replace(b"\0", b""), dialect, first


@settings(max_examples=300)
@given(block=blocks())
def test_both_readers_agree(block: tuple[bytes, Dialect, str]) -> None:
    content, dialect, first = block
    if not content:
        return
    plan = _plan(first, dialect)
    block = _block(content)
    fast = parse_fast(block, dialect=dialect, plan=plan)
    if fast is None:
        return
    event("read by both")
    careful = parse_carefully(block, dialect=dialect, plan=plan)
    assert careful.faults == ()
    assert fast.rows == careful.rows
    assert_frame_equal(_timed(fast, plan), _timed(careful, plan), check_exact=True, check_column_order=False)


@settings(max_examples=300)
@given(
    values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20),
    digits=st.integers(1, 17),
)
def test_numbers_are_the_nearest_doubles(values: list[float], digits: int) -> None:
    cells = [format(value, f".{digits}g") for value in values]
    layout = _csv.Layout(delimiter=",", decimal_mark=".", columns=["number"], time_pattern="", epoch=(0, 0, 1))
    typed_CN = np.empty((1, len(cells)))
    if _csv.parse_block(layout, "\n".join(cells).encode(), typed_CN) is None:  # beyond the largest double
        assert any(np.isinf(float(cell)) or float(cell) == 0.0 for cell in cells)
        return
    assert typed_CN[0].tolist() == [float(cell) for cell in cells]


def test_ordinary_blocks_are_not_left_to_the_careful_reader() -> None:
    start = datetime(2024, 3, 1, 14, 30, tzinfo=UTC)
    for first in FIRST_TIMES[:-1]:
        rows = [f"{first},1.5,2,1,1.25,,ESH4,a note" for _ in range(3)]
        dialect = Dialect(delimiter=",", names=NAMES, decimal_comma=False)
        block = _block("\r\n".join(rows).encode())
        fast = parse_fast(block, dialect=dialect, plan=_plan(first, dialect))
        assert fast is not None
        assert fast.frame["time"].dtype == pl.Datetime("ns", fast.frame["time"].dtype.time_zone)  # type: ignore[attr-defined]
        assert abs(fast.frame["time"].dt.replace_time_zone("UTC")[0] - start) < timedelta(days=1)


def test_a_time_that_is_not_written_in_full_width_is_left_as_text() -> None:
    dialect = Dialect(delimiter=",", names=NAMES, decimal_comma=False)
    rows = ["2024-03-01 10:00,1,1,1,1,1,x,y", "2024-03-01 9:00,1,1,1,1,1,x,y"]
    fast = parse_fast(_block("\n".join(rows).encode()), dialect=dialect, plan=_plan("2024-03-01 10:00", dialect))
    assert fast is not None
    assert fast.frame["time"].to_list() == ["2024-03-01 10:00", "2024-03-01 9:00"]


def _plan(first: str, dialect: Dialect) -> TablePlan:
    row = dict.fromkeys(NAMES, "1") | {"time": first, "contract": "ESH4", "comment": "text"}
    sample = pl.DataFrame({name: [cell] for name, cell in row.items()})
    required = ("time", "open", "high", "low", "close")
    chosen = ReadOptions(decimal_comma=dialect.decimal_comma)
    return plan_table(sample, source="test", options=chosen, required=required)


def _block(content: bytes) -> Block:
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    return Block(memoryview(content), 2, lines, content.isascii())


def _timed(chunk: RawChunk, plan: TablePlan) -> pl.DataFrame:
    timed = with_utc_times(chunk.frame, plan=plan, options=ReadOptions(), previous=None, file="")
    assert LINE in timed.frame.columns
    return timed.frame
