"""How long all fits of a run will take, said before they begin and while they go on."""

from __future__ import annotations

from collections.abc import Callable

from tailproof.arrays.ranges import ceil_div
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
        workers: fits of a fold that are made at once.
        log: receives lines.
        pace: how long a run may be silent.
    """

    def __init__(
        self, plan: Plan, rehearsal: Rehearsal, *, workers: int, log: Callable[[str], None], pace: Pace
    ) -> None:
        networks = 1 + len(plan.placebo_row_KN)
        self._rows = [_rows(fold) for fold in plan.folds for _ in range(networks)]
        self._rows += [_rows(plan.shipped)] * plan.ships_its_own
        self._log, self._silence, self._clock = log, pace.seconds_of_silence, pace.clock
        self._started = self._logged_at = self._clock()
        self._done = self._done_before = 0
        self._fits_of_fold, self._workers = networks, min(workers, networks)
        self._share = ceil_div(networks, workers) / networks
        self._seconds_of_row = rehearsal.seconds / max(_rows(plan.folds[0]), 1)
        self.announcement = (
            f"One fit on {_rows(plan.folds[0]):,} rows took {rehearsal.seconds:.3g} s: {len(self._rows):,} fits of up "
            f"to {max(self._rows):,} rows take about {self._estimate()}."
        )

    def resume(self, folds: int) -> None:
        """Count the fits of folds that a stopped run had done."""
        if not folds:
            return
        self._done = self._done_before = folds * self._fits_of_fold
        self._started = self._logged_at = self._clock()
        self._log(f"Resumed from fit {self._done:,} of {len(self._rows):,}: about {self._estimate()} left.")

    def fit_done(self) -> None:
        """Another fit is done."""
        self._done += 1
        now = self._clock()
        since_start = self._done - self._done_before
        if now - self._logged_at < self._silence or self._done >= len(self._rows) or since_start < self._workers:
            return  # before each worker has made a fit, their rate is not known
        self._logged_at = now
        passed, left = sum(self._rows[self._done_before : self._done]), sum(self._rows[self._done :])
        seconds = (now - self._started) * left / passed
        self._log(f"  {self._done:,} of {len(self._rows):,} fits done, about {_duration(seconds)} left")

    def _estimate(self) -> str:
        """How long the fits that are left will take by the rehearsal."""
        return _duration(self._seconds_of_row * sum(self._rows[self._done :]) * self._share)


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
