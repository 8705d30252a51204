"""Records as plain trees, which a file or a connection can hold, and back: one codec for everything that is stored.

A record is a frozen dataclass without private fields. Its tree is a dict of its fields, with the name of the record
under ``record``; a field holds a record, an array, a number, a text, a bool, None, a range, or a tuple, list or dict
of such values. A tree is read by the declared types of the fields, from the record that is asked for: nothing that
these types do not name is ever constructed, and a wrong value is refused with the place where it stands.

``storage.trees`` writes trees with arrays; a tree without arrays is plain JSON.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

FORMAT = 3
"""Version of the trees of stored records; raised by every change of a stored record that older readers cannot read."""
OLDEST_FORMAT = 2
"""The oldest version that is read: a record whose fields are still the same is the same in it."""

Record = TypeVar("Record")


class DecodeError(ValueError):
    """A tree is of another format, or does not hold the record that is asked for; whoever read it names the file."""


def to_tree(record: object) -> dict[str, Any]:
    """A record as a dict of plain values and arrays, with the version of the format; ``from_tree`` reads it.

    >>> from tailproof.core.fit import GuardEvent
    >>> to_tree(GuardEvent(member=0, epoch=1, step=7, rows=(3, 5), reason="target not finite"))["rows"]
    [3, 5]
    """
    return {"format": FORMAT, **_record_tree(record)}


def from_tree(tree: Mapping[str, Any], kind: type[Record]) -> Record:
    """The record of type ``kind`` that ``to_tree`` was given.

    >>> from tailproof.core.fit import GuardEvent
    >>> event = GuardEvent(member=0, epoch=1, step=7, rows=(3, 5), reason="target not finite")
    >>> from_tree(to_tree(event), GuardEvent) == event
    True

    Raises:
        DecodeError: the tree is of another version, or one of its values is not what the record's field declares.
    """
    version = tree.get("format", 1)
    if version not in range(OLDEST_FORMAT, FORMAT + 1):
        raise DecodeError(f"the format of stored records must be {FORMAT}, got {version}")
    record: Record = _record(kind, {name: value for name, value in tree.items() if name != "format"}, kind.__name__)
    return record


def _record_tree(record: Any) -> dict[str, Any]:
    kind: Any = type(record)
    return {"record": kind.__name__, **{name: _plain(getattr(record, name)) for name in _field_types(kind)}}


def _plain(value: Any) -> Any:
    if _is_record(value):
        return _record_tree(value)
    if isinstance(value, range):
        assert value.step == 1, "ranges of rows are consecutive"
        return [value.start, value.stop]
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value.item() if isinstance(value, np.generic) else value


@cache
def _field_types(kind: Any) -> dict[str, Any]:
    """Declared types of a record's fields, by name."""
    assert _is_record(kind), f"{kind} is not a frozen dataclass"
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    assert not any(name.startswith("_") or name in ("record", "format") for name in names), f"{kind.__name__}: {names}"
    return {name: hints[name] for name in names}


def _record(kind: Any, tree: Any, place: str) -> Any:
    types_by_name = _field_types(kind)
    if not isinstance(tree, Mapping) or tree.get("record") != kind.__name__:
        other = tree.get("record", "a dict") if isinstance(tree, Mapping) else type(tree).__name__
        raise DecodeError(f"{place} must be a {kind.__name__}, got {other}")
    names = tree.keys() - {"record"}
    if names != types_by_name.keys():
        differing = ", ".join(sorted(names ^ types_by_name.keys()))
        raise DecodeError(f"{place} must have exactly the fields of {kind.__name__}, but these differ: {differing}")
    return kind(**{name: _value(hint, tree[name], f"{place}.{name}") for name, hint in types_by_name.items()})


def _value(hint: Any, value: Any, place: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _value(_alternative(arguments, value, place), value, place)
    if origin is Literal:
        return _checked(hint, value, place, holds=value in arguments)
    if origin is tuple and arguments[-1:] == (Ellipsis,):
        return tuple(_value(arguments[0], item, place) for item in _sequence(hint, value, place))
    if origin is tuple:
        items = _sequence(hint, value, place)
        _checked(hint, value, place, holds=len(items) == len(arguments))
        return tuple(_value(kind, item, place) for kind, item in zip(arguments, items, strict=True))
    if origin is list:
        return [_value(arguments[0], item, place) for item in _sequence(hint, value, place)]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        _checked(hint, value, place, holds=isinstance(value, Mapping))
        return {key: _value(arguments[1], item, f"{place}[{key!r}]") for key, item in value.items()}
    return _single(origin or hint, value, place)


def _single(kind: Any, value: Any, place: str) -> Any:
    if kind is Any:
        return value
    if _is_record(kind):
        return _record(kind, value, place)
    if kind is range:
        return range(*_sequence(kind, value, place))
    if kind is float:
        _checked(kind, value, place, holds=isinstance(value, int | float) and not isinstance(value, bool))
        return float(value)
    if kind is int:
        return _checked(kind, value, place, holds=isinstance(value, int) and not isinstance(value, bool))
    return _checked(kind, value, place, holds=isinstance(value, kind))


def _alternative(kinds: tuple[Any, ...], value: Any, place: str) -> Any:
    """The one type of a union that a value says it is."""
    if isinstance(value, Mapping) and "record" in value:
        for kind in kinds:
            if _is_record(kind) and _name(kind) == value["record"]:
                return kind
    elif value is None and type(None) in kinds:
        return type(None)
    else:
        plain = [kind for kind in kinds if kind is not type(None) and not _is_record(kind)]
        if len(plain) == 1:
            return plain[0]
    names = " or ".join(map(_name, kinds))
    other = value.get("record", "a dict") if isinstance(value, Mapping) else type(value).__name__
    raise DecodeError(f"{place} must be {names}, got {other}")


def _sequence(hint: Any, value: Any, place: str) -> list[Any]:
    _checked(hint, value, place, holds=isinstance(value, list | tuple))
    return list(value)


def _checked(hint: Any, value: Any, place: str, *, holds: bool) -> Any:
    if not holds:
        raise DecodeError(f"{place} must be {_name(hint)}, got {value!r:.60}")
    return value


def _is_record(kind: Any) -> bool:
    return is_dataclass(kind) and bool(kind.__dataclass_params__.frozen)  # type: ignore[union-attr]


def _name(hint: Any) -> str:
    return str(getattr(hint, "__name__", hint))
