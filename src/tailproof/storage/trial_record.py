"""A trial as a JSON object that shows when it was damaged: a line of the ledger, and trial.json in a run folder."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from tailproof.storage.data_blocks import DataBlocks
from tailproof.storage.data_sample import DataSample
from tailproof.storage.json_file import SUM, sealed, unsealed
from tailproof.storage.trial import Trial

MAX_FIGURE = 1e100
"""Bound of figures that are multiplied and added up; no result comes near it."""


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
        ValueError, TypeError, KeyError, AttributeError, OverflowError: the record was damaged, or is none of a trial.
    """
    values = unsealed(record) if SUM in record else dict(record)
    values |= {"periods": tuple(values["periods"]), "net": tuple(values["net"])}
    if values.get("blocks") is not None:
        values["blocks"] = DataBlocks.from_json(values["blocks"])
    if values.get("sample") is not None:
        values["sample"] = DataSample.from_json(values["sample"])
    trial = Trial(**values)
    _refuse_no_trial(trial)
    return trial


def _refuse_no_trial(trial: Trial) -> None:
    """Raise ValueError for fields that no run has written: lines of earlier versions have no checksum."""
    if trial.time:
        datetime.fromisoformat(trial.time).astimezone(UTC)
    texts = (trial.data, trial.run, *trial.periods)
    figures = (*trial.net, *(() if trial.period_sharpe is None else (trial.period_sharpe,)))
    right = (
        isinstance(trial.config, dict)
        and isinstance(trial.result, dict)
        and all(isinstance(text, str) for text in texts)
        and trial.run in ("", PurePath(trial.run).name)
        and trial.run != ".."
        and len(trial.periods) == len(trial.net)
        and all(_is_figure(figure) for figure in figures)
        and _is_figure(multiplier := trial.config.get("multiplier", 1.0))
        and multiplier > 0
    )
    if not right:
        raise ValueError("its fields are not those of a trial")


def _is_figure(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and abs(value) <= MAX_FIGURE
