"""Objects of the user's own on their way between processes: the bytes of a pickle, and those of arrays beside them.

Reading a pickle runs code. Only models of the user's own go this way, whose code every process runs in any case;
networks go as ``messages``, which run nothing.
"""

from __future__ import annotations

import pickle
import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from tailproof.engines.distributed.engine_spec import refuse_differences
from tailproof.storage.environment import PACKAGES, package_version

ALSO = ("joblib", "scikit-learn")
"""Packages whose objects are sent, beside those that every run depends on."""


class UnsendableError(Exception):
    """An object that cannot be pickled; whoever gave it names it."""


@dataclass(frozen=True, kw_only=True)
class Pickled:
    """An object as arrays of bytes."""

    versions: dict[str, str]
    """Python and the packages that wrote it: others might read something else from it."""
    content: np.ndarray
    buffers: tuple[np.ndarray, ...]
    """The memory of its arrays, which is not copied."""


def pickled(value: object) -> Pickled:
    """An object as it is sent; classes and functions that no module holds are sent whole.

    Raises:
        UnsendableError: it holds something that lives in one process alone, such as a lock or an open file.
    """
    buffers: list[pickle.PickleBuffer] = []
    try:
        content = _dumps()(value, protocol=5, buffer_callback=buffers.append)
    except Exception as error:
        raise UnsendableError(f"{type(error).__name__}: {error}") from error
    return Pickled(
        versions=_versions(),
        content=np.frombuffer(content, dtype=np.uint8),
        buffers=tuple(_memory(buffer) for buffer in buffers),
    )


def unpickled(sent: Pickled) -> Any:
    """The object; arrays whose memory cannot be written to, since other processes read it too, stay so.

    Raises:
        WorkerError: other versions wrote it; every difference is named.
    """
    refuse_differences(sent.versions, _versions())
    return pickle.loads(sent.content.data, buffers=sent.buffers)


def call(function: Pickled, number: int) -> Pickled:
    """What a function that was sent gives for a number; the function itself sees to it that this can be sent."""
    result = unpickled(function)(number)
    assert isinstance(result, Pickled), f"what goes to another process is pickled, got {type(result).__name__}"
    return result


def _memory(buffer: pickle.PickleBuffer) -> np.ndarray:
    """The bytes of an array; of a mapped one they are still known to be mapped, so that no process copies them."""
    array = memoryview(buffer).obj
    if isinstance(array, np.ndarray) and array.flags.c_contiguous:
        return array.reshape(-1).view(np.uint8)
    return np.asarray(buffer.raw())


@cache
def _dumps() -> Callable[..., bytes]:
    """The dumps of cloudpickle, which scikit-learn (an older one inside joblib) and Ray bring; else the standard."""
    for name in ("cloudpickle", "joblib.externals.cloudpickle", "ray.cloudpickle"):
        try:
            dumps: Callable[..., bytes] = import_module(name).dumps
        except ImportError:
            continue
        return dumps
    return pickle.dumps


@cache
def _versions() -> dict[str, str]:
    packages = {name: version for name in (*PACKAGES, *ALSO) if (version := package_version(name)) is not None}
    return {"python": platform.python_version(), **packages}
