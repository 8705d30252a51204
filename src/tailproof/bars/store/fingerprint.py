"""A short name for the content of files, and for everything that decides what is made of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tailproof.bars.read.sources import Source
from tailproof.settings.read_options import ReadOptions

STORE_VERSION = 4
"""Raise it whenever the columns or the meaning of stored bars change: older stores are then never read."""
SAMPLES = 64
SAMPLE_BYTES = 4096
EDGE_BYTES = 65_536


def source_key(source: Source, options: ReadOptions) -> str:
    """A key that changes with the files (see ``file_fingerprint``), the reading options and the store's version."""
    digest = hashlib.sha256(f"{STORE_VERSION}\n{_deciding(options)}\n".encode())
    for file in source.files:
        digest.update(file_fingerprint(file).encode())
    return digest.hexdigest()[:32]


def place_key(source: Source) -> str:
    """A name for the source's location, whatever it holds: stores of its earlier contents are found by it."""
    return hashlib.sha256(str(Path(source.name).absolute()).encode()).hexdigest()[:16]


def file_fingerprint(path: Path) -> str:
    """Size, time of the last change, and a hash of both ends and 64 spread blocks of the file.

    Hashing every byte would cost as much as reading the bars again. What this cannot see is an edit that keeps the size
    *and* puts the old time of change back *and* misses all sampled blocks; ``store="never"`` reads the file itself.
    """
    stat = path.stat()
    digest = hashlib.sha256(f"{path.name} {stat.st_size} {stat.st_mtime_ns}".encode())
    with path.open("rb", buffering=0) as file:
        digest.update(file.read(EDGE_BYTES))
        step = stat.st_size // (SAMPLES + 1)
        if step > SAMPLE_BYTES:
            for at in range(1, SAMPLES + 1):
                file.seek(at * step)
                digest.update(file.read(SAMPLE_BYTES))
        file.seek(max(0, stat.st_size - EDGE_BYTES))
        digest.update(file.read(EDGE_BYTES))
    return digest.hexdigest()


def _deciding(options: ReadOptions) -> str:
    """Every option, in a fixed order."""
    return json.dumps(options.model_dump(mode="json"), sort_keys=True)
