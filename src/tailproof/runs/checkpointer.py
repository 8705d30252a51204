"""Checkpoints of a run while it trains, and how a stopped run resumes from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tailproof.core.codec import to_tree
from tailproof.core.counted import counted
from tailproof.core.surface import setting, switch, worded
from tailproof.engines.fit_state import FitState, OfferState
from tailproof.runs.checkpoint import FinishedFolds, RunCheckpoint, read_record
from tailproof.runs.interrupts import Interrupts
from tailproof.runs.journal import Journal
from tailproof.runs.pace import DEFAULT_PACE, Pace
from tailproof.runs.run_fingerprint import RunFingerprint, file_fingerprints, refuse_other_fingerprint
from tailproof.runs.step_counter import StepCounter, StepCounts
from tailproof.storage import RunFolder, stopped_run
from tailproof.walkforward import FoldCheckpoint


class Checkpointer:
    """Stores checkpoints of a run in its folder at intervals, and restores those of a stopped run.

    Args:
        make_fingerprint: makes the fingerprint of what the run rests on; called once, and only where something is kept
            or resumed.
        pace: how often the run is kept.
        interrupts: of the run; before one is raised, the run is kept.
    """

    def __init__(
        self,
        make_fingerprint: Callable[[], RunFingerprint],
        *,
        pace: Pace = DEFAULT_PACE,
        interrupts: Interrupts | None = None,
    ) -> None:
        self._make_fingerprint = make_fingerprint
        self._interrupts = interrupts or Interrupts()
        self._pace = pace
        self._clock = pace.clock
        self._fingerprint: RunFingerprint | None = None
        self._due = self._clock() + pace.seconds_between
        self._kept_at: float | None = None
        """Time of the last checkpoint, or of resuming."""
        self._new: list[FoldCheckpoint] = []
        self._fold = 0
        self._fit: FitState | None = None
        self._counts: StepCounts | None = None
        self.done: tuple[FoldCheckpoint, ...] = ()
        """Folds that a stopped run had done."""
        self.stops = 0
        """Times that the run was stopped before."""

    def open(self, path: Path, *, journal: Journal, resume: bool, overwrite: bool) -> RunFolder:
        """The folder of a run that begins, or of a stopped one, reset to its last checkpoint.

        Raises:
            RunFolderError: the folder cannot be used, nothing that was kept is whole, or the run began with other
                settings, data or programs.
        """
        if not resume or stopped_run(path) is None:
            self.folder = RunFolder.create(path, overwrite=overwrite)
            journal.open(self.folder)
            if resume:
                journal.log("Nothing was kept in this folder to go on from: the run begins.")
            return self.folder
        self.folder = RunFolder.reopen(path)
        try:
            self._resume(path, journal)
        except BaseException:
            self.folder.release()
            raise
        return self.folder

    def _resume(self, path: Path, journal: Journal) -> None:
        stored = self.folder.unfinished.read()
        checkpoint = read_record(stored.head, RunCheckpoint, path)
        refuse_other_fingerprint(path, checkpoint.fingerprint, self._run_fingerprint())
        parts = [read_record(part, FinishedFolds, path) for part in stored.parts]
        self.folder.unfinished.cut_back()
        self.done = tuple(fold for part in parts for fold in part.folds)
        self.stops = checkpoint.stops + 1
        self._fold, self._fit, self._counts = checkpoint.fold, checkpoint.fit, checkpoint.counts
        self._kept_at = self._clock()
        journal.resume(self.folder)
        journal.log(
            *(f"Warning: {fault} What was kept before it is used." for fault in stored.faults),
            f"Resumed from what was kept at {checkpoint.time} UTC: {self._place()}. What came after is done again.",
        )

    def state_of(self, fold: int) -> tuple[FitState, StepCounts] | None:
        """The state and step counts of a stopped run's training of a fold; None where it had none."""
        if fold != self._fold or self._fit is None or self._counts is None:
            return None
        state, self._fit = self._fit, None
        return state, self._counts

    def offer(self, fold: int, counter: StepCounter) -> OfferState:
        """The callback of an engine between two steps of a fold: it stores a checkpoint when one is due."""

        def take(state: Callable[[], FitState]) -> None:
            if self._is_due():
                self._keep(fold=fold, fit=state(), counts=counter.counts)
            self._interrupts.raise_requested()

        return take

    def fold_done(self, done: FoldCheckpoint) -> None:
        """Record a finished fold, and store a checkpoint when one is due."""
        self._new.append(done)
        if self._is_due():
            self._keep(fold=0, fit=None, counts=None)
        self._interrupts.raise_requested()

    def interruption_message(self) -> str:
        """The message for the user when the run is interrupted."""
        if self._kept_at is None:
            return f"Stopped, before anything was kept (a run is kept every {self._pace.seconds_between:.0f} s)."
        return (
            f"Stopped. All but the last {self._clock() - self._kept_at:.0f} s is kept. To continue, start the same run "
            + worded(f"with {setting('out', str(self.folder.final))} and {switch('resume')}.")
        )

    def _is_due(self) -> bool:
        return self._interrupts.requested or self._clock() >= self._due

    def _keep(self, *, fold: int, fit: FitState | None, counts: StepCounts | None) -> None:
        checkpoint = RunCheckpoint(
            fingerprint=self._run_fingerprint(),
            stops=self.stops,
            time=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
            fold=fold,
            fit=fit,
            counts=counts,
        )
        started = self._clock()
        folds = FinishedFolds(folds=(*(replace(done, fit=None) for done in self._new[:-1]), *self._new[-1:]))
        self.folder.unfinished.write(to_tree(checkpoint), part=to_tree(folds) if folds.folds else None)
        self._new.clear()
        self._kept_at = self._clock()
        self._due = self._kept_at + max(self._pace.seconds_between, (self._kept_at - started) / self._pace.max_share)

    def _run_fingerprint(self) -> RunFingerprint:
        if self._fingerprint is None:
            self._fingerprint = {**self._make_fingerprint(), "file": file_fingerprints(self.folder.path)}
        return self._fingerprint

    def _place(self) -> str:
        done = f"{counted(len(self.done), 'fold')} done"
        if self._fit is None:
            return done
        return f"{done}, {'the shipped members' if self._fold == 0 else f'fold {self._fold}'} in training"
