"""The screen of a run in progress: lines, and in a terminal a bar with progress, quality and speed."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from tailproof.core.event_records import event_record
from tailproof.core.events import (
    LineRole,
    LogLine,
    Reporter,
    RunEvent,
    RunResumed,
    RunStarted,
    StepsDone,
    TrainingRecord,
    VerdictReached,
    WindowStarted,
)
from tailproof.core.fit import IntervalRecord
from tailproof.core.lost_output import discard_output
from tailproof.report.reporters import SILENT, Lines, Unfailing

WIDE, MIDDLE, NARROW = 134, 112, 78
"""Columns of a terminal in which there is room for the bar itself too, for rows a second, for the constant's loss."""
STYLES: dict[LineRole, str] = {"text": "", "heading": "bold", "verdict": "bold cyan"}
"""Styles of the lines that a terminal with a bar shows; the words mean the same without them."""


@contextmanager
def screen(*, quiet: bool = False, log_json: bool = False, console: Console | None = None) -> Iterator[Reporter]:
    """The reporter of the screen, for one run or for several one after the other.

    Args:
        quiet: show nothing.
        log_json: one JSON object per line, lines for people among them as ``{"kind": "line", "text": ...}``.
        console: where to write; standard output by default. Only a terminal gets a bar.
    """
    console = console or Console(highlight=False)
    if quiet:
        yield SILENT
    elif log_json:
        yield Unfailing(_JsonLines(console))
    elif not console.is_terminal:
        yield Unfailing(Lines(partial(_write, console)))
    else:
        with _progress(console) as progress:
            yield Unfailing(_Live(progress))


class _JsonLines:
    """Every event of the files as one JSON object."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def emit(self, event: RunEvent) -> None:
        record = {"kind": "line", "text": event.text} if isinstance(event, LogLine) else event_record(event)
        if record is not None:
            _write(self._console, json.dumps(record, allow_nan=False))


class _Live:
    """Lines above a bar that follows the events; the bar is there only while a run trains."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._window: WindowStarted | None = None
        self._steps_before = 0
        self._resumed = False

    def emit(self, event: RunEvent) -> None:
        if isinstance(event, LogLine):
            if event.role in STYLES:
                console = self._progress.console
                text = folded(event.text, width=console.width)
                console.print(text, style=STYLES[event.role], markup=False, highlight=False, soft_wrap=True)
        elif isinstance(event, RunStarted):
            batch = event.config["settings"]["batch-size"]
            self._steps_before, self._window = 0, None
            self._task = self._progress.add_task("preparing", total=event.model_steps, batch=batch, loss="")
        elif self._task is not None:
            self._follow(self._task, event)

    def _follow(self, task: TaskID, event: RunEvent) -> None:
        match event:
            case WindowStarted():
                # A window that members left early counts as whole.
                self._steps_before += 0 if self._window is None else self._window.model_steps
                self._window = event
                self._move(task, self._steps_before)
                self._progress.update(task, description=_place(event), loss="")
            case StepsDone():
                self._move(task, self._steps_before + event.model_steps)
            case RunResumed():
                self._resumed = True
            case TrainingRecord(record=IntervalRecord() as record):
                self._show_loss(task, record)
            case VerdictReached():
                self._progress.remove_task(task)
                self._task = None

    def _show_loss(self, task: TaskID, record: IntervalRecord) -> None:
        if (window := self._window) is None:
            return
        width = self._progress.console.width
        loss = f"{'loss ' if width >= MIDDLE else ''}{_mean(record.loss_M):.6f}"
        place = _place(window)
        if width >= NARROW:
            loss += f" (constant {window.constant_train_loss:.6f})"
            place += f", epoch {record.epoch}/{window.epochs}"
        self._progress.update(task, description=place, loss=loss)

    def _move(self, task: TaskID, steps: int) -> None:
        if self._resumed:  # another process did the work so far: it says nothing about this one's speed
            self._progress.reset(task, completed=steps)
            self._resumed = False
        self._progress.update(task, completed=steps)


class _Rate(ProgressColumn):
    """Model-steps a second, and rows a second where there is room."""

    def __init__(self, *, wide: bool) -> None:
        super().__init__(table_column=_one_line())
        self._wide = wide

    def render(self, task: Task) -> Text:
        if not task.speed:
            return Text("")
        rate, rows = (_short(each) for each in (task.speed, task.speed * task.fields["batch"]))
        return Text(f"{rate} model-steps/s, {rows} rows/s" if self._wide else f"{rate} steps/s", style="dim")


def folded(line: str, *, width: int) -> str:
    """A line, or several, parted between words to fit a terminal, the further parts set in.

    >>> print(folded("  a line of many words", width=14))
      a line of
          many
          words
    """
    folds = []
    for each in line.split("\n"):
        indent = " " * (len(each) - len(each.lstrip()) + 4)
        parts = textwrap.wrap(each, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        folds.append("\n".join(parts))
    return "\n".join(folds)


def _progress(console: Console) -> Progress:
    middle = console.width >= MIDDLE
    columns: list[ProgressColumn] = [
        TextColumn("{task.description}", markup=False, table_column=_one_line()),
        TextColumn("{task.fields[loss]}", markup=False, table_column=_one_line()),
        *([BarColumn(bar_width=20)] if console.width >= WIDE else []),
        TextColumn("{task.percentage:>3.0f} %", table_column=_one_line()),
        *([_Rate(wide=middle)] if console.width >= NARROW else []),
        *([TextColumn("left", style="dim", table_column=_one_line())] if middle else []),
        TimeRemainingColumn(compact=True, table_column=_one_line()),
    ]
    return Progress(*columns, console=console, transient=True)


def _one_line() -> Column:
    return Column(no_wrap=True, overflow="ellipsis")


def _place(window: WindowStarted) -> str:
    return "shipped" if window.fold == 0 else f"fold {window.fold}/{window.folds}"


def _mean(values_M: np.ndarray) -> float:
    finite_M = values_M[np.isfinite(values_M)]
    return float(finite_M.mean()) if len(finite_M) else float("nan")


def _short(value: float) -> str:
    """A rate to three figures.

    >>> _short(950.0), _short(1_234_567.0)
    ('950', '1.23 M')
    """
    for unit, name in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= unit:
            return f"{value / unit:.3g}{name}"
    return f"{value:.0f}"


def _write(console: Console, line: str) -> None:
    """A line as it is: no markup, no wrapping."""
    try:
        console.file.write(line + "\n")
        console.file.flush()
    except OSError:
        if console.file is sys.stdout:
            discard_output()  # else the end of the command would fail on what it still holds
        raise
