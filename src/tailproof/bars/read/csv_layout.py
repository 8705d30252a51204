"""Where the rows of a CSV file begin and what its columns are called: the lines above, the header, the delimiter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tailproof.bars.read.aliases import CLOCK_NAMES, DATE_NAMES, MEANING_OF, variants
from tailproof.bars.read.column_levels import VALUES, count_price_names, names_of_one
from tailproof.bars.read.csv_line import cells_of_line
from tailproof.bars.read.dialect import UTF8_MARK, Dialect, is_data, most_common_mark
from tailproof.bars.read.encodings import decoded
from tailproof.bars.read.headerless import find_names
from tailproof.bars.read.time_format import recognise_time
from tailproof.core.counted import counted
from tailproof.core.errors import DataError
from tailproof.core.surface import setting
from tailproof.settings.read_options import ReadOptions

MAX_LINES_ABOVE = 60
SAMPLE_LINES = 200
DECLARATION = r"[A-Z_]{4,}=[^,;\t]*"
"""A line such as DATA= or TIMEZONE_OFFSET=-300, as Google wrote them around the names."""
COMMENTS = ("#", "//")
MAX_LEVELS = 4
"""Lines of names that pandas may write above each other."""
TICKER_NAMES = ("ticker", "tickers", "symbol", "symbols")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The beginning of a CSV file."""

    dialect: Dialect
    skipped: int
    """Lines above the first row of data, the header among them."""
    step: int | None = None
    """Seconds of a bar, where a line above the header says it."""
    notes: tuple[str, ...] = ()


@dataclass
class _Start:
    """The first lines of a file as text, and what is known about them."""

    lines: list[str]
    source: str
    options: ReadOptions
    delimiter: str | None = None
    notes: list[str] = field(default_factory=list)

    def cells(self, at: int) -> tuple[str, ...]:
        """The cells of a line."""
        return split(self.lines[at], self.mark(at))

    def mark(self, at: int) -> str:
        """The delimiter of a line."""
        return self.delimiter or most_common_mark(self.lines[at], decimal_comma=self.options.decimal_comma)

    def names(self, at: int) -> tuple[str, ...]:
        """The cells of a line as names of columns."""
        text = re.sub(r"^(?:#|//)\s?|^COLUMNS=", "", self.lines[at])
        return split(text, self.mark(at))


def split(line: str, delimiter: str) -> tuple[str, ...]:
    """The cells of one line."""
    return cells_of_line(line, delimiter)


def find_layout(content: bytes, *, source: str, options: ReadOptions, dated: bool = False) -> Layout:
    """How the first bytes of a file (whole lines) are laid out.

    Args:
        content: the first lines.
        source: for messages.
        options: the user's choices for the header, the delimiter and the lines above.
        dated: whether the name of the file holds a date.

    Raises:
        DataError: the columns have no names and cannot be found from the values.
    """
    raw = content.removeprefix(UTF8_MARK).split(b"\n")
    lines = decoded(raw[: MAX_LINES_ABOVE + SAMPLE_LINES], source=source)
    start = _Start(lines=lines, source=source, options=options, delimiter=options.delimiter)
    for number, line in enumerate(lines[:3]):
        if any(ord(character) < 32 and character != "\t" for character in line):
            what = f"line {number + 1} holds control characters, so this is not a readable CSV file."
            raise DataError(f"{source}: {what}")
    first = options.skip_lines
    if first == 0 and lines and (declared := re.fullmatch(r"\"?sep=(.)\"?", lines[0].strip(), re.IGNORECASE)):
        start.delimiter, first = start.delimiter or declared[1], 1
    if options.header:
        return _with_given_names(start, first)
    if (levels := _levels(start, first)) is not None:
        return levels
    header = first if options.skip_lines else _header_line(start, first)
    if header is None:
        return _without_header(start, _first_row(start, first), dated=dated)
    above = [at for at in range(first, header) if lines[at].strip()]
    if above:
        shown = lines[above[0]][:50]
        count = counted(len(above), "line")
        start.notes.append(f"{count} above the header passed over (line {above[0] + 1}: {shown!r}).")
    below = header + 1
    while below < len(lines) and re.fullmatch(DECLARATION, lines[below].strip()):
        below += 1
    names = _fitted(start, start.names(header), below)
    return _layout(start, names, delimiter=start.mark(header), skipped=below, step=_step(lines[:header]))


def _step(above: Sequence[str]) -> int | None:
    """The seconds of a bar that a line such as INTERVAL=60 says."""
    matches = (re.fullmatch(r"INTERVAL=(\d+)", line.strip()) for line in above)
    return next((int(match[1]) for match in matches if match), None)


def _layout(start: _Start, names: tuple[str, ...], *, delimiter: str, skipped: int, step: int | None = None) -> Layout:
    dialect = Dialect(delimiter=delimiter, names=apart(names), decimal_comma=start.options.decimal_comma)
    return Layout(dialect=dialect, skipped=skipped, step=step, notes=tuple(start.notes))


def apart(names: Sequence[str]) -> tuple[str, ...]:
    """Names of which none stands twice.

    >>> apart(["time", "Plot", "Plot"])
    ('time', 'Plot', 'Plot (2)')
    """
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(unique)


def _is_comment(line: str) -> bool:
    return line.startswith(COMMENTS)


def _is_blank(line: str) -> bool:
    return not line.strip().strip(",;\t|")


