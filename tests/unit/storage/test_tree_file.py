import math
from pathlib import Path

import numpy as np
import pytest

from tailproof.core.errors import RunFolderError
from tailproof.storage.tree_file import read_tree, write_tree

TREE = {
    "none": None,
    "words": ["ä", ""],
    "numbers": [1, -0.1, 1e-300, math.inf, True],
    "deep": {"one": {"x_NF": np.arange(6, dtype=np.float32).reshape(2, 3)}, "empty": {}},
    "scalar": np.array(3.0),
    "nothing": np.zeros((0, 5), dtype=np.int32),
    "turned": np.arange(6).reshape(2, 3).T,
    "which": np.array([True, False]),
}


def test_a_tree_comes_back_as_it_was(tmp_path: Path) -> None:
    sha256 = write_tree(tmp_path / "tree", {**TREE, "nan": math.nan, "tuple": (np.int64(3), np.float64(0.1))})
    back = read_tree(tmp_path / "tree", sha256=sha256)
    assert math.isnan(back.pop("nan"))
    assert back.pop("tuple") == [3, 0.1]
    for name in ("scalar", "nothing", "turned", "which"):
        array = back.pop(name)
        assert (array.dtype, array.shape) == (TREE[name].dtype, TREE[name].shape)
        np.testing.assert_array_equal(array, TREE[name])
    x_NF = back["deep"]["one"].pop("x_NF")
    np.testing.assert_array_equal(x_NF, TREE["deep"]["one"]["x_NF"])
    x_NF += 1.0
    assert back == {"none": None, "words": ["ä", ""], "numbers": TREE["numbers"], "deep": {"one": {}, "empty": {}}}


@pytest.mark.parametrize("place", ["first", "text", "array", "digest"])
def test_a_changed_byte_is_found_wherever_it_is(tmp_path: Path, place: str) -> None:
    path = tmp_path / "tree"
    write_tree(path, TREE)
    content = bytearray(path.read_bytes())
    at = {"first": 0, "text": 40, "array": len(content) - 40, "digest": len(content) - 1}[place]
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunFolderError, match="a checksum differs"):
        read_tree(path)


@pytest.mark.parametrize("left", [0, 10, 31, 32, 100, -1])
def test_a_file_that_is_cut_off_is_found(tmp_path: Path, left: int) -> None:
    path = tmp_path / "tree"
    write_tree(path, TREE)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(RunFolderError, match="a checksum differs"):
        read_tree(path)


def test_another_whole_file_is_not_taken_for_it(tmp_path: Path) -> None:
    sha256 = write_tree(tmp_path / "tree", TREE)
    write_tree(tmp_path / "tree", {"other": 1})
    with pytest.raises(RunFolderError, match="a checksum differs"):
        read_tree(tmp_path / "tree", sha256=sha256)
    with pytest.raises(RunFolderError, match="cannot be read"):
        read_tree(tmp_path / "missing")
