"""A trial as a JSON object that shows when it was damaged: a line of the ledger, and trial.json in a run folder."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from tailproof.storage.data_blocks import DataBlocks
from tailproof.storage.data_sample import DataSample
from tailproof.storage.json_file import SUM, sealed, unsealed
from tailproof.storage.trial import Trial


def trial_record(trial: Trial) -> dict[str, Any]:
    """A trial with its checksum.

    Raises:
        ValueError: a figure is not finite, and so no JSON.
    """
    sample = None if trial.sample is None else trial.sample.to_json()
    return sealed({**asdict(replace(trial, sample=None)), "sample": sample})


def recorded_trial(record: Any) -> Trial:
    """The trial that ``trial_record`` was given; one of an earlier version has no checksum.

    Raises:
        ValueError, TypeError, KeyError: the record was damaged, or is none of a trial.
    """
    values = unsealed(record) if SUM in record else dict(record)
    values |= {"periods": tuple(values["periods"]), "net": tuple(values["net"])}
    if values.get("blocks") is not None:
        values["blocks"] = DataBlocks.from_json(values["blocks"])
    if values.get("sample") is not None:
        values["sample"] = DataSample.from_json(values["sample"])
    return Trial(**values)
