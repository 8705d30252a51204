"""One page for several runs: what differs in their settings, and what that did."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tailproof.report.figures.comparison import comparison_charts
from tailproof.report.findings import Estimate, findings
from tailproof.report.numbers.paired import paired
from tailproof.report.page.html import drawn, render
from tailproof.report.page.section import Cell, Section, Table, bounds, figure, text
from tailproof.report.run_record import RunRecord, read_run

UNKNOWN = "–"


def compare_page(paths: Sequence[Path]) -> str:
    """The page that compares finished runs; the first is what the others are compared with.

    Raises:
        RunFolderError: a folder lacks a file that the report needs.
    """
    runs = [read_run(path) for path in paths]
    names = run_names(runs)
    every = (
        Section(
            key="verdicts",
            title="Verdicts",
            charts=tuple(comparison_charts(runs, names)),
            tables=(verdict_table(runs, names),),
            notes_title="Each in a sentence",
            notes=tuple(f"{name}: {run.verdict.get('sentence', '')}" for name, run in zip(names, runs, strict=True)),
        ),
        Section(key="paired", title="Paired differences", tables=(paired_table(runs, names),)),
        Section(key="settings", title="Settings that differ", tables=(settings_table(runs, names),)),
    )
    title = f"{len(runs)} runs compared"
    return render("compare.html.j2", title=title, names=names, sections=[drawn(each) for each in every])


def run_names(runs: Sequence[RunRecord]) -> list[str]:
    """Folder names, or whole paths where two are equal."""
    names = [run.name for run in runs]
    return [name if names.count(name) == 1 else str(run.path) for run, name in zip(runs, names, strict=True)]


def verdict_table(runs: Sequence[RunRecord], names: Sequence[str]) -> Table:
    """One row a run."""
    rows = []
    for run, name in zip(runs, names, strict=True):
        found = findings(run.verdict)
        rows.append(
            (
                text(name),
                text(found.word),
                figure(found.rank_ic.value, "+.4f"),
                figure(found.skill_vs_constant.value, "+.4%"),
                figure(float(found.rows), ",.0f"),
            )
        )
    return Table(
        key="verdicts",
        title="What each run says",
        reading="Each on its own test rows. The best of many tries looks better than it is: every try counts.",
        head=("run", "verdict", "rank IC", "skill", "test rows"),
        rows=tuple(rows),
    )


def paired_table(runs: Sequence[RunRecord], names: Sequence[str]) -> Table:
    """Every other run less the first, on the test rows that both forecast."""
    first, rows = runs[0], []
    for run, name in zip(runs[1:], names[1:], strict=True):
        both = paired(run.test, first.test, huber_delta=float(run.settings["huber-delta"]))
        if both is None:
            rows.append((text(name), figure(0.0, ",.0f"), *(figure(float("nan"), "") for _ in range(4))))
            continue
        rows.append(
            (text(name), figure(float(both.rows), ",.0f"), *_both(both.rank_ic, "+.4f"), *_both(both.skill, "+.4%"))
        )
    return Table(
        key="paired",
        title=f"Less {names[0]}, on common test rows",
        reading="Above zero the run is better than the first; an interval that holds zero decides nothing. Skill needs "
        "equal targets in both runs.",
        head=("run", "common rows", "rank IC difference", "95 % interval", "skill against it", "95 % interval"),
        rows=tuple(rows),
    )


def settings_table(runs: Sequence[RunRecord], names: Sequence[str]) -> Table:
    """Settings, data and engine that are not equal in all runs."""
    told = [
        {**run.settings, "data": run.config.get("data"), "engine that ran": run.config.get("engine")} for run in runs
    ]
    keys = list(dict.fromkeys(key for each in told for key in each))
    differ = [key for key in keys if len({_plain(each.get(key)) for each in told}) > 1]
    return Table(
        key="differ",
        title="What was set differently",
        reading="Everything not listed was equal." if differ else "Nothing: all settings, data and engines are equal.",
        head=("setting", *names),
        rows=tuple((text(key), *(text(_plain(each.get(key))) for each in told)) for key in differ),
    )


def _both(each: Estimate, form: str) -> tuple[Cell, Cell]:
    return figure(each.value, form), bounds(each, form)


def _plain(value: object) -> str:
    if value is None:
        return UNKNOWN
    return " ".join(str(item) for item in value) if isinstance(value, list) else str(value)
