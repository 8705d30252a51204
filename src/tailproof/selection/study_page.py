"""The study as one self-contained HTML page, in the report's style: what each feature says alone, and which agree."""

from __future__ import annotations

import math

import numpy as np

from tailproof.report.figures.chart import Axis, Chart, Dots, Rule
from tailproof.report.page.html import drawn, render
from tailproof.report.page.page_section import Section, Table, figure, text
from tailproof.selection.outcome import order_of, table_rows
from tailproof.selection.study import Study

MAX_DRAWN = 30
"""More features than this are not drawn; the table holds them all."""


def study_html(study: Study, *, data: str) -> str:
    """The page: no network, works from file://, in print, in the dark and on a phone.

    Args:
        study: what it shows.
        data: where the training rows come from, and from when to when they are.
    """
    sections = (
        Section(
            key="alone",
            title="Each feature alone",
            lead=f"On {study.rows:,} training rows of {data}, in {study.groups:,} sessions, months or stretches of "
            "rows. The rows that training will be judged on were not read.",
            charts=(alone_chart(study),),
            tables=(features_table(study),),
        ),
        Section(key="twins", title="Features that say the same", tables=(clusters_table(study),)),
        Section(key="folds", title="From fold to fold", tables=(folds_table(study),)),
    )
    return render(
        "compare.html.j2",
        title="Which features matter",
        claims=[("for" if study.chosen else "nothing", study.sentence(), "")],
        sections=[drawn(section) for section in sections if section.filled],
    )


def alone_chart(study: Study) -> Chart:
    """Rank IC with its interval by feature, the picked first and apart from the others."""
    order = order_of(study)[:MAX_DRAWN]
    place_K = np.arange(len(order), dtype=np.float64)
    picked_K = np.isin(order, study.choice.picked)
    alone = study.alone

    def dots(name: str, chosen_K: np.ndarray, *, picked: bool) -> Dots:
        columns = np.array(order)[chosen_K]
        return Dots(
            name=name,
            role="result" if picked else "beside",
            x_K=alone.ic_F[columns],
            y_K=place_K[chosen_K],
            low_K=alone.low_F[columns],
            high_K=alone.high_F[columns],
        )

    marks = [dots("picked", picked_K, picked=True), dots("not picked", ~picked_K, picked=False)]
    others = len(study.names) - len(order)
    return Chart(
        key="alone",
        title="Rank IC with the next return" + (f": {len(order)} of {len(study.names)} features" if others else ""),
        reading="Each dot is one feature's rank IC with the next return, with its 95 % interval by bootstrap over "
        "sessions; an interval that holds zero says nothing.",
        limits="Many features were tried, so the best looks better than it is: "
        f"only |t| above {alone.bound:.1f} is more than chance reaches once in twenty such studies.",
        x=Axis(label="rank IC", scale="signed"),
        y=Axis(label="", scale="category", categories=tuple(study.names[column] for column in order)),
        marks=(Rule(name="nothing", value=0.0, across="x"), *(mark for mark in marks if len(mark.x_K))),
    )


def features_table(study: Study) -> Table:
    """One row per feature, with the reason for which it was picked or not."""
    trained = bool(len(study.population_ic_K))
    lost = ("rank IC lost",) if trained else ()
    rows = []
    for row in table_rows(study):
        importance = (figure(row["importance"], "+.4f"),) if trained else ()
        rows.append(
            (
                text(row["feature"]),
                figure(math.nan if row["picked"] is None else float(row["picked"]), ".0f"),
                figure(row["rank_ic"], "+.4f"),
                figure(row["t"], "+.1f"),
                figure(row["information_z"], ".1f"),
                figure(float(row["cluster"]), ".0f"),
                figure(row["vif"], ".1f"),
                *importance,
                text(row["reason"]),
            )
        )
    return Table(
        key="features",
        title="All features",
        reading="t is of sessions; z is how far mutual information lies beyond chance; features of one cluster say the "
        "same; VIF is the variance inflation factor"
        + ("; rank IC lost is what a trained population loses without the feature's cluster." if trained else "."),
        head=("feature", "picked", "rank IC", "t", "z of information", "cluster", "VIF", *lost, "reason"),
        rows=tuple(rows),
        wide=True,
    )


def clusters_table(study: Study) -> Table:
    """One row per cluster of at least two features, with the rank correlation that is the smallest inside it."""
    rows = []
    for cluster in np.unique(study.cluster_F):
        columns = np.flatnonzero(study.cluster_F == cluster)
        if len(columns) < 2:
            continue
        inside_CC = np.abs(study.correlation_FF[np.ix_(columns, columns)])
        names = ", ".join(study.names[column] for column in columns)
        rows.append((figure(float(cluster), ".0f"), text(names), figure(float(inside_CC.min()), ".2f")))
    return Table(
        key="clusters",
        title="Clusters by rank correlation",
        reading="Of each cluster at most one feature is worth keeping: the others repeat it."
        if rows
        else "No two features say the same.",
        head=("cluster", "features", "least |rank correlation|"),
        rows=tuple(rows),
    )


def folds_table(study: Study) -> Table:
    """One row per feature: rank IC on the held-out rows of each fold."""
    folds = len(study.fold_ic_KF)
    rows = tuple(
        (text(study.names[column]), *(figure(float(ic), "+.4f") for ic in study.fold_ic_KF[:, column]))
        for column in order_of(study)
    )
    return Table(
        key="held-out",
        title="Rank IC on held-out rows",
        reading=f"A sign that changes from fold to fold is luck. The folds agree on the ranking of the features to "
        f"{study.concordance:.2f} (Kendall's W, from 0 to 1).",
        head=("feature", *(f"fold {number + 1}" for number in range(folds))),
        rows=rows,
    )
