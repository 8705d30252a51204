"""What a record says is what comes back; nothing else is ever constructed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest

from tailproof.core.codec import FORMAT, OLDEST_FORMAT, DecodeError, from_tree, to_tree


@dataclass(frozen=True, kw_only=True)
class Leaf:
    value_N: np.ndarray
    names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Twig:
    length: float


@dataclass(frozen=True, kw_only=True)
class Tree:
    height: float
    rows: range
    kind: Literal["oak", "elm"]
    child: Leaf | Twig | None
    pairs: tuple[tuple[int, str], ...]
    by_name: dict[str, dict[str, np.ndarray]]
    anything: Any = None


TREE = Tree(
    height=2.5,
    rows=range(3, 9),
    kind="oak",
    child=Leaf(value_N=np.arange(3, dtype=np.float32), names=("a", "b")),
    pairs=((1, "x"), (2, "y")),
    by_name={"first": {"weight": np.ones(2)}},
)


@pytest.mark.parametrize("version", range(OLDEST_FORMAT, FORMAT + 1))
def test_a_record_whose_fields_are_the_same_comes_back_from_an_older_version(version: int) -> None:
    assert from_tree(to_tree(Twig(length=2.0)) | {"format": version}, Twig) == Twig(length=2.0)
    with pytest.raises(DecodeError, match="fields of Twig, but these differ: width"):
        from_tree(to_tree(Twig(length=2.0)) | {"format": version, "width": 1.0}, Twig)


def test_a_record_comes_back() -> None:
    again = from_tree(to_tree(TREE), Tree)
    assert isinstance(again.child, Leaf)
    assert (again.height, again.rows, again.kind, again.pairs) == (2.5, range(3, 9), "oak", ((1, "x"), (2, "y")))
    assert again.child.names == ("a", "b")
    np.testing.assert_array_equal(again.child.value_N, [0, 1, 2])
    np.testing.assert_array_equal(again.by_name["first"]["weight"], 1.0)


def test_a_record_without_arrays_goes_through_json() -> None:
    plain = Tree(height=np.float64(1), rows=range(2), kind="elm", child=Twig(length=1.0), pairs=(), by_name={})
    again = from_tree(json.loads(json.dumps(to_tree(plain))), Tree)
    assert again == plain
    assert from_tree(json.loads(json.dumps(to_tree(Twig(length=3.0)))), Twig) == Twig(length=3.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 1}, f"must be {FORMAT}, got 1"),
        ({"record": "Leaf"}, "Tree must be a Tree, got Leaf"),
        ({"height": "tall"}, "Tree.height must be float, got 'tall'"),
        ({"height": True}, "Tree.height must be float"),
        ({"kind": "ash"}, "Tree.kind must be"),
        ({"child": {"record": "Path", "length": 1.0}}, "Tree.child must be Leaf or Twig or NoneType, got Path"),
        ({"child": 3}, "Tree.child must be"),
        ({"pairs": [[1, "x", 2]]}, "Tree.pairs must be"),
        ({"further": 1}, "these differ: further"),
    ],
)
def test_a_tree_of_something_else_is_refused_at_its_place(change: dict, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        from_tree(to_tree(TREE) | change, Tree)


def test_a_tree_without_a_version_is_of_the_first_format() -> None:
    tree = to_tree(TREE)
    del tree["format"]
    with pytest.raises(DecodeError, match=f"must be {FORMAT}, got 1"):
        from_tree(tree, Tree)


def test_a_record_that_can_change_or_hides_fields_cannot_be_stored() -> None:
    @dataclass(kw_only=True)
    class Changing:
        value: int

    @dataclass(frozen=True, kw_only=True)
    class Hiding:
        _value: int

    for record in (Changing(value=1), Hiding(_value=1)):
        with pytest.raises(AssertionError):
            to_tree(record)
