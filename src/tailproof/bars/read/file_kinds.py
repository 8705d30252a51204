"""What a file is: by its name, and by its first bytes where these say that the name is wrong."""

from __future__ import annotations

import re
from pathlib import Path

from tailproof.bars.read.byte_streams import COMPRESSIONS, compression_of, open_bytes, read_some
from tailproof.core.errors import DataError

TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
PARQUET_SUFFIXES = (".parquet", ".pq")
IPC_SUFFIXES = (".arrow", ".feather", ".ipc")
SUFFIXES = ".csv, .txt, .tsv, .json, .jsonl (also .gz, .zst, .bz2, .xz, .zip), .parquet, .arrow, .feather"
KINDS = {
    **dict.fromkeys(TEXT_SUFFIXES, "csv"),
    **dict.fromkeys(JSON_SUFFIXES, "json"),
    **dict.fromkeys(PARQUET_SUFFIXES, "parquet"),
    **dict.fromkeys(IPC_SUFFIXES, "ipc"),
}
IN_PYTHON = {
    **dict.fromkeys((".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"), ("a workbook", "read_excel")),
    **dict.fromkeys((".h5", ".hdf", ".hdf5"), ("an HDF5 file", "read_hdf")),
    **dict.fromkeys((".pkl", ".pickle"), ("a pickle", "read_pickle")),
    ".dta": ("a Stata file", "read_stata"),
    ".sas7bdat": ("a SAS file", "read_sas"),
    ".orc": ("an ORC file", "read_orc"),
    ".html": ("a web page", "read_html"),
}
"""Files that only Python can read, and the function of pandas that does."""
FIRST_BYTES = {
    b"PAR1": ("Parquet data", ".parquet"),
    b"ARROW1": ("Arrow IPC data", ".arrow"),
    b"\x1f\x8b": ("gzip data", ".csv.gz"),
    b"\x28\xb5\x2f\xfd": ("zstd data", ".csv.zst"),
    b"BZh": ("bzip2 data", ".csv.bz2"),
    b"\xfd7zXZ": ("xz data", ".csv.xz"),
    b"\x89HDF": ("an HDF5 file", ".h5"),
    b"\xd0\xcf\x11\xe0": ("a workbook", ".xls"),
}
ZIP = b"PK\x03\x04"
JSON_START = rb"(?:\xef\xbb\xbf)?\s*(\[\s*[\[{]|\{\s*[\"}])"


def kind_of(path: Path) -> str | None:
    """ "csv", "json", "parquet" or "ipc" by the suffix; None where it is unknown."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSIONS:
        packed = suffixes.pop()
        kind = KINDS.get(suffixes[-1] if suffixes else "")
        return kind if kind in ("csv", "json") else "csv" if packed == ".zip" else None
    return KINDS.get(suffixes[-1] if suffixes else "")


def refuse_unknown(path: Path) -> None:
    """Refuse a file whose name says that it is of no kind that is read.

    Raises:
        DataError: it says what to do with the file.
    """
    if kind_of(path) is not None:
        return
    suffix = path.suffix.lower()
    if suffix in IN_PYTHON:
        raise _for_python(path, suffix)
    raise DataError(f"{path}: file type '{''.join(path.suffixes[-2:])}' is not known. Give one of {SUFFIXES}.")


def kind_of_content(path: Path) -> str | None:
    """``kind_of``, but "json" where a file of text holds JSON.

    Raises:
        DataError: the first bytes are those of another kind of file than the name says.
    """
    kind = kind_of(path)
    if kind != "csv":
        return kind
    if compression_of(path) is None:
        _refuse_other_content(path)
    with open_bytes(path) as stream:
        return "json" if re.match(JSON_START, read_some(stream, 256)) else "csv"


def _refuse_other_content(path: Path) -> None:
    with path.open("rb") as file:
        first = file.read(64)
    if first.startswith(ZIP):
        if b"[Content_Types]" in first or b"mimetype" in first:
            raise _for_python(path, ".xlsx")
        raise _misnamed(path, "zip data", ".zip")
    for start, (what, suffix) in FIRST_BYTES.items():
        if first.startswith(start):
            raise _for_python(path, suffix) if suffix in IN_PYTHON else _misnamed(path, what, suffix)


def _misnamed(path: Path, what: str, suffix: str) -> DataError:
    return DataError(f"{path}: the file holds {what} and no text. Name it {path.name.split('.')[0]}{suffix}.")


def _for_python(path: Path, suffix: str) -> DataError:
    what, reader = IN_PYTHON[suffix]
    ways = f"read it in Python: load_bars(pandas.{reader}({path.name!r}))"
    if reader == "read_excel":
        ways = f"save the sheet as 'CSV UTF-8', or {ways}"
    elif reader == "read_html":
        ways = "download the bars as a CSV file"
    return DataError(f"{path}: this is {what}, expected one of {SUFFIXES}. {ways[0].upper()}{ways[1:]}.")
