"""A JSON file of bars as a table of text cells: records, JSON lines, lists of values or columns, at any depth."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tailproof.bars.read.aliases import MEANING_OF, variants
from tailproof.bars.read.arrow_chunks import read_frame_chunks
from tailproof.bars.read.byte_streams import open_bytes, read_some
from tailproof.bars.read.csv_layout import apart
from tailproof.bars.read.headerless import find_names
from tailproof.bars.read.plain_text import as_plain_text
from tailproof.bars.read.raw_chunk import RawChunk
from tailproof.bars.read.table_plan import SAMPLE_ROWS, TablePlan
from tailproof.core.errors import DataError
from tailproof.core.records import PRICES
from tailproof.core.surface import setting
from tailproof.settings.read_options import ReadOptions

PIECE_BYTES = 1 << 20
RIVAL = 1 / 2
"""A second table with this share of the rows of the longest is another instrument's, and no mere extra."""


@dataclass(frozen=True)
class _JsonTable:
    """Rows found inside a JSON value, and the keys that lead to them."""

    keys: tuple[str, ...]
    names: tuple[str, ...]
    """Empty where the rows are lists of values without names."""
    rows: list[list[Any]]


def read_json_chunks(
    path: Path, *, options: ReadOptions, required: tuple[str, ...], file: str = ""
) -> Generator[tuple[TablePlan, RawChunk], None, None]:
    """Chunks of the bars in a JSON file, which is held in memory.

    Raises:
        DataError: it is not JSON, or holds no table of bars, or several.
    """
    source = str(path)
    try:
        tables = list(_tables(_value(_text(path), source=source), ()))
    except RecursionError as error:
        raise DataError(
            f"{source}: the JSON is nested too deep to be a table of bars. Expected records such as "
            '{"time": …, "open": …}, in a list or one on each line.'
        ) from error
    table = _the_one(tables, instrument=options.instrument, source=source)
    names, notes = table.names, [f"The bars stand under '{'.'.join(table.keys)}'."] if table.keys else []
    rows = [[_cell(value) for value in row] for row in table.rows]
    if not names:
        named = _names_of_lists(rows, options=options, source=source)
        names = named[0]
        notes += named[1]
    columns = {name: [row[at] for row in rows] for at, name in enumerate(apart(names))}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    yield from read_frame_chunks(
        frame, source=source, options=options, required=required, file=file, notes=tuple(notes)
    )


def _text(path: Path) -> str:
    with open_bytes(path) as raw:
        stream, _ = as_plain_text(raw)
        content = b"".join(iter(lambda: read_some(stream, PIECE_BYTES), b""))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is not UTF-8, as JSON must be. Save the file as UTF-8.") from error


def _value(text: str, *, source: str) -> Any:
    """The JSON value of a whole file, or the list of the values on its lines."""
    try:
        return _parsed(text, source=source)
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Extra data"):
            raise _damaged(error, error.lineno, source) from error
    values = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                values.append(_parsed(line, source=source))
            except json.JSONDecodeError as error:
                raise _damaged(error, number, source) from error
    return values


def _parsed(text: str, *, source: str) -> Any:
    """The value of a JSON text, whose numbers are left as they are written.

    Raises:
        DataError: a record holds a name twice, so that one of its values would be lost.
    """

    def record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values = dict(pairs)
        if len(values) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(
                f"{source}: a record holds {twice!r} {names.count(twice)} times, expected each name once. Give each "
                "value a name of its own."
            )
        return values

    return json.loads(text, object_pairs_hook=record, parse_int=str, parse_float=str)


def _damaged(error: json.JSONDecodeError, line: int, source: str) -> DataError:
    return DataError(
        f"{source}: line {line}, column {error.colno} is not JSON ({error.msg}), so the file is damaged or cut off. "
        'Expected records such as {"time": …, "open": …}, in a list or one on each line. Copy or write it again.'
    )


def _tables(value: Any, keys: tuple[str, ...]) -> Iterator[_JsonTable]:
    """All tables inside a value: lists of records or of values, records under times, and lists beside each other."""
    if isinstance(value, list):
        yield from _rows_of_list(value, keys)
        return
    if not isinstance(value, dict):
        return
    if len(value) > 1 and all(isinstance(row, dict) and _is_record(row) for row in value.values()):
        yield _of_dicts(value, keys)
        return
    width = len(value["columns"]) if isinstance(value.get("columns"), list) else 0
    if width and isinstance(value.get("data"), list) and all(_is_row(row, width) for row in value["data"]):
        yield _split(value, keys)
        return
    lists = _column_lists(value)
    if len(lists) > 1:
        yield _JsonTable(keys, tuple(lists), [list(row) for row in zip(*lists.values(), strict=True)])
        return
    for key, inner in value.items():
        yield from _tables(inner, (*keys, key))


