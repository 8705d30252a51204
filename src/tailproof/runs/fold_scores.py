"""What each fold scored on its validation rows, beside what it scored on its test rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tailproof.report.run_record import metrics_records
from tailproof.storage.json_file import read_json
from tailproof.storage.readable import readable

SCHEMA = {
    "fold": pl.Int64,
    "validation_loss": pl.Float64,
    "validation_skill": pl.Float64,
    "test_rank_ic": pl.Float64,
}


def fold_scores(folder: Path) -> pl.DataFrame:
    """One row per fold, read from metrics.jsonl and verdict.json; a validation score that was not taken is null.

    ``validation_loss`` is the mean over the members, each at its best epoch and before the forecasts are drawn to the
    line and shrunk, or that of a model from outside, which was shown these rows only where it is a torch module;
    ``validation_skill`` is 1 - it / the loss of the fold's constant on the same rows.

    Raises:
        RunFolderError: the files are not what a run writes.
    """
    with readable(folder):
        return _scores(metrics_records(folder), read_json(folder / "verdict.json"))


def _scores(records: list[dict[str, Any]], verdict: dict[str, Any]) -> pl.DataFrame:
    constant = {each["fold"]: each["constant_validation_loss"] for each in records if each["kind"] == "fold"}
    outside = {each["fold"]: each["loss"] for each in records if each["kind"] == "validation"}
    rows = []
    for fold in verdict["statistics"]["by_fold"]:
        number = int(fold["name"])
        epochs = [each["validation_loss"] for each in records if each["kind"] == "epoch" and each["fold"] == number]
        loss, usual = outside.get(number, _best_mean(epochs)), constant.get(number)
        skill = None if loss is None or not usual else 1.0 - loss / usual
        rows.append((number, loss, skill, fold["rank_ic"]))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _best_mean(epochs: list[list[float | None]]) -> float | None:
    """The mean over the members of the least loss of their epochs; None where no rows validated."""
    loss_EM = np.array(epochs, dtype=np.float64)
    if not loss_EM.size or np.isnan(loss_EM).all(axis=0).any():
        return None
    return float(np.nanmin(loss_EM, axis=0).mean())
