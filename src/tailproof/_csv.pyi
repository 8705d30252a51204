"""The native reader of CSV lines, built from src/csv by CMake. Checked and called by ``bars/csv_fast.py`` alone."""

from collections.abc import Sequence
from typing import Any

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

def parse_block(layout: Layout, content: Bytes, *, lines: int) -> list[Any] | None:
    """The columns of all lines, or None where there are more or fewer than ``lines`` or any is not sure to be sound.

    A number column is float64 with a mask of its empty cells, or None where there is none; a time is int64 nanoseconds
    as written, less its offset if it has one; text is UTF-8 as uint8 and the int64 offsets of its cells; a skipped
    column is None. Cells may be in quotes that hold no others, numbers may stand between spaces, the last line may lack
    its end. The interpreter lock is let go.
    """
