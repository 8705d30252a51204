"""A sample of bars, by which data is known again after bars were added, dropped or cut out of it."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_WINDOWS = 4096
"""Windows of time into which the bars fall; the first bar of each is sampled."""
DIGEST_BYTES = 4
MOVES = 16
"""Moves up to a sampled bar whose directions its digest holds."""


@dataclass(frozen=True, kw_only=True)
class DataSample:
    """Digests of the first bar in every window of time: its time, and whether each of the last moves was up or down.

    Prices that were adjusted anew for a dividend, a split or a roll, or rounded to single precision, move as before.
    Windows begin at whole multiples of their width, so a piece of the bars, however small, has the same samples as the
    whole wherever it holds a window's first bar and the moves before it.
    """

    window: int
    """Width of a window in nanoseconds, a power of two."""
    first: int
    """Time of the first bar that has so many moves behind it (int64 nanoseconds UTC)."""
    last: int
    """Time of the last bar."""
    digests: frozenset[bytes]
    moves: int = MOVES
    """Moves in each digest; 0 in lines of earlier versions, whose digests hold the close itself."""

    @classmethod
    def of(cls, time_N: np.ndarray, close_N: np.ndarray) -> DataSample:
        """The sample of bars, from their rising times (int64 nanoseconds) and their closes.

        >>> sample = DataSample.of(np.arange(100) * 60 * 10**9, np.arange(100.0))
        >>> sample.window == 2**31, len(sample.digests)
        (True, 84)
        """
        moved_K = np.flatnonzero(np.diff(close_N)) + 1
        first, last = int(time_N[moved_K[MOVES - 1] if len(moved_K) >= MOVES else -1]), int(time_N[-1])
        window = 1 << ((last - int(time_N[0])) // MAX_WINDOWS).bit_length()
        digests = _sampled(time_N, close_N, window=window, moves=MOVES).values()
        return cls(window=window, first=first, last=last, digests=frozenset(digests))

    def to_json(self) -> dict[str, Any]:
        """The sample as a JSON object."""
        return {
            "window": self.window,
            "first": self.first,
            "last": self.last,
            "digests": b64encode(b"".join(sorted(self.digests))).decode(),
            "moves": self.moves,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> DataSample:
        """The sample that ``to_json`` has written.

        Raises:
            ValueError: its times are no times, its window has no width, or its moves are no number.
        """
        joined = b64decode(record["digests"], validate=True)
        digests = frozenset(joined[at : at + DIGEST_BYTES] for at in range(0, len(joined), DIGEST_BYTES))
        window, first, last = (int_of_64_bits(record[name]) for name in ("window", "first", "last"))
        if window <= 0:
            raise ValueError(f"window must be above 0, got {window}")
        moves = record.get("moves", 0)
        if moves not in (0, MOVES):
            raise ValueError(f"moves must be 0 or {MOVES}, got {moves!r}")
        return cls(window=window, first=first, last=last, digests=digests, moves=moves)


def int_of_64_bits(value: Any) -> int:
    """A time as JSON holds it (int64 nanoseconds); ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or value.bit_length() > 63:
        raise ValueError(f"a time must be an integer of 64 bits, got {value!r}")
    return value


class SampledBars:
    """Bars that are compared with the samples of others; bars are sampled once for each kind of sample."""

    def __init__(self, time_N: np.ndarray, close_N: np.ndarray) -> None:
        self._time_N, self._close_N = time_N, close_N
        self._sampled: dict[tuple[int, int], dict[int, bytes]] = {}

    def agree_with(self, sample: DataSample) -> bool:
        """Whether the bars are the sampled data: most of their samples in the common stretch are among its samples.

        Most of them, because a vendor corrects a print now and then. Bars without any sample there are other data.

        >>> time_N = np.arange(9000) * 60 * 10**9
        >>> close_N = np.random.default_rng(0).normal(size=9000).cumsum() + 4000.0
        >>> whole = DataSample.of(time_N, close_N)
        >>> SampledBars(time_N[4000:4029], close_N[4000:4029] + 12.25).agree_with(whole)
        True
        >>> SampledBars(time_N, close_N[::-1]).agree_with(whole)
        False
        """
        kind = (sample.window, sample.moves)
        if kind not in self._sampled:
            self._sampled[kind] = _sampled(self._time_N, self._close_N, window=sample.window, moves=sample.moves)
        # Bars before the sampled ones may lie in the window of the first of them, whose first bar is then another.
        begins = (sample.first // sample.window + 1) * sample.window
        common = [digest for time, digest in self._sampled[kind].items() if begins <= time <= sample.last]
        return 2 * sum(digest in sample.digests for digest in common) > len(common)


def _sampled(time_N: np.ndarray, close_N: np.ndarray, *, window: int, moves: int) -> dict[int, bytes]:
    """The digest of the first bar of every window but the one that the bars begin in, by its time."""
    row_K = np.flatnonzero(np.diff(time_N // window)) + 1
    if moves:
        row_K, seen_K = _directions(close_N, row_K, moves=moves)
    else:
        seen_K = close_N[row_K].astype(np.float64).view(np.int64)
    both_K = np.column_stack([time_N[row_K].astype(np.int64), seen_K])
    return {int(both[0]): hashlib.blake2b(both, digest_size=DIGEST_BYTES).digest() for both in both_K}


def _directions(close_N: np.ndarray, row_K: np.ndarray, *, moves: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows that have so many moves up to them, and the directions of these as bits (int64), the latest lowest.

    >>> _directions(np.array([1.0, 2.0, 2.0, 1.0, 3.0]), np.array([1, 3, 4]), moves=2)
    (array([3, 4]), array([2, 1]))
    """
    step_N = np.diff(close_N)
    moved_M = np.flatnonzero(step_N)
    count_K = np.searchsorted(moved_M, row_K)
    enough_K = count_K >= moves
    row_K, count_K = row_K[enough_K], count_K[enough_K]
    place_KM = count_K[:, None] - 1 - np.arange(moves)
    up_KM = step_N[moved_M[place_KM]] > 0.0
    return row_K, up_KM.astype(np.int64) @ (1 << np.arange(moves))
