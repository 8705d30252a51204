"""The native reader of CSV lines refuses layouts that cannot be meant, and blocks that are not what they should be."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest
from tests.native.mutated_blocks import fault, mutated_blocks

from tailproof import _csv

LAYOUT: dict[str, Any] = {
    "delimiter": ",",
    "decimal_mark": ".",
    "columns": ["time", "number", "text"],
    "time_pattern": "%Y-%m-%d %H:%M",
    "epoch": (0, 0, 1),
}
LINE = b"2024-03-01 14:30,1.5,a\n"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"delimiter": "5"}, "delimiter must be one of"),
        ({"decimal_mark": ";"}, "decimal_mark must be"),
        ({"decimal_mark": ","}, "must differ"),
        ({"columns": []}, "at least one column"),
        ({"columns": ["date"]}, "no kind of column date"),
        ({"time_pattern": "%Y-%m-%d %I:%M %p"}, "cannot be read with %I"),
        ({"time_pattern": "%M:%H"}, "from year to second"),
        ({"time_pattern": "%Y%"}, "ends in %"),
        ({"epoch": (0, 2**62, 1000)}, "64 bits"),
    ],
)
def test_a_layout_that_cannot_be_meant(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _csv.Layout(**LAYOUT | wrong)


@pytest.mark.parametrize("last_end", [True, False])
def test_lines_are_counted(last_end: bool) -> None:
    content = LINE * 3 if last_end else (LINE * 3)[:-1]
    layout = _csv.Layout(**LAYOUT)
    typed_CN = np.empty((2, 3))
    _, missing, (text, offsets) = _csv.parse_block(layout, content, typed_CN) or []
    assert typed_CN[1].tolist() == [1.5] * 3
    assert missing is None
    assert bytes(text) == b"aaa"
    assert offsets.tolist() == [0, 1, 2, 3]
    assert typed_CN[0].view("M8[ns]").astype(str).tolist() == ["2024-03-01T14:30:00.000000000"] * 3
    assert _csv.parse_block(layout, content, np.empty((2, 2))) is None
    assert _csv.parse_block(layout, content, np.empty((2, 4))) is None


@pytest.mark.parametrize("cut", range(1, len(LINE) - 2))
def test_a_block_cut_off_anywhere(cut: int) -> None:
    assert _csv.parse_block(_csv.Layout(**LAYOUT), LINE + LINE[:cut], np.empty((2, 2))) is None


def test_nothing_is_no_line() -> None:
    layout = _csv.Layout(**LAYOUT)
    assert _csv.parse_block(layout, b"", np.empty((2, 1))) is None
    assert _csv.parse_block(layout, b"", np.empty((2, 0))) is not None


def test_memory_of_another_shape() -> None:
    for shape in ((1, 1), (3, 1)):
        with pytest.raises(ValueError, match="one row for each"):
            _csv.parse_block(_csv.Layout(**LAYOUT), LINE, np.empty(shape))
    for memory in (np.empty((2, 1), np.float32), np.empty((4, 2))[::2, ::2]):
        with pytest.raises(TypeError):
            _csv.parse_block(_csv.Layout(**LAYOUT), LINE, memory)


@pytest.mark.parametrize("size", [0, 1, 239, 240, 241, 5000])
def test_a_survey_counts_what_is_there(size: int) -> None:
    content = bytes((at * 7) % 26 + 97 for at in range(size))
    assert _csv.survey(content) == (0, 0, -1, True)
    assert _csv.survey(content + b"\nab") == (1, size + 1, -1, True)
    assert _csv.survey(b"\n" * size + content + b"\0") == (size, size, 2 * size, True)
    assert _csv.survey(content + "é".encode())[3] is False


@pytest.mark.parametrize("count", [2_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_mutated_blocks_are_read_as_python_reads_them_or_not_at_all(count: int) -> None:
    blocks = islice(mutated_blocks(seed=count), count)
    assert [reason for block in blocks if (reason := fault(_csv, block)) is not None] == []
