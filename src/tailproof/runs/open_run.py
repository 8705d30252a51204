"""The life of a run, however it ends: the one place that keeps its folder and the ledger consistent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from tailproof.core.codec import from_tree
from tailproof.core.errors import InputError, RunFolderError
from tailproof.core.events import LogLine, Reporter, RunEvent, RunStarted, VerdictReached
from tailproof.core.printable import printable
from tailproof.core.verdict import Verdict
from tailproof.engines.select import EngineUsed
from tailproof.runs.checkpointer import Checkpointer
from tailproof.runs.interrupts import Interrupts
from tailproof.runs.journal import Journal
from tailproof.runs.pace import Pace
from tailproof.runs.run_identity import RunIdentity
from tailproof.storage import RunFolder, ledger, refuse_taken, stopped_run
from tailproof.storage.json_file import read_json
from tailproof.storage.ledger import RESUMED, STOPPED, Trial
from tailproof.storage.manifest import OWN_FEATURES, TRIAL
from tailproof.storage.room import refuse_no_room
from tailproof.storage.trial_record import trial_record
from tailproof.walkforward import FoldCheckpoint

MIN_ROOM = 1 << 24
"""Bytes that a run of any size needs: 16 MiB."""


@contextmanager
def open_run(
    out: Path, *, resume: bool, overwrite: bool, reporter: Reporter, pace: Pace, verbose: bool = False
) -> Iterator[OpenRun]:
    """A run from its first line to its manifest.

    Until ``begin`` it has no folder, and whatever refuses it leaves nothing behind. After that, an ``InputError`` takes
    a new folder away and leaves a stopped run as it was; any other error, and an interrupt, leaves the folder with its
    log and what was kept, and a line in the ledger: whoever stops a run has seen how it was going.

    Args:
        out: the run folder.
        resume: continue the run that was stopped there; begin one where there is none.
        overwrite: replace a run that is there.
        reporter: receives every event.
        pace: how often the run keeps itself.
        verbose: whether the reporter's screen shows every line of the log.

    Raises:
        RunFolderError: the folder is taken, the run in it cannot be resumed, or the ledger beside it is no file.
        OSError: the folder, or the ledger beside it, cannot be written to.
    """
    refuse_taken(out, overwrite=overwrite, resume=resume)
    for folder in (out, out.parent):
        refuse_no_room(folder, size=MIN_ROOM)
    ledger.refuse_unusable(out.parent)
    run = OpenRun(out, resume=resume, overwrite=overwrite, journal=Journal(reporter, verbose=verbose), pace=pace)
    try:
        with run.interrupts.handled():
            yield run
    except InputError:
        run.take_back()
        raise
    except BaseException as error:
        run.stop(error)
        raise


class OpenRun:
    """A run in progress: its reports, its checkpoints and its folder."""

    checkpointer: Checkpointer
    """Set by ``begin``."""
    folder: RunFolder
    """Set by ``begin``."""
    trial: Trial
    """The run's line in the ledger, as far as it is known; set by ``begin``."""

    def __init__(self, out: Path, *, resume: bool, overwrite: bool, journal: Journal, pace: Pace) -> None:
        self.pace = pace
        self.interrupts = Interrupts()
        self._out, self._resume, self._overwrite = out, resume, overwrite
        self._journal = journal
        self._begun = False

    def log(self, *lines: str | LogLine) -> None:
        """Report lines for people."""
        self._journal.log(*lines)

    def emit(self, event: RunEvent) -> None:
        """Report an event."""
        self._journal.emit(event)

    @property
    def stored_engine(self) -> EngineUsed | None:
        """What the stopped run that is to be resumed used; None where there is none, or it was written in another
        format, which is refused when the run begins."""
        stopped = stopped_run(self._out) if self._resume else None
        if stopped is None:
            return None
        with suppress(ValueError, KeyError, TypeError):
            return from_tree(read_json(stopped / "training_config.json")["engine_used"], EngineUsed)
        return None

    def begin(self, identity: RunIdentity) -> None:
        """Make or reopen the folder: training begins, or resumes.

        Raises:
            RunFolderError: the folder cannot be used, or the stopped run in it began with something else.
        """
        self.checkpointer = Checkpointer(identity.make_fingerprint, pace=self.pace, interrupts=self.interrupts)
        self.folder = self.checkpointer.open(
            self._out, journal=self._journal, resume=self._resume, overwrite=self._overwrite
        )
        self._begun = True
        stops = self.checkpointer.stops
        result = {"source": identity.source, **({RESUMED: stops} if stops else {})}
        self.trial = replace(identity.trial, run=self._out.resolve().name, result=result)
        if not stops:
            self.folder.write_json("training_config.json", identity.config)
            if identity.own_features is not None:
                self.folder.write_bytes(OWN_FEATURES, identity.own_features)
            self.emit(RunStarted(name=self._out.name, model_steps=identity.model_steps, config=identity.config))

    @property
    def done(self) -> tuple[FoldCheckpoint, ...]:
        """Folds that a stopped run had done."""
        return self.checkpointer.done

    def conclude(self, verdict: Verdict) -> None:
        """Report the verdict; the last lines name the folder and give the sentence."""
        folder = printable(str(self._out), allowed="")
        self.log(f"Run folder: {folder} (report.html; training_log.txt has every line)")
        self.log(LogLine(text=verdict.sentence, role="verdict"))
        self.emit(VerdictReached(verdict=verdict.brief()))

    def finish(self, trial: Trial, verdict: Verdict) -> None:
        """Write the manifest, and the run's line into the ledger: the run is finished.

        The folder holds the line too, so that a kill between the two loses nothing, see ``ledger.read``.

        Args:
            trial: ``trial`` with what the backtest added to it.
            verdict: how the run was judged.
        """
        ended = ledger.stamped(replace(trial, result={**verdict.brief(), **self.trial.result}))
        self.folder.write_json(TRIAL, trial_record(ended))
        self.folder.finish()
        self._begun = False  # from here on no error turns it into a stopped run
        ledger.append(self._out.parent, ended)
        self.folder.close()

    def take_back(self) -> None:
        """Restore the state before the run: no folder, or the stopped run in it."""
        if not self._begun:
            return
        if self.checkpointer.stops:
            self.folder.release()
        else:
            self.folder.discard()

    def stop(self, error: BaseException) -> None:
        """Let go of the folder with what was kept, and put the run into the ledger."""
        if not self._begun:
            return
        try:
            self._list_stopped(type(error).__name__)
            if isinstance(error, KeyboardInterrupt):
                self.log(self.checkpointer.interruption_message())
        except OSError as fault:  # of the log; what stopped the run is the error to be read
            error.add_note(f"The log could not be written to: {fault}")
        finally:
            self.folder.release()

    def _list_stopped(self, reason: str) -> None:
        """Put the run into the ledger, or say that it is not counted."""
        try:
            ledger.append(self._out.parent, replace(self.trial, result={STOPPED: reason, **self.trial.result}))
        except (OSError, RunFolderError) as fault:
            self.log(f"Warning: this run is not in the list of trials, and counts as none until it is resumed. {fault}")
