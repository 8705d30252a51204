"""A CSV or Parquet file as a typed frame with known column names; nothing is dropped, filled or guessed."""

from __future__ import annotations

import mmap
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from tailproof.bars.columns import PRICES, recognise
from tailproof.bars.faults import Fault, raise_faults
from tailproof.core.errors import DataError

TEXT_COLUMNS = ("contract", "symbol", "ticker", "instrument", "exchange")
SUFFIXES = ".csv, .txt, .parquet"


def read_table(
    path: Path,
    *,
    required: tuple[str, ...] = ("time", *PRICES),
    timezone: str = "UTC",
    missing_marks: tuple[str, ...] = (),
) -> pl.DataFrame:
    """Columns under their known names: ``time`` as UTC datetimes, ``contract`` and the like as text, others float64.

    Column ``line`` is the row's line in the file (for Parquet: its row number from 1), for messages about bad rows.

    Args:
        path: a CSV file with a header line, or a Parquet file.
        required: meanings that must be there.
        timezone: IANA zone of times that carry no offset.
        missing_marks: cells that mean "no value", such as FRED's "."; they become null.

    Raises:
        DataError: the file cannot be read, has no rows, or has cells that are not what their column holds.
    """
    _refuse_non_files(path)
    if path.suffix.lower() in (".parquet", ".pq"):
        raw = _read_parquet(path)
    elif path.suffix.lower() in (".csv", ".txt"):
        raw = _read_csv(path)
    else:
        raise DataError(f"{path}: file type '{path.suffix}' is not known. Give one of {SUFFIXES}.")
    return read_frame(raw, source=str(path), required=required, timezone=timezone, missing_marks=missing_marks)


def read_frame(
    raw: pl.DataFrame,
    *,
    source: str,
    required: tuple[str, ...] = ("time", *PRICES),
    timezone: str = "UTC",
    missing_marks: tuple[str, ...] = (),
) -> pl.DataFrame:
    """A frame that is already in memory, under the same rules as a file; see ``read_table``."""
    if LINE not in raw.columns:
        raw = raw.with_row_index(LINE, offset=1)
    mapping = recognise([name for name in raw.columns if name != LINE], source=source, required=required)
    if raw.height == 0:
        raise DataError(f"{source}: there is a header but no rows. Expected at least one bar a line below it.")
    raw = raw.rename(mapping)
    if missing_marks:
        raw = raw.with_columns(pl.col(pl.String).replace(dict.fromkeys(missing_marks)))
    return _typed(raw, source=source, timezone=timezone)


LINE = "line"


def _refuse_non_files(path: Path) -> None:
    if not path.exists():
        raise DataError(f"{path}: no such file. Give the path of a bar file ({SUFFIXES}).")
    if path.is_dir():
        raise DataError(f"{path}: this is a directory. Give the path of one bar file inside it ({SUFFIXES}).")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty (0 bytes). Expected a header line and one bar a line below it.")


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path, glob=False)
    except (PolarsError, OSError) as error:
        raise DataError(f"{path}: not a readable Parquet file ({_first_line(error)}). Write it again.") from error
    return frame.with_row_index(LINE, offset=1)


def _read_csv(path: Path) -> pl.DataFrame:
    lines = _count_lines(path)
    try:
        frame = pl.read_csv(path, glob=False, infer_schema=False, row_index_name=LINE, row_index_offset=2)
    except (PolarsError, OSError) as error:
        raise DataError(
            f"{path}: not a readable CSV file ({_first_line(error)}). Expected text with a header line."
        ) from error
    if frame.height != lines - 1:
        raise DataError(
            f"{path}: {lines} lines in the file, but {frame.height} rows and a header were read. "
            "Look for unclosed quotes, blank lines or line breaks inside a cell, and mend them."
        )
    return frame


