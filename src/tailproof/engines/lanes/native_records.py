"""Converts the records of a job to those of the native module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np

from tailproof import _lanes
from tailproof._lanes import MAX_RECORD
from tailproof.arrays.ranges import ceil_div
from tailproof.core.randomness import counter_key
from tailproof.engines.interface import Member, TrainingJob
from tailproof.objectives.objective import Objective

MAX_SHARED_RECORD_BYTES = 256 << 20
"""Rows that all members share are copied into records up to this size: 8.4 million rows of the default features."""
_LINE = 64


def native_data(x_NF: np.ndarray, y_NT: np.ndarray | None, weight_N: np.ndarray | None) -> _lanes.Data:
    """The job's arrays, read where they lie where they are float32 rows (mapped files too), else copied once."""
    return _lanes.Data(
        _rows(x_NF), None if y_NT is None else _rows(y_NT), None if weight_N is None else _rows(weight_N)
    )


def records_pay(job: TrainingJob) -> bool:
    """Whether records of rows that all members share are worth their making and their memory.

    A pass of one member over the rows saves half the time that making them takes.
    """
    record_bytes = 4 * _record_columns(job) * len(job.x_NF)
    return job.optimisation.epochs * len(job.members) >= 4 and record_bytes <= MAX_SHARED_RECORD_BYTES


def record_data(job: TrainingJob) -> _lanes.Data:
    """The job's arrays with the numbers of each row once more in one place.

    Rows at random cost what their cache lines cost, so features, targets and weight of a row are copied into one
    record: 32 bytes per row for up to 6 features and one target. Mapped files and rows of more than 31 numbers are read
    where they lie.
    """
    x_NF, y_NT = _rows(job.x_NF), _rows(job.y_NT)
    weight_N = None if job.weight_N is None else _rows(job.weight_N)
    features, used = x_NF.shape[1], x_NF.shape[1] + y_NT.shape[1] + 1
    if used > MAX_RECORD or isinstance(job.x_NF, np.memmap):
        return _lanes.Data(x_NF, y_NT, weight_N)
    records_NR = _zeros_on_a_line(len(x_NF), _record_columns(job))
    records_NR[:, :features] = x_NF
    records_NR[:, features : used - 1] = y_NT
    records_NR[:, used - 1] = 1.0 if weight_N is None else weight_N
    return _lanes.Data(x_NF, y_NT, weight_N, records_NR)


def _record_columns(job: TrainingJob) -> int:
    return ceil_div(job.x_NF.shape[1] + job.y_NT.shape[1] + 1, 8) * 8


def native_objective(objective: Objective) -> _lanes.Objective:
    """The objective's numbers."""
    return _lanes.Objective(objective.loss, objective.delta, list(objective.quantiles))


def native_members(
    members: Sequence[Member], row_offset_M: Sequence[int] | None = None, *, rate_share_M: np.ndarray
) -> _lanes.Members:
    """The values that differ between members.

    Args:
        members: of the population.
        row_offset_M: moves each member's rows around the training range.
        rate_share_M: the share of its learning rate that each member has left.
    """
    members = [
        replace(each, learning_rate=each.learning_rate * share)
        for each, share in zip(members, rate_share_M.tolist(), strict=True)
    ]
    return _lanes.Members(
        target=[member.target for member in members],
        learning_rate=[member.learning_rate for member in members],
        weight_decay=[member.weight_decay for member in members],
        dropout_rate=[member.dropout_rate for member in members],
        dropout_key=[counter_key(member.seed, "dropout") for member in members],
        row_offset=list(row_offset_M) if row_offset_M is not None else [0] * len(members),
    )


def native_settings(job: TrainingJob) -> _lanes.Settings:
    """The optimisation settings with the length of the schedule worked out: it ends one step after the last."""
    optimisation = job.optimisation
    return _lanes.Settings(
        batch_size=optimisation.batch_size,
        warmup_steps=optimisation.warmup_steps,
        total_steps=optimisation.epochs * job.steps_per_epoch + 1,
        cosine=optimisation.schedule == "cosine",
        max_grad_norm=optimisation.max_grad_norm,
        beta1=optimisation.beta1,
        beta2=optimisation.beta2,
        epsilon=optimisation.epsilon,
        spikes=_lanes.SpikeRule(**asdict(optimisation.spikes)),
    )


def _rows(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array, dtype=np.float32)


def _zeros_on_a_line(rows: int, columns: int) -> np.ndarray:
    """Float32 zeros that begin on a cache line: no record of 8 or 16 lies across two."""
    memory = np.zeros(rows * columns * 4 + _LINE, dtype=np.uint8)
    start = -memory.ctypes.data % _LINE
    return memory[start : start + rows * columns * 4].view(np.float32).reshape(rows, columns)
