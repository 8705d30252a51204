"""The native reader of CSV lines (src/native/csv); ``bars/read/csv_fast.py`` alone checks and calls it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

Bytes = bytes | bytearray | memoryview

def survey(content: Bytes) -> tuple[int, int, int, bool]:
    """How many line ends, the bytes up to and with the last, where the first NUL is (or -1), whether all is ASCII."""

class Layout:
    """What the columns of a file hold."""

    def __init__(
        self,
        *,
        delimiter: str,
        decimal_mark: str,
        columns: Sequence[str],
        time_pattern: str,
        epoch: tuple[int, int, int],
    ) -> None:
        """``columns``: skip, text, number, time or epoch for each.

        ``time_pattern``: strptime directives %Y %m %d %H %M %S %.f %z, each of its full width, from year to second.
        ``epoch``: whole numbers of [low, high) are times since 1970 of so many nanoseconds.
        """

def parse_block(layout: Layout, content: Bytes, typed_CN: np.ndarray) -> list[Any] | None:
    """All lines, one for each column of ``typed_CN``; None if there are more or fewer, or one is not sure to be sound.

    Number and time columns are written to the rows of ``typed_CN`` (float64, C-contiguous) in their order: numbers as
    float64, times as the bits of int64 nanoseconds, as written less the offset if there is one. The list has for each
    number column the mask of its empty cells, or None where there is none; for each text column UTF-8 as uint8 and the
    int64 offsets of its cells; else None.

    Cells may be in quotes that hold no others, numbers may stand between spaces, the last line may lack its end. The
    interpreter lock is let go.
    """
