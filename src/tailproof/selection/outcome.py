"""The study as a table, as a list for ``train --features``, and as plain types."""

from __future__ import annotations

from typing import Any

import numpy as np

from tailproof.selection.study import Study

MAX_SHOWN = 30
"""Rows of the table on the screen; the files hold all."""


def order_of(study: Study) -> list[int]:
    """Columns with the picked first, in their order, then by |t|."""
    rest = [column for column in np.argsort(-np.abs(study.alone.t_F)) if column not in study.choice.picked]
    return [*study.choice.picked, *(int(column) for column in rest)]


def table_rows(study: Study) -> list[dict[str, Any]]:
    """One record per feature, the picked first."""
    alone = study.alone
    return [
        {
            "feature": study.names[column],
            "picked": study.choice.picked.index(column) + 1 if column in study.choice.picked else None,
            "rank_ic": float(alone.ic_F[column]),
            "low": float(alone.low_F[column]),
            "high": float(alone.high_F[column]),
            "t": float(alone.t_F[column]),
            "information_nats": float(alone.information_F[column]),
            "information_z": float(alone.information_z_F[column]),
            "cluster": int(study.cluster_F[column]),
            "vif": float(study.vif_F[column]),
            "importance": float(study.importance_F[column]),
            "place": float(study.place_F[column]),
            "place_std": float(study.place_std_F[column]),
            "reason": study.choice.reason_F[column],
        }
        for column in order_of(study)
    ]


def table_lines(study: Study, *, most: int = MAX_SHOWN) -> list[str]:
    """The table for the screen: the picked, then by |t| as many as fit, and what the columns mean."""
    rows = table_rows(study)
    shown = rows[: max(most, len(study.choice.picked))]
    width = max(len(row["feature"]) for row in shown)
    trained = bool(len(study.population_ic_K))
    lost = f" {'lost IC':>8}" if trained else ""
    lines = [
        f"{'':>3} {'feature':<{width}} {'rank IC':>8} {'95 % interval':>19} {'t':>6} {'nats':>8} {'z':>6} "
        f"{'cluster':>7} {'VIF':>8}{lost} {'place':>13}"
    ]
    for row in shown:
        picked = "" if row["picked"] is None else str(row["picked"])
        interval = f"{row['low']:+.4f} to {row['high']:+.4f}"
        lost = f" {row['importance']:>+8.4f}" if trained else ""
        lines.append(
            f"{picked:>3} {row['feature']:<{width}} {row['rank_ic']:>+8.4f} {interval:>19} {row['t']:>+6.1f} "
            f"{row['information_nats']:>8.5f} {row['information_z']:>6.1f} {row['cluster']:>7} {row['vif']:>8.1f}{lost}"
            f" {row['place']:>5.1f} ± {row['place_std']:<5.1f}".rstrip()
        )
    hidden = rows[len(shown) :]
    if hidden:
        lines.append(
            f"    {len(hidden)} more, with |t| up to {max(abs(row['t']) for row in hidden):.1f}: see study.csv."
        )
    return [*lines, *_legend(study, trained=trained)]


def _legend(study: Study, *, trained: bool) -> list[str]:
    """The meaning of the table's columns, and the reason for each pick."""
    lost = "; lost IC: what the population loses without the whole cluster" if trained else ""
    picked = [f"{study.names[column]}: {study.choice.reason_F[column]}." for column in study.choice.picked]
    return [
        f"t: of sessions, {study.alone.bound:.1f} needed; nats, z: mutual information, and how far beyond chance; "
        f"cluster: twins share its number{lost}; place: by |rank IC| on held-out rows, mean ± deviation over folds.",
        *picked,
    ]


def features_list(study: Study) -> str:
    """One name per line with the reason behind it, as ``train --features NAME.txt`` reads it; the dropped as comments.

    Where no feature stands out there is no name, and training on the list is refused.
    """
    lines = [
        f"# {study.sentence()}",
        f"# chosen on {study.rows:,} training rows, {study.groups:,} sessions, months or stretches of rows",
    ]
    for row in table_rows(study):
        mark = "" if row["picked"] is not None else "# "
        lines.append(f"{mark}{row['feature']}  # {row['reason']}")
    return "\n".join(lines) + "\n"
