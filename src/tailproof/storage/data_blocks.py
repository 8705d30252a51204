"""Fingerprints of stretches of bars in the ledgers of earlier versions; this version writes ``DataSample``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tailproof.storage.data_sample import int_of_64_bits

DIGITS = 16
"""Hexadecimal digits that are kept of each fingerprint."""


@dataclass(frozen=True, kw_only=True)
class DataBlocks:
    """The bars cut into blocks of consecutive rows, each with its fingerprint.

    Block k holds the rows from ``edges[k]`` up to, but not including, ``edges[k + 1]``; the last one holds the row at
    the last edge as well.
    """

    edges: tuple[int, ...]
    """Times at which blocks begin, and the time of the last row (int64 nanoseconds UTC)."""
    digests: tuple[str, ...]

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> DataBlocks:
        """The blocks that ``dataclasses.asdict`` was given.

        Raises:
            ValueError: its edges are no times, or their number is not that of the digests.
        """
        edges = tuple(int_of_64_bits(edge) for edge in record["edges"])
        digests = tuple(str(digest) for digest in record["digests"])
        if len(edges) != len(digests) + 1:
            raise ValueError(f"there must be an edge more than the {len(digests)} digests, got {len(edges)}")
        return cls(edges=edges, digests=digests)

    def agree_with(self, time_N: np.ndarray, close_N: np.ndarray) -> bool:
        """Whether other bars are the same data: equal on most of the blocks that lie whole within both.

        Most of them, because a vendor corrects a print now and then. Bars that hold no whole block in common with these
        are other data.
        """
        if not len(time_N):
            return False
        inside = [
            block
            for block in range(len(self.digests))
            if self.edges[block] >= time_N[0] and self.edges[block + 1] <= time_N[-1]
        ]
        equal = sum(self._digest_in(block, time_N, close_N) == self.digests[block] for block in inside)
        return bool(inside) and 2 * equal > len(inside)

    def _digest_in(self, block: int, time_N: np.ndarray, close_N: np.ndarray) -> str:
        last = block == len(self.digests) - 1
        start = int(np.searchsorted(time_N, self.edges[block]))
        stop = int(np.searchsorted(time_N, self.edges[block + 1], side="right" if last else "left"))
        return _digest(time_N[start:stop], close_N[start:stop])


def _digest(time_N: np.ndarray, close_N: np.ndarray) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(time_N, dtype=np.int64).data)
    digest.update(np.ascontiguousarray(close_N, dtype=np.float64).data)
    return digest.hexdigest()[:DIGITS]
