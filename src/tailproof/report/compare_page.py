"""One page for several runs: the differences in their settings, and the effects of these."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from tailproof.core.estimate import Estimate, Paired
from tailproof.report.figures.comparison_charts import curves, paired_chart, rank_ic_chart
from tailproof.report.findings import findings, number
from tailproof.report.page.head import TONES, head
from tailproof.report.page.html import drawn, render
from tailproof.report.page.page_section import Cell, Section, Table, bounds, figure, text
from tailproof.report.page.tables import shown
from tailproof.report.run_record import RunRecord, run_names


def compare_page(runs: Sequence[RunRecord], differences: Sequence[Paired | None], *, notes: Sequence[str] = ()) -> str:
    """The page that compares finished runs; the first is what the others are compared with.

    Args:
        runs: the runs.
        differences: every other run less the first; None where they share no row.
        notes: sentences on all of them together, after the table of verdicts.
    """
    names = run_names(runs)
    charts = (rank_ic_chart(runs, names), paired_chart(differences, names))
    every = (
        Section(key="verdicts", title="Verdicts", tables=(verdict_table(runs, names),)),
        Section(key="together", title="All together", notes_title="The best of several", notes=tuple(notes)),
        Section(key="settings", title="Settings that differ", tables=(settings_table(runs, names),)),
        Section(
            key="paired",
            title="Is the difference real?",
            charts=tuple(chart for chart in charts if chart is not None),
            tables=(paired_table(differences, names),),
        ),
        Section(key="curves", title="Curves", charts=tuple(curves(runs, names))),
        Section(
            key="sentences",
            title="In full",
            notes_title="Each verdict in a sentence",
            notes=tuple(f"{name}: {run.verdict.get('sentence', '')}" for name, run in zip(names, runs, strict=True)),
        ),
    )
    return render(
        "compare.html.j2",
        title=f"{len(runs)} runs compared",
        claims=claims(runs, names),
        sections=[drawn(each) for each in every if each.filled],
    )


def claims(runs: Sequence[RunRecord], names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Tone, claim and the names of the runs that make it; what claims the most first."""
    tops = [head(findings(run.verdict), {}) for run in runs]
    every = sorted(
        ((tuple(TONES).index(top.word) if top.word in TONES else len(TONES), top.tone, top.claim, name))
        for top, name in zip(tops, names, strict=True)
    )
    grouped = groupby(every, key=lambda each: each[:3])
    return [(tone, claim, ", ".join(each[3] for each in group)) for (_, tone, claim), group in grouped]


def verdict_table(runs: Sequence[RunRecord], names: Sequence[str]) -> Table:
    """One row per run."""
    rows = []
    for run, name in zip(runs, names, strict=True):
        figures, costs = findings(run.verdict), run.verdict.get("costs") or {}
        rows.append(
            (
                text(name),
                text(figures.word, whole=True),
                *_both(figures.rank_ic, "+.4f"),
                figure(figures.p_placebo, ".2f"),
                figure(figures.skill_vs_constant.value, "+.4%"),
                figure(number(costs.get("break_even_bp")), ",.3g"),
                figure(float(figures.rows), ",.0f"),
            )
        )
    return Table(
        key="verdicts",
        title="What each run says",
        reading="Each on its own test rows. The best of many tries looks better than it is: every try counts.",
        head=("run", "verdict", "rank IC", "95 % interval", "p among placebos", "skill", "break-even, bp", "test rows"),
        rows=tuple(rows),
        wide=True,
    )


def paired_table(differences: Sequence[Paired | None], names: Sequence[str]) -> Table:
    """Every other run less the first, on the test rows that both forecast."""
    rows = []
    for both, name in zip(differences, names[1:], strict=True):
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
        "equal targets in both runs." + (" Runs on other bars share no row." if None in differences else ""),
        head=("run", "common rows", "rank IC difference", "95 % interval", "skill against it", "95 % interval"),
        rows=tuple(rows),
        wide=True,
    )


def settings_table(runs: Sequence[RunRecord], names: Sequence[str]) -> Table:
    """Settings, data and engine that are not equal in all runs."""
    settings = [
        {**run.settings, "data": run.config.get("data"), "engine that ran": run.config.get("engine")} for run in runs
    ]
    keys = list(dict.fromkeys(key for each in settings for key in each))
    differ = [key for key in keys if len({shown(each.get(key)) for each in settings}) > 1]
    return Table(
        key="differ",
        title="What was set differently",
        reading="Everything not listed was equal." if differ else "Nothing: all settings, data and engines are equal.",
        head=("setting", *names),
        rows=tuple((text(key), *(text(shown(each.get(key))) for each in settings)) for key in differ),
    )


def _both(each: Estimate, form: str) -> tuple[Cell, Cell]:
    return figure(each.value, form), bounds(each, form)
