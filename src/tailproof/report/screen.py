"""What the screen shows while a run goes on: lines, and in a terminal a bar that says how far and how fast."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Say = Callable[[str], None]
Show = Callable[[str, Mapping[str, Any]], None]
"""Is given the kind and the values of each record of metrics.jsonl."""


@dataclass(frozen=True, kw_only=True)
class Screen:
    """Where lines for people and records for programs go."""

    say: Say
    show: Show


@contextmanager
def screen(
    *, quiet: bool, log_json: bool, epochs: int, windows: int | None, batch_size: int, console: Console | None = None
) -> Iterator[Screen]:
    """The screen for one run.

    Args:
        quiet: neither lines nor records.
        log_json: one JSON object a line, lines for people among them as ``{"kind": "line", "text": ...}``.
        epochs: passes over the rows of each window.
        windows: how often the population is trained: folds, and the window that is shipped; None where that is not
            known beforehand.
        batch_size: rows a step, to say rows a second.
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
        with _bar(console) as bar:
            yield _live_screen(bar, total=None if windows is None else epochs * windows, batch_size=batch_size)


def _json_screen(console: Console) -> Screen:
    return Screen(
        say=lambda line: _write(console, json.dumps({"kind": "line", "text": line})),
        show=lambda kind, values: _write(console, json.dumps({"kind": kind, **values}, allow_nan=False)),
    )


def _live_screen(bar: Progress, *, total: int | None, batch_size: int) -> Screen:
    task = bar.add_task("preparing", total=total, rate="")

    def show(kind: str, values: Mapping[str, Any]) -> None:
        if kind == "interval":
            bar.update(task, description=f"{_window(values)}epoch {values['epoch']}, step {values['step']:,}")
        if kind == "epoch" and values["first_member"] == 0:
            steps = len(values["train_loss"]) * values["steps"] / values["seconds"]
            rate = f"{steps:,.0f} model-steps/s, {steps * batch_size:,.0f} rows/s"
            bar.update(task, advance=1, rate=rate, description=f"{_window(values)}epoch {values['epoch']}")

    return Screen(say=lambda line: bar.console.print(line, markup=False, highlight=False, soft_wrap=True), show=show)


def _window(values: Mapping[str, Any]) -> str:
    return f"fold {values['fold']}, " if values.get("fold") else ""


def _bar(console: Console) -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[rate]}", style="dim"),
        TimeElapsedColumn(),
        TextColumn("left", style="dim"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True)


def _nothing(*_: object) -> None:
    """Show nothing."""


def _write(console: Console, line: str) -> None:
    """A line as it is: no markup, no wrapping."""
    console.file.write(line + "\n")
    console.file.flush()
