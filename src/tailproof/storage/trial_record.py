"""A trial as a JSON object that shows when it was damaged: a line of the ledger, and trial.json in a run folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from tailproof.storage.data_blocks import DataBlocks
from tailproof.storage.data_sample import DataSample
from tailproof.storage.trial import Trial

SUM = "sha256"
"""Key of the checksum over all others; lines of earlier versions have none."""


def trial_record(trial: Trial) -> dict[str, Any]:
    """A trial with its checksum.

    Raises:
        ValueError: a figure is not finite, and so no JSON.
    """
    sample = None if trial.sample is None else trial.sample.to_json()
    record = json.loads(json.dumps({**asdict(replace(trial, sample=None)), "sample": sample}, allow_nan=False))
    return {**record, SUM: _sum(record)}


def recorded_trial(record: Any) -> Trial:
    """The trial that ``trial_record`` was given.

    Raises:
        ValueError, TypeError, KeyError: the record was damaged, or is none of a trial.
    """
    values = dict(record)
    if SUM in values and values.pop(SUM) != _sum(values):
        raise ValueError("its checksum differs")
    values |= {"periods": tuple(values["periods"]), "net": tuple(values["net"])}
    if values.get("blocks") is not None:
        values["blocks"] = DataBlocks.from_json(values["blocks"])
    if values.get("sample") is not None:
        values["sample"] = DataSample.from_json(values["sample"])
    return Trial(**values)


def _sum(record: Mapping[str, Any]) -> str:
    text = json.dumps({name: value for name, value in record.items() if name != SUM}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