def _header_line(start: _Start, first: int) -> int | None:
    """The first line of plain names; else the first line that has as many cells as most and is no data."""
    shown = range(first, min(len(start.lines), first + MAX_LINES_ABOVE))
    for at in shown:
        if not _is_blank(start.lines[at]) and _names_columns(start.names(at)):
            return at
        if _is_row(start, at):
            break
    usable = [at for at in shown if not _is_blank(start.lines[at]) and not _is_comment(start.lines[at])]
    if not usable:
        return first if start.lines else None
    widths = Counter(len(start.cells(at)) for at in usable)
    width = max(widths, key=lambda count: (widths[count], count))
    header = next((at for at in usable if len(start.cells(at)) >= max(width - 1, 1)), usable[0])
    return None if _is_row(start, header) else header


def _is_row(start: _Start, at: int) -> bool:
    cells = start.cells(at)
    return len(cells) > 1 and not _is_comment(start.lines[at]) and sum(map(is_data, cells)) > len(cells) / 2


def _names_columns(cells: Sequence[str]) -> bool:
    """Whether cells are names of columns: one of the time (or none above the index), others of values, no data."""
    if len(cells) < 2 or any(is_data(cell) and not re.match(r"\s*\d+[a-z]?[.:]\s", cell) for cell in cells):
        return False
    meanings = [next((MEANING_OF[form] for form in variants(cell) if form in MEANING_OF), None) for cell in cells]
    parts = any(form in (*DATE_NAMES, *CLOCK_NAMES) for cell in cells for form in variants(cell))
    values = len({meaning for meaning in meanings if meaning in VALUES})
    return (("time" in meanings or parts or not cells[0].strip()) and values >= 1) or values >= 4


def _first_row(start: _Start, first: int) -> int:
    for at in range(first, len(start.lines)):
        if not _is_blank(start.lines[at]) and not _is_comment(start.lines[at]):
            return at
    return first


def _with_given_names(start: _Start, first: int) -> Layout:
    at = _first_row(start, first)
    delimiter = start.mark(at)
    cells = split(start.lines[at], delimiter)
    names = start.options.header
    if len(names) == len(cells) - 1 and not cells[-1].strip():
        names = (*names, "")
    if len(names) != len(cells):
        raise DataError(
            f"{start.source}: {setting('header')} names {len(names)} columns, but line {at + 1} has {len(cells)} cells "
            f"({start.lines[at][:60]!r}). Name every column, in the order of the file."
        )
    return _layout(start, names, delimiter=delimiter, skipped=at)


def _fitted(start: _Start, names: tuple[str, ...], below: int) -> tuple[str, ...]:
    """Names for the cells that the rows really have: one more or fewer by a delimiter at the end, or an index."""
    rows = [split(line, start.mark(below - 1)) for line in start.lines[below : below + 20] if not _is_blank(line)]
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        return names
    width = len(rows[0])
    if width == len(names) + 1 and not any(row[-1].strip() for row in rows):
        return (*names, "")
    if width == len(names) + 1 and all(recognise_time([row[0].strip()]) for row in rows):
        return ("", *names)
    if width == len(names) - 1 and not names[-1].strip():
        return names[:-1]
    return names


def _levels(start: _Start, first: int) -> Layout | None:
    """The header lines that pandas writes for columns of several levels, as yfinance has them."""
    mark = start.mark(first) if first < len(start.lines) else ","
    lines = [split(line, mark) for line in start.lines[first : first + MAX_LEVELS + 2]]
    width = len(lines[0]) if lines else 0
    count = next((at for at, cells in enumerate(lines) if len(cells) != width or any(map(is_data, cells))), len(lines))
    levels = lines[:count]
    named_index = count > 2 and bool(levels[-1][0].strip()) and not any(cell.strip() for cell in levels[-1][1:])
    levels = levels[:-1] if named_index else levels
    if width < 2 or count == len(lines) or not 2 <= len(levels) <= MAX_LEVELS:
        return None
    prices = max(count_price_names(level[1:]) for level in levels)
    titles = [level[0].strip().lower() for level in levels]
    titled = titles[0] in ("price", "ticker", *TICKER_NAMES) or (len(levels) > 2 and not any(titles))
    if prices < min(3, width - 1) or not (named_index or titled):
        return None
    chosen = names_of_one([level[1:] for level in levels], instrument=start.options.instrument, source=start.source)
    start.notes.append(f"The header has {count} lines: names of columns, and {', '.join(chosen.instruments)}.")
    return _layout(start, ("time", *chosen.names), delimiter=mark, skipped=first + count)


def _without_header(start: _Start, first: int, *, dated: bool) -> Layout:
    delimiter = start.mark(first)
    lines = [line for line in start.lines[first : first + SAMPLE_LINES] if not _is_blank(line)]
    rows = [split(line, delimiter) for line in lines]
    width = Counter(map(len, rows)).most_common(1)[0][0]
    even = [row for row in rows if len(row) == width]
    if width > 2 and not any(row[-1].strip() for row in even):
        even = [row[:-1] for row in even]
    names_found = find_names(
        even,
        source=start.source,
        decimal_comma=start.options.decimal_comma,
        day_first=start.options.day_first,
        dated=dated,
    )
    start.notes.append(names_found.note)
    names = names_found.names if len(names_found.names) == width else (*names_found.names, "")
    return _layout(start, names, delimiter=delimiter, skipped=first)
