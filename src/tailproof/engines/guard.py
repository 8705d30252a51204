"""Steps that had to be skipped: which rows were at fault, and when there were too many."""

from __future__ import annotations

import numpy as np

from tailproof.core.errors import TrainingError
from tailproof.core.fit import GuardEvent
from tailproof.core.surface import setting
from tailproof.engines.interface import Member, TrainingJob

SPIKE = "a spike: loss or gradient norm far above those of the steps before"


def name_bad_rows(job: TrainingJob, member: Member, rows_N: np.ndarray) -> tuple[tuple[int, ...], str]:
    """The rows of a skipped batch that hold something non-finite, or all where the numbers overflowed in the net."""
    finite_N = np.isfinite(job.x_NF[rows_N]).all(axis=1) & np.isfinite(job.y_NT[rows_N, member.target])
    if job.weight_N is not None:
        finite_N &= np.isfinite(job.weight_N[rows_N])
    if finite_N.all():
        return tuple(int(row) for row in rows_N), "loss or gradient not finite, although every feature and target was"
    return tuple(int(row) for row in rows_N[~finite_N]), "feature, target or weight not finite"


def refuse_many_skips(job: TrainingJob, skipped: int, steps: int, events: list[GuardEvent]) -> None:
    """Stop a run in which more of an epoch's ``steps`` than the job allows had to be skipped for one member.

    Raises:
        TrainingError: names the share, the limit, the reason and rows of the last skipped step.
    """
    limit = job.optimisation.max_skipped_share
    if skipped <= limit * steps:
        return
    last = events[-1]
    rows = ", ".join(str(row) for row in last.rows[:5])
    raise TrainingError(
        f"at most {limit:.2%} of an epoch's steps may be skipped, but {skipped} of {steps} were. The last: "
        f"member {job.first_member + last.member + 1}, step {last.step}, {last.reason}, rows {rows}. Correct those "
        f"rows, or lower {setting('learning_rate')} or {setting('max_grad_norm')}."
    )
