"""What a user has made goes to another process whole, or is refused."""

from __future__ import annotations

import threading
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path

import numpy as np
import pytest

from tailproof.core.errors import WorkerError
from tailproof.engines.distributed.messages import Answer, FitMade, receive, send
from tailproof.engines.distributed.pickled import Pickled, UnsendableError, call, pickled, unpickled


def test_functions_that_no_module_holds_are_sent_whole() -> None:
    step = 3
    sent = pickled(lambda number: pickled(number + step))
    assert unpickled(call(sent, 4)) == 7


def test_the_memory_of_arrays_is_not_copied() -> None:
    value = {"x_NF": np.arange(12.0).reshape(4, 3), "y_N": np.arange(0.0), "columns": np.ones((3, 2), order="F")}
    sent = pickled(value)
    again = unpickled(sent)
    assert np.shares_memory(again["x_NF"], value["x_NF"])
    for name, array in value.items():
        np.testing.assert_array_equal(again[name], array)
    assert sum(buffer.nbytes for buffer in sent.buffers) == 12 * 8 + 6 * 8


def test_mapped_rows_are_known_to_be_mapped(tmp_path: Path) -> None:
    mapped = np.memmap(tmp_path / "x", dtype=np.float32, mode="w+", shape=(5, 2))
    (buffer,) = pickled(np.asarray(mapped[:3])).buffers
    base = buffer.base
    while base is not mapped:
        assert isinstance(base, np.ndarray), "some array on the way is no view of the mapped file"
        base = base.base


def test_it_goes_over_a_connection() -> None:
    here, there = Pipe()
    send(here, Answer(content=FitMade(number=3, fitted=pickled(np.arange(5)))))
    received = receive(there, Answer).content
    assert isinstance(received, FitMade)
    assert received.number == 3
    np.testing.assert_array_equal(unpickled(received.fitted), np.arange(5))


def test_what_lives_in_one_process_alone_is_refused() -> None:
    lock = threading.Lock()
    with pytest.raises(UnsendableError, match=r"TypeError: cannot pickle '_thread\.lock' object"):
        pickled(lambda: lock)


def test_what_other_versions_wrote_is_not_read() -> None:
    sent = pickled(1)
    other = replace(sent, versions=sent.versions | {"python": "2.7.18"}, content=np.frombuffer(b"no pickle", np.uint8))
    with pytest.raises(WorkerError, match=r"python: 2\.7\.18 there, 3\..* here"):
        unpickled(other)
    assert isinstance(sent, Pickled)
