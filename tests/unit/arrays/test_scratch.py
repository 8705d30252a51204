import os
from pathlib import Path

import numpy as np
import pytest

from tailproof.arrays import scratch
from tailproof.core.errors import DataError


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("TAILPROOF_CACHE", str(tmp_path))
    return tmp_path


def test_small_arrays_lie_in_memory_and_large_ones_in_a_file_without_a_name(cache: Path) -> None:
    array = scratch.rows_array((3, 2), mapped_from=1)
    array[:] = np.arange(6.0).reshape(3, 2)
    assert isinstance(array, np.memmap)
    assert array.tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    assert [path for path in cache.rglob("*") if path.is_file()] == []


def test_the_room_is_given_back_with_the_array(cache: Path) -> None:
    def deleted() -> int:
        return sum(f"{cache}" in line for line in Path("/proc/self/maps").read_text().splitlines())

    array = scratch.rows_array((1000, 1000), mapped_from=1)
    view = array[:10]
    del array
    assert deleted() == 1
    del view
    assert deleted() == 0


def test_a_full_disk_is_an_error_before_anything_is_written(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", no_room)
    with pytest.raises(DataError, match=r"0\.0 GB cannot be had in .*No space left .*TAILPROOF_CACHE"):
        scratch.rows_array((3, 2), mapped_from=1)


def test_gathered_rows_are_those_of_numpy_whatever_the_blocks() -> None:
    x_NF = np.arange(20.0, dtype=np.float32).reshape(10, 2)
    rows_R = np.array([9, 0, 0, 4, 7, 1, 8])
    assert np.array_equal(scratch.gathered(x_NF, rows_R, at_once=3), x_NF[rows_R])
    assert list(scratch.blocks(7, size=3)) == [slice(0, 3), slice(3, 6), slice(6, 7)]
