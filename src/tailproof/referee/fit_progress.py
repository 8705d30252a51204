"""How long all fits of a run will take, said before they begin and while they go on."""

from __future__ import annotations

from collections.abc import Callable

from tailproof.core.records import CombinatorialFold, Fold
from tailproof.referee.examination import Rehearsal
from tailproof.runs.pace import Pace
from tailproof.walkforward import Plan


class FitProgress:
    """Counts fits and logs a line after each silence.

    The time of a fit is taken to grow with its rows. From the first fit of a run on, the time that has passed counts in
    place of the rehearsal's.

    Args:
        plan: folds and placebos.
        rehearsal: one fit of the first fold.
        jobs: processes that share the fits of a fold.
        log: receives lines.
        pace: how long a run may be silent.
    """

    def __init__(self, plan: Plan, rehearsal: Rehearsal, *, jobs: int, log: Callable[[str], None], pace: Pace) -> None:
        networks = 1 + len(plan.placebo_row_KN)
        self._rows = [_rows(fold) for fold in plan.folds for _ in range(networks)]
        self._rows += [_rows(plan.shipped)] * plan.ships_its_own
        self._log, self._silence, self._clock = log, pace.seconds_of_silence, pace.clock
        self._started = self._logged_at = self._clock()
        self._done = 0
        per_row = rehearsal.seconds / max(_rows(plan.folds[0]), 1)
        seconds = per_row * sum(self._rows) / min(jobs, networks)
        shared = f", shared by {jobs} processes" if jobs > 1 else ""
        self.announcement = (
            f"One fit on {_rows(plan.folds[0]):,} rows took {rehearsal.seconds:.3g} s: {len(self._rows):,} fits of up "
            f"to {max(self._rows):,} rows{shared} take about {_duration(seconds)}."
        )

    def fit_done(self, of_job: int) -> None:
        """Another fit is done."""
        del of_job
        self._done += 1
        now = self._clock()
        if now - self._logged_at < self._silence or self._done >= len(self._rows):
            return
        self._logged_at = now
        passed, left = sum(self._rows[: self._done]), sum(self._rows[self._done :])
        seconds = (now - self._started) * left / passed
        self._log(f"  {self._done:,} of {len(self._rows):,} fits done, about {_duration(seconds)} left")


def _rows(fold: Fold | CombinatorialFold) -> int:
    return len(fold.train) if isinstance(fold, Fold) else sum(map(len, fold.train))


def _duration(seconds: float) -> str:
    """A time in words, rounded up to a second.

    >>> _duration(0.2), _duration(75.0), _duration(7300.0)
    ('1 s', '1 min 15 s', '2 h 1 min')
    """
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