def _rows_of_list(value: list[Any], keys: tuple[str, ...]) -> Iterator[_JsonTable]:
    if value and all(isinstance(row, dict) for row in value):
        if len(value) > 1 or _is_record(value[0]):
            yield _of_records(value, keys)
        else:
            yield from _tables(value[0], keys)
    elif value and all(isinstance(row, list) for row in value) and len({len(row) for row in value}) == 1:
        yield _JsonTable(keys, (), value)


def _is_record(row: dict[str, Any]) -> bool:
    """Whether a dict holds one value a key, and so is one row."""
    return bool(row) and not any(isinstance(cell, list | dict) for cell in row.values())


def _is_row(row: Any, width: int) -> bool:
    return isinstance(row, list) and len(row) == width


def _of_dicts(value: dict[str, dict[str, Any]], keys: tuple[str, ...]) -> _JsonTable:
    """Records under their times; or columns under their names, as pandas writes a frame."""
    if not any(MEANING_OF.get(form) in PRICES for name in value for form in variants(name)):
        return _of_records([{"time": key, **row} for key, row in value.items()], keys)
    labels = list(dict.fromkeys(label for column in value.values() for label in column))
    counted = labels == [str(at) for at in range(len(labels))]
    records = [{name: column.get(label) for name, column in value.items()} for label in labels]
    if not counted:
        records = [{"time": label, **record} for label, record in zip(labels, records, strict=True)]
    return _of_records(records, keys)


def _split(value: dict[str, Any], keys: tuple[str, ...]) -> _JsonTable:
    """A frame that pandas wrote in parts: names, index and rows."""
    rows, index = value["data"], value.get("index")
    if not isinstance(index, list) or index == [str(at) for at in range(len(rows))]:
        return _JsonTable(keys, tuple(map(str, value["columns"])), rows)
    labelled = [[label, *row] for label, row in zip(index, rows, strict=False)]
    return _JsonTable(keys, ("time", *map(str, value["columns"])), labelled)


def _of_records(records: list[dict[str, Any]], keys: tuple[str, ...]) -> _JsonTable:
    flat = [dict(_flat(record, "")) for record in records]
    names = tuple(dict.fromkeys(name for record in flat for name in record))
    return _JsonTable(keys, names, [[record.get(name) for name in names] for record in flat])


def _flat(record: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """The values of a record, those of records inside it under names such as mid.o."""
    for key, value in record.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _column_lists(value: Any) -> dict[str, list[Any]]:
    """The longest equally long lists of plain values anywhere inside, by their keys: one column each."""
    lists: list[tuple[str, list[Any]]] = []
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        key, inner = waiting.pop(0)
        if isinstance(inner, dict):
            waiting[:0] = inner.items()
        elif isinstance(inner, list) and len(inner) == 1 and isinstance(inner[0], dict):
            waiting.insert(0, (key, inner[0]))
        elif isinstance(inner, list) and inner and not any(isinstance(cell, list | dict) for cell in inner):
            lists.append((key, inner))
    longest = max((len(cells) for _, cells in lists), default=0)
    return {key: cells for key, cells in lists[::-1] if len(cells) == longest and longest > 1}


def _the_one(tables: list[_JsonTable], *, instrument: str | None, source: str) -> _JsonTable:
    if not tables:
        raise DataError(
            f'{source}: the JSON holds no table of bars. Expected records such as {{"time": …, "open": …}}, in a '
            "list or one on each line."
        )
    if instrument is not None:
        tables = [table for table in tables if instrument in table.keys] or tables
    longest = max(tables, key=lambda table: len(table.rows))
    rivals = [table for table in tables if len(table.rows) > RIVAL * len(longest.rows)]
    if len(rivals) > 1:
        names = [".".join(table.keys) for table in rivals]
        shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        raise DataError(
            f"{source}: the JSON holds {len(names)} tables ({shown}), expected the bars of one instrument; "
            f"{setting('instrument', rivals[0].keys[-1])} takes the first."
        )
    return longest


def _cell(value: Any) -> str | None:
    """A value as a CSV file would hold it."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _names_of_lists(
    rows: list[list[str | None]], *, options: ReadOptions, source: str
) -> tuple[tuple[str, ...], list[str]]:
    """Names for lists of values: the user's, or those found from the values."""
    if options.header:
        if len(options.header) != len(rows[0]):
            raise DataError(
                f"{source}: {setting('header')} names {len(options.header)} columns, but each row has {len(rows[0])} "
                "values. Name every value, in the order of the file."
            )
        return options.header, []
    sample = [[cell or "" for cell in row] for row in rows[:SAMPLE_ROWS]]
    inferred = find_names(sample, source=source, decimal_comma=options.decimal_comma, day_first=options.day_first)
    return inferred.names, [inferred.note]
