"""What the screen shows while a run goes on: lines, and in a terminal a bar: how far, how good, how fast."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

Say = Callable[[str], None]
Show = Callable[[str, Mapping[str, Any]], None]
"""Is given the kind and the values of each record of metrics.jsonl, and of each moment's "progress"."""
WIDE, MIDDLE, NARROW = 134, 112, 78
"""Columns of a terminal in which there is room for the bar itself too, for rows a second, for the constant's loss."""


@dataclass(frozen=True, kw_only=True)
class Screen:
    """Where lines for people and records for programs go."""

    say: Say
    show: Show


@contextmanager
def screen(*, quiet: bool = False, log_json: bool = False, console: Console | None = None) -> Iterator[Screen]:
    """The screen for one run, or for several one after the other.

    Args:
        quiet: neither lines nor records.
        log_json: one JSON object a line, lines for people among them as ``{"kind": "line", "text": ...}``.
        console: where to write; standard output by default. Only a terminal gets a bar.
    """
    console = console or Console(highlight=False)
    if quiet:
        yield Screen(say=_nothing, show=_nothing)
    elif log_json:
        yield _json_screen(console)
    elif not console.is_terminal:
        yield Screen(say=lambda line: _write(console, line), show=_nothing)
    else:
        with _progress(console) as progress:
            live = _Live(progress)
            yield Screen(say=live.say, show=live.show)


def _json_screen(console: Console) -> Screen:
    def show(kind: str, values: Mapping[str, Any]) -> None:
        if kind != "progress":
            _write(console, json.dumps({"kind": kind, **values}, allow_nan=False))

    return Screen(say=lambda line: _write(console, json.dumps({"kind": "line", "text": line})), show=show)


class _Live:
    """Lines above a bar that follows the records; the bar is there only while a run trains."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._window: Mapping[str, Any] = {}
        self._before = 0
        self._resumed = False

    def say(self, line: str) -> None:
        console = self._progress.console
        console.print(folded(line, width=console.width), markup=False, highlight=False, soft_wrap=True)

    def show(self, kind: str, values: Mapping[str, Any]) -> None:
        if kind == "run":
            batch = values["settings"]["batch-size"]
            self._before, self._window = 0, {}
            self._task = self._progress.add_task("preparing", total=values["model_steps"], batch=batch, loss="")
        if self._task is None:
            return
        if kind == "fold":
            self._before += self._window.get("model_steps", 0)  # all of it, where members stopped early
            steps = values["epochs"] * values["steps"] * values["networks"]
            self._window = {**values, "model_steps": steps}
            self._move(self._task, self._before)
            self._progress.update(self._task, description=_place(values), loss="")
        elif kind == "progress":
            self._move(self._task, self._before + values["model_steps"])
        elif kind == "resumed":
            self._resumed = True
        elif kind == "interval":
            width = self._progress.console.width
            told = f"{'loss ' if width >= MIDDLE else ''}{_mean(values['loss']):.6f}"
            place = _place(self._window)
            if width >= NARROW:
                told += f" (constant {self._window['constant_train_loss']:.6f})"
                place += f", epoch {values['epoch']}/{self._window['epochs']}"
            self._progress.update(self._task, description=place, loss=told)
        elif kind == "verdict":
            self._progress.remove_task(self._task)
            self._task = None

    def _move(self, task: TaskID, steps: int) -> None:
        if self._resumed:  # the way to here took another process's time: it is no speed of this one
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


def _place(window: Mapping[str, Any]) -> str:
    if window["fold"] == 0:
        return "shipped"
    return f"fold {window['fold']}/{window['folds']}"


def _mean(values: list[float | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else float("nan")


def _short(value: float) -> str:
    """A rate to three figures.

    >>> _short(950.0), _short(1_234_567.0)
    ('950', '1.23 M')
    """
    for unit, name in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= unit:
            return f"{value / unit:.3g}{name}"
    return f"{value:.0f}"


def _nothing(*_: object) -> None:
    """Show nothing."""


def _write(console: Console, line: str) -> None:
    """A line as it is: no markup, no wrapping."""
    console.file.write(line + "\n")
    console.file.flush()
