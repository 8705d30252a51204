"""Blocks of CSV lines whose bytes are mutated, and what the native reader may make of them.

    python tests/native/mutated_blocks.py MODULE SEED

Reads one block after the other with the native module in a file, and prints for each an empty line, or what is wrong.
"""

from __future__ import annotations

import importlib.util
import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

PATTERNS = {
    "%Y-%m-%d %H:%M": "2024-03-01 14:{:02d}",
    "%Y-%m-%dT%H:%M:%S%z": "2024-03-01T14:{:02d}:00+01:00",
    "%Y%m%d%H%M%S": "2024030114{:02d}00",
    "%d.%m.%Y %H:%M:%S%.f": "01.03.2024 14:{:02d}:00.250",
}
NUMBERS = ("1.5", "-0.25", "1e5", "", "00012.50", "123456789012345678901234567890", ".5", " 7 ", "nan")
TEXTS = ("ESH4", "", "a b", "é", '"quoted"', "=1")
BYTES = (b"\r", b"\n", b'"', b'""', b" ", b"\0", b"-", b"+", b".", b",", b";", b"e", b"9" * 40, b"\xff", b"\xe2\x82")
KINDS = ("time", "number", "number", "text", "skip", "epoch")


@dataclass(frozen=True, kw_only=True)
class Mutated:
    """A block and the layout that it had before."""

    content: bytes
    layout: dict[str, Any]
    lines: int
    """Lines that are claimed; one time in ten not those that are there."""


def mutated_blocks(seed: int) -> Iterator[Mutated]:
    """Without end: some lines that are sound, then up to six places cut out, doubled, or replaced by hostile bytes."""
    chance = random.Random(seed)
    while True:
        delimiter = chance.choice(",;\t|")
        mark = chance.choice(".,") if delimiter != "," else "."
        pattern, time = chance.choice(list(PATTERNS.items()))
        columns = ["time", *chance.choices(KINDS, k=chance.randrange(6))]
        lines = chance.randrange(1, 6)
        text = ""
        for minute in range(lines):
            cells = {"time": time.format(minute), "epoch": str(1_709_303_400 + minute), "skip": "x"}
            cells |= {"number": chance.choice(NUMBERS).replace(".", mark), "text": chance.choice(TEXTS)}
            text += delimiter.join(cells[kind] for kind in columns) + chance.choice(("\n", "\r\n"))
        content = bytearray(text.encode())
        for _ in range(chance.randrange(7)):
            place = chance.randrange(len(content) + 1)
            end = place + chance.choice((0, 0, 1, 2, 20))
            content[place:end] = chance.choice((b"", bytes(content[place:end]) * 2, chance.choice(BYTES)))
        layout = {"delimiter": delimiter, "decimal_mark": mark, "columns": columns, "time_pattern": pattern}
        there = content.count(b"\n") + (not content.endswith(b"\n"))
        claimed = there if chance.random() < 0.9 else chance.randrange(9)
        whole = {**layout, "epoch": (0, 2**32, 1_000_000_000)}
        yield Mutated(content=bytes(content), layout=whole, lines=claimed)


def fault(native: ModuleType, block: Mutated) -> str | None:
    """What is wrong with what the native reader makes of a block; it may always leave it to the careful one."""
    columns, content = block.layout["columns"], block.content
    typed_CN = np.empty((sum(kind in ("number", "time", "epoch") for kind in columns), block.lines))
    native.survey(content)
    others = native.parse_block(native.Layout(**block.layout), content, typed_CN)
    if others is None:
        return None
    if len(others) != len(columns):
        return f"{len(others)} of {len(columns)} columns: {content!r}"
    rows = iter(typed_CN)
    for place, (kind, other) in enumerate(zip(columns, others, strict=True)):
        values_N = next(rows) if kind in ("number", "time", "epoch") else None
        if kind == "number" and b'"' not in content and not _same(values_N, other, _cells(block, place), block.layout):
            return f"{values_N} for the numbers of {content!r}"
        if kind == "text":
            text, offsets = other
            if len(offsets) != block.lines + 1 or offsets[-1] != len(text) or any(b < a for a, b in pairwise(offsets)):
                return f"offsets {offsets} for the texts of {content!r}"
    return None


def _cells(block: Mutated, place: int) -> list[bytes]:
    lines = block.content.removesuffix(b"\n").split(b"\n")
    return [line.removesuffix(b"\r").split(block.layout["delimiter"].encode())[place] for line in lines]


def _same(values_N: Any, is_empty_N: Any, cells: list[bytes], layout: dict[str, Any]) -> bool:
    """Whether the numbers are Python's own, and empty cells are known as such."""
    if is_empty_N is not None:
        values_N = np.where(is_empty_N, np.nan, values_N)
    mark = layout["decimal_mark"].encode()
    expected = [float(cell.replace(mark, b".") or b"nan") if cell.strip() else math.nan for cell in cells]
    return bool(np.array_equal(values_N, expected, equal_nan=True))


def main(module: str, seed: str) -> None:
    """Read blocks until nobody wants the answers any more."""
    specification = importlib.util.spec_from_file_location("tailproof._csv", module)
    assert specification is not None
    assert specification.loader is not None
    native = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(native)
    try:
        for block in mutated_blocks(int(seed)):
            print(fault(native, block) or "")
    except BrokenPipeError:
        sys.stdout = Path("/dev/null").open("w")  # noqa: SIM115 (at exit, Python flushes it)


if __name__ == "__main__":
    main(*sys.argv[1:])
