"""What a run keeps of itself while it trains, and how a run that was stopped goes on from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tailproof.core.errors import RunFolderError
from tailproof.core.fit import FitState, OfferState
from tailproof.core.records import Bars, Design
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.report import Progress
from tailproof.report.run_record import read_json
from tailproof.runs.journal import Journal
from tailproof.settings.section import Effect, option_name
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage import RunFolder, describe_environment, was_stopped
from tailproof.storage.ledger import fingerprint
from tailproof.walkforward import FoldCheckpoint

SECONDS_BETWEEN = 30.0
"""A run keeps itself at most so often."""
LARGEST_SHARE = 0.01
"""Share of a run's time that keeping may take: what is large is kept less often."""

Beginning = dict[str, dict[str, str]]
"""What a run rests on, by kind and name: a run goes on only with all of it as it was."""
REMEDIES = {
    "option": "Give these options as they were",
    "data": "give the bars, the VIX and the file of features as they were",
    "package": "install the versions that were there",
    "engine": "go on with the engine and on a machine as before (see tailproof doctor)",
}


def beginning(
    bars: Bars, design: Design, settings: TrainSettings, engine: Engine, job: TrainingJob, *, data: str
) -> Beginning:
    """What the results of a run rest on.

    Args:
        bars: of the run.
        design: every row of it.
        settings: of the run.
        engine: that trains.
        job: of the shipped window.
        data: fingerprint of the bars, from ``trial_of``.
    """
    rows = (design.x_NF, design.return_N, design.last_return_N, design.known_at_N, design.label_end_N, design.bar_N)
    deciding = settings.deciding(also=Effect.SCALE)
    return {
        "option": {f"--{option_name(name)}": _text(value) for name, value in deciding.items()},
        "data": {
            "times and closes of the bars": data,
            "features and returns": fingerprint(*rows, bars.frame["open"].to_numpy()),
        },
        "package": describe_environment()["packages"],
        "engine": {"engine": engine.name, **engine.arithmetic(job)},
    }


def engine_to_take(asked: str, path: Path, *, resume: bool) -> str:
    """The engine that was asked for; where that is ``auto``, a stopped run goes on with the one it had."""
    if asked != "auto" or not resume or not was_stopped(path):
        return asked
    return str(read_json(path / "training_config.json")["engine"])


def refuse_other_beginning(path: Path, kept: Beginning, now: Beginning) -> None:
    """Raise RunFolderError where a stopped run rests on something else than what would go on now; all is named."""
    lines, kinds = [], []
    for kind, values in kept.items():
        names = [name for name in {**values, **now[kind]} if values.get(name) != now[kind].get(name)]
        lines += [f"  - {name}: {values.get(name, 'none')} then, {now[kind].get(name, 'none')} now" for name in names]
        kinds += [kind] if names else []
    if not lines:
        return
    remedy = "; ".join(REMEDIES[kind] for kind in kinds)
    raise RunFolderError(
        f"{path}: a stopped run goes on only with what it began with, however:\n"
        + "\n".join(lines)
        + f"\n{remedy[0].upper()}{remedy[1:]}; or train with --overwrite to begin anew in this folder."
    )


class Keeper:
    """Keeps a run at intervals of time, in its folder, and gives back what a stopped one kept.

    Args:
        beginning: tells what the run rests on; asked once, and only where something is kept or gone on from.
        clock: seconds that only rise.
    """

    def __init__(self, beginning: Callable[[], Beginning], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask_beginning = beginning
        self._clock = clock
        self._beginning: Beginning | None = None
        self._due = clock() + SECONDS_BETWEEN
        self._kept_at: float | None = None
        """When the run was kept last, or when it was gone on with."""
        self._new: list[FoldCheckpoint] = []
        self._fold = 0
        self._fit: FitState | None = None
        self._counts: Mapping[str, Any] = {}
        self.done: tuple[FoldCheckpoint, ...] = ()
        """Folds that a stopped run had done."""
        self.stops = 0
        """Times that the run was stopped before."""

    def open(self, path: Path, *, journal: Journal, resume: bool, overwrite: bool) -> RunFolder:
        """The folder of a run that begins, or of a stopped one, cut back to what it kept.

        Raises:
            RunFolderError: the folder is not to be had, nothing that was kept is whole, or the run began otherwise.
        """
        if not (resume and was_stopped(path)):
            self.folder = RunFolder.create(path, overwrite=overwrite)
            journal.open(self.folder)
            if resume:
                journal.say("Nothing was kept in this folder to go on from: the run begins.")
            return self.folder
        self.folder = RunFolder.reopen(path)
        try:
            self._go_on(path, journal)
        except BaseException:
            self.folder.release()
            raise
        return self.folder

    def _go_on(self, path: Path, journal: Journal) -> None:
        kept = self.folder.unfinished.read()
        refuse_other_beginning(path, kept.head["beginning"], self._what_it_rests_on())
        self.folder.unfinished.cut_back()
        self.done = tuple(FoldCheckpoint.from_tree(tree) for part in kept.parts for tree in part["folds"])
        self.stops = kept.head["stops"] + 1
        self._fold, self._fit, self._counts = (kept.head[name] for name in ("fold", "fit", "counts"))
        self._kept_at = self._clock()
        journal.go_on(self.folder)
        journal.say_all(
            *(f"Warning: {fault} What was kept before it is used." for fault in kept.faults),
            f"Resumed from what was kept at {kept.head['time']} UTC: {self._place()}. What came after is done again.",
        )

    def state_of(self, fold: int) -> tuple[FitState | None, Mapping[str, Any]]:
        """What a stopped run had of the training of a fold, and the counts of its progress; None where it had none."""
        if fold != self._fold:
            return None, {}
        state, self._fit = self._fit, None
        return state, self._counts

    def offer(self, fold: int, progress: Progress) -> OfferState:
        """For the engine, while it trains a fold."""

        def take(state: Callable[[], FitState]) -> None:
            if self._clock() >= self._due:
                self._keep({"fold": fold, "fit": state(), "counts": progress.counts()})

        return take

    def fold_done(self, done: FoldCheckpoint) -> None:
        """Take in a fold that is done."""
        self._new.append(done)
        if self._clock() >= self._due:
            self._keep({"fold": 0, "fit": None, "counts": {}})

    def last_words(self) -> str:
        """What to say where the run is being stopped."""
        if self._kept_at is None:
            return f"Stopped, before anything was kept (a run is kept every {SECONDS_BETWEEN:.0f} s)."
        return (
            f"Stopped. All but the last {self._clock() - self._kept_at:.0f} s is kept: tailproof train with the same "
            f"settings, --out {self.folder.path} and --resume goes on."
        )

    def _keep(self, place: Mapping[str, Any]) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        head = {"beginning": self._what_it_rests_on(), "stops": self.stops, "time": now, **place}
        started = self._clock()
        folds = [done.as_tree() for done in self._new]
        for tree in folds[:-1]:
            tree["fit"] = None
        self.folder.unfinished.write(head, part={"folds": folds} if folds else None)
        self._new.clear()
        self._kept_at = self._clock()
        self._due = self._kept_at + max(SECONDS_BETWEEN, (self._kept_at - started) / LARGEST_SHARE)

    def _what_it_rests_on(self) -> Beginning:
        if self._beginning is None:
            self._beginning = self._ask_beginning()
        return self._beginning

    def _place(self) -> str:
        done = f"{len(self.done)} fold{'s' if len(self.done) != 1 else ''} done"
        if self._fit is None:
            return done
        return f"{done}, {'the shipped members' if self._fold == 0 else f'fold {self._fold}'} in training"


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
