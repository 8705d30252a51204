"""Records over a connection: JSON and the bytes of arrays, nothing that runs when it is read.

A model of the user's own is among these bytes (``Pickled``); only whoever was asked to fit it makes an object of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np

from tailproof.core.codec import Record, from_tree, to_tree
from tailproof.core.fit import EpochRecord, Fit, GuardEvent, IntervalRecord
from tailproof.engines.distributed.engine_spec import EngineSpec
from tailproof.engines.distributed.pickled import Pickled
from tailproof.engines.interface import TrainingJob
from tailproof.storage.trees import array_bytes, empty_arrays, packed_tree, unpacked_tree

MAX_BYTES_PER_MESSAGE = 1 << 24
"""Long arrays go in pieces of 16 MB, so that no second copy of one is made."""


class ConnectionClosed(Exception):  # noqa: N818
    """The other process has closed the connection, or no longer exists."""


@dataclass(frozen=True, kw_only=True)
class Hello:
    """The first message of a worker."""

    rank: int


@dataclass(frozen=True, kw_only=True)
class TrainShare:
    """Asks a worker to train one share of a job."""

    job: TrainingJob
    engine: EngineSpec
    threads: int
    """Threads of the lanes engine; 0 shares out the cores of the worker's machine."""
    shares: int
    share: int
    """Number of the share, from 0."""


@dataclass(frozen=True, kw_only=True)
class FitShare:
    """Asks a worker for consecutive fits of a fold; see ``FitPool.fits``."""

    make: Pickled
    numbers: range


@dataclass(frozen=True, kw_only=True)
class Stop:
    """There is nothing more to train."""


@dataclass(frozen=True, kw_only=True)
class ShareEvent:
    """An event of a share that trains."""

    event: IntervalRecord | EpochRecord | GuardEvent


@dataclass(frozen=True, kw_only=True)
class ShareTrained:
    """A share is trained."""

    fit: Fit


@dataclass(frozen=True, kw_only=True)
class FitMade:
    """One fit of a share."""

    number: int
    fitted: Pickled


@dataclass(frozen=True, kw_only=True)
class ShareFitted:
    """All fits of a share are made."""


@dataclass(frozen=True, kw_only=True)
class ShareRefused:
    """The guards have stopped a share."""

    text: str


@dataclass(frozen=True, kw_only=True)
class ShareFailed:
    """A share could not be trained."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Request:
    """A message from rank 0 to a worker."""

    content: TrainShare | FitShare | Stop


Content = Hello | ShareEvent | ShareTrained | FitMade | ShareFitted | ShareRefused | ShareFailed


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A message from a worker to rank 0."""

    content: Content


def send(connection: Connection, message: object, *, piece_bytes: int = MAX_BYTES_PER_MESSAGE) -> None:
    """Send a record, its arrays in pieces of ``piece_bytes``.

    Raises:
        ConnectionClosed: the other process has closed the connection.
    """
    text, arrays = packed_tree(to_tree(message))
    with _closed():
        connection.send_bytes(text)
        for piece in _pieces(arrays, piece_bytes):
            connection.send_bytes(piece)


def receive(connection: Connection, kind: type[Record], *, piece_bytes: int = MAX_BYTES_PER_MESSAGE) -> Record:
    """Wait for a record of type ``kind``, sent with the same ``piece_bytes``.

    Raises:
        ConnectionClosed: the other process has closed the connection.
        DecodeError: what came is not such a record.
    """
    with _closed():
        text = connection.recv_bytes()
    arrays = empty_arrays(text)
    with _closed():
        for piece in _pieces(arrays, piece_bytes):
            connection.recv_bytes_into(piece)
    return from_tree(unpacked_tree(text, arrays), kind)


@contextmanager
def _closed() -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError) as error:
        raise ConnectionClosed(str(error)) from error


def _pieces(arrays: Iterable[np.ndarray], size: int) -> Iterator[memoryview]:
    """The bytes of all arrays in order, to be sent or to be filled."""
    for content in map(array_bytes, arrays):
        yield from (content[start : start + size] for start in range(0, len(content), size))