def _count_lines(path: Path) -> int:
    """Lines that hold something, counted in the bytes themselves; refuses files that are not text."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at = content.find(b"\0")
        if at >= 0:
            raise DataError(f"{path}: byte {at} is NUL, so this is not a CSV text file. Expected bars as text lines.")
        count, start = 0, 0
        while (chunk := content[start : start + (1 << 24)]) != b"":
            count += chunk.count(b"\n")
            start += len(chunk)
        last_line_is_open = content[-1:] != b"\n"
    return count + last_line_is_open


def _typed(frame: pl.DataFrame, *, source: str, timezone: str) -> pl.DataFrame:
    text = {name: frame[name] for name in frame.columns if frame[name].dtype == pl.String and name != "time"}
    casts = [pl.col(name).str.strip_chars().cast(pl.Float64, strict=False) for name in text if name not in TEXT_COLUMNS]
    numeric = [
        pl.col(name).cast(pl.Float64)
        for name, dtype in frame.schema.items()
        if dtype.is_numeric() and name not in (LINE, "time")
    ]
    typed = frame.with_columns(*casts, *numeric)
    known = {*PRICES, "volume", "vix_close"}
    faults: list[Fault] = []
    unused: list[str] = []
    for name, column in text.items():
        if name in TEXT_COLUMNS:
            continue
        bad = typed[name].is_null() & column.is_not_null() & (column.str.strip_chars() != "")
        if not bad.any():
            continue
        if name in known:
            rows = frame.filter(bad)
            faults.append(
                Fault(f"text in '{name}'", rows[LINE].to_list(), found=repr(rows[name][0]), expected="a number")
            )
        else:
            unused.append(name)
    time = _utc_times(frame, timezone=timezone, faults=faults)
    raise_faults(faults, source=source)
    return typed.with_columns(time).drop(unused)


def _utc_times(frame: pl.DataFrame, *, timezone: str, faults: list[Fault]) -> pl.Series:
    column = frame["time"]
    if column.dtype == pl.String:
        parsed = _parse_text_times(column)
    elif column.dtype == pl.Date:
        parsed = column.cast(pl.Datetime("ns"))
    elif isinstance(column.dtype, pl.Datetime):
        parsed = column.dt.cast_time_unit("ns")
    else:
        found = str(column.dtype)
        faults.append(Fault("time is not a date", [1], found=found, expected="ISO 8601 text, or a Parquet datetime"))
        return pl.Series("time", [None] * len(column), dtype=pl.Datetime("ns", "UTC"))
    bad = parsed.is_null()
    if bad.any():
        rows = frame.filter(bad)
        expected = "a time such as 2024-03-01T14:30:00Z, 2024-03-01 14:30 or 2024-03-01"
        faults.append(Fault("unreadable time", rows[LINE].to_list(), found=repr(rows["time"][0]), expected=expected))
    if isinstance(parsed.dtype, pl.Datetime) and parsed.dtype.time_zone is not None:
        return parsed.dt.convert_time_zone("UTC").alias("time")
    known = parsed.drop_nulls()
    dates_only = bool((known.dt.truncate("1d") == known).all())
    if timezone == "UTC" or dates_only:
        return parsed.dt.replace_time_zone("UTC").alias("time")
    local = parsed.dt.replace_time_zone(timezone, ambiguous="null", non_existent="null")
    broken = local.is_null() & ~bad
    if broken.any():
        rows = frame.filter(broken)
        expected = f"a time that exists once in {timezone} (daylight saving skips or repeats this hour)"
        faults.append(Fault("ambiguous time", rows[LINE].to_list(), found=repr(rows["time"][0]), expected=expected))
    return local.dt.convert_time_zone("UTC").alias("time")


def _parse_text_times(column: pl.Series) -> pl.Series:
    """The format of the first cell that parses is the format of the file."""
    text = column.str.strip_chars()
    first = text.drop_nulls()[:1]
    for form in ("%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M:%S%.fZ"):
        if first.str.to_datetime(form, time_unit="ns", time_zone="UTC", strict=False).null_count() == 0 and len(first):
            return text.str.to_datetime(form, time_unit="ns", time_zone="UTC", strict=False)
    for form in (
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
        "%m/%d/%Y %H:%M:%S",
        "%m/%d/%Y %H:%M",
        "%Y%m%d %H:%M:%S",
        "%Y%m%d %H%M%S",
    ):
        if first.str.to_datetime(form, time_unit="ns", strict=False).null_count() == 0 and len(first):
            return text.str.to_datetime(form, time_unit="ns", strict=False)
    for form in ("%Y-%m-%d", "%m/%d/%Y", "%Y%m%d"):
        if first.str.to_date(form, strict=False).null_count() == 0 and len(first):
            return text.str.to_date(form, strict=False).cast(pl.Datetime("ns"))
    return pl.Series(column.name, [None] * len(column), dtype=pl.Datetime("ns"))


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
