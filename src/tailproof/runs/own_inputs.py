"""What a caller in Python brings of their own: features, a target and splits, each through the same audit and purge."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tailproof.core.records import Bars
from tailproof.features import Feature, given_features
from tailproof.tasks import Label, label_of_function, label_of_values


@dataclass(frozen=True, kw_only=True)
class OwnInputs:
    """Features, label and splits that no settings can hold."""

    features: Mapping[str, Feature] = field(default_factory=dict)
    label: Label | None = None
    fixed_label: bool = False
    """Whether the label is values that were given: the audit cannot see how they came about, only when they end."""
    splitter: Any = None
    record: Mapping[str, str] = field(default_factory=dict)
    """Fingerprints of all of it, for the ledger and for resuming."""


NO_OWN_INPUTS = OwnInputs()


def own_inputs(bars: Bars, *, target: Any, splitter: Any, features: Sequence[Any]) -> OwnInputs:
    """The inputs of a caller.

    Args:
        bars: what the target is about.
        target: a function of the bars' frame, or values with label ends; None for the return of the settings.
        splitter: an object with ``split(X)`` or pairs of rows; None for the split of the settings.
        features: features and functions of the bars' frame, beside names of the settings.

    Raises:
        ConfigError: one of them is nothing that can be used.
        DataError: the target has other lengths than the bars.
    """
    own = given_features(features, bars)
    record = {f"own feature {name}": _digest(_source(feature.expression)) for name, feature in own.items()}
    label: Label | None = None
    if target is not None:
        label = label_of_function(target) if callable(target) else label_of_values(bars, target)
        values = label(bars, horizon=1)
        content = b"".join(values[name].to_physical().fill_null(-1).to_numpy().tobytes() for name in values.columns[:2])
        record["own target"] = hashlib.sha256(content).hexdigest()
    if splitter is not None:
        record["own splitter"] = _digest(_described(splitter))
    return OwnInputs(
        features=own,
        label=label,
        fixed_label=label is not None and not callable(target),
        splitter=splitter,
        record=record,
    )


def _source(thing: Any) -> str:
    try:
        return inspect.getsource(thing)
    except (OSError, TypeError):
        return str(thing)


def _described(splitter: Any) -> str:
    if hasattr(splitter, "split") or not isinstance(splitter, Iterable):
        return repr(splitter)
    return repr([[np.asarray(rows).tolist() for rows in pair] for pair in splitter])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
