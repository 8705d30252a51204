"""Events as the JSON objects of metrics.jsonl, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from tailproof.core.events import RunEvent, RunStarted, TrainingRecord, ValidationScored, VerdictReached, WindowStarted
from tailproof.core.fit import EpochRecord, Event, GuardEvent, IntervalRecord, StartRecord

TRAINING_RECORDS: dict[str, type[StartRecord | Event]] = {
    "start": StartRecord,
    "epoch": EpochRecord,
    "interval": IntervalRecord,
    "guard": GuardEvent,
}
"""Event types by the kind that a line of metrics.jsonl names."""


def event_record(event: RunEvent) -> dict[str, Any] | None:
    """An event as a JSON object, or None for one that metrics.jsonl does not hold.

    A figure that is not finite becomes None: JSON has no word for it.

    >>> event_record(VerdictReached(verdict={"rank_ic": 0.01}))
    {'kind': 'verdict', 'rank_ic': 0.01}
    """
    match event:
        case RunStarted():
            return {"kind": "run", "name": event.name, "model_steps": event.model_steps, **event.config}
        case WindowStarted():
            return {"kind": "fold", **asdict(event)}
        case TrainingRecord():
            kind = next(name for name, each in TRAINING_RECORDS.items() if type(event.record) is each)
            names = [field.name for field in fields(event.record)]
            values = {name.removesuffix("_M"): _plain(getattr(event.record, name)) for name in names}
            return {"kind": kind, "fold": event.fold, **values}
        case ValidationScored():
            return {"kind": "validation", "fold": event.fold, "loss": _plain(event.loss)}
        case VerdictReached():
            return {"kind": "verdict", **event.verdict}
        case _:
            return None


def recorded_event(record: Mapping[str, Any]) -> RunEvent:
    """The event that ``event_record`` made a JSON object of; arrays come back as float64, None in them as NaN.

    Raises:
        ValueError, KeyError, TypeError: this is not a record of an event.
    """
    values = dict(record)
    kind = values.pop("kind")
    if kind == "run":
        return RunStarted(name=values.pop("name"), model_steps=values.pop("model_steps"), config=values)
    if kind == "fold":
        return WindowStarted(**values)
    if kind == "validation":
        return ValidationScored(fold=values["fold"], loss=_read("loss", values["loss"]))
    if kind == "verdict":
        return VerdictReached(verdict=values)
    if kind not in TRAINING_RECORDS:
        raise ValueError(f"kind must be run, fold, validation, verdict, {', '.join(TRAINING_RECORDS)}, got {kind}")
    record_type = TRAINING_RECORDS[kind]
    fold = values.pop("fold")
    read = {field.name: _read(field.name, values[field.name.removesuffix("_M")]) for field in fields(record_type)}
    return TrainingRecord(fold=fold, record=record_type(**read))


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value.tolist()]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _read(name: str, value: Any) -> Any:
    if name.endswith("_M"):
        return np.array([math.nan if item is None else item for item in value])
    if isinstance(value, list):
        return tuple(value)
    return math.nan if value is None else value
