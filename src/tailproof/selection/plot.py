"""The study as one self-contained HTML page: what each feature says alone, and which of them say the same."""

from __future__ import annotations

from html import escape

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from tailproof.selection.outcome import order_of
from tailproof.selection.study import Study

PICKED, DROPPED = "#1b7837", "#b0b0b0"
ROW_HEIGHT = 18


def study_html(study: Study) -> str:
    """Rank IC with its interval by feature, the picked in green, beside the rank correlations by cluster."""
    order = order_of(study)[::-1]
    alone = study.alone
    colours = [PICKED if column in study.choice.picked else DROPPED for column in order]
    figure = make_subplots(rows=1, cols=2, column_widths=[0.45, 0.55], horizontal_spacing=0.18)
    figure.add_trace(
        go.Bar(
            x=alone.ic_F[order],
            y=[study.names[column] for column in order],
            orientation="h",
            marker_color=colours,
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (alone.high_F - alone.ic_F)[order],
                "arrayminus": (alone.ic_F - alone.low_F)[order],
            },
            hovertext=[study.choice.reason_F[column] for column in order],
            showlegend=False,
        ),
        row=1,
        col=1,
    )
    by_cluster = np.lexsort((np.arange(len(study.names)), study.cluster_F))
    names = [study.names[column] for column in by_cluster]
    figure.add_trace(
        go.Heatmap(
            z=study.correlation_FF[np.ix_(by_cluster, by_cluster)].round(3),
            x=names,
            y=names,
            zmin=-1,
            zmax=1,
            colorscale="RdBu",
        ),
        row=1,
        col=2,
    )
    figure.update_layout(
        height=max(420, 160 + ROW_HEIGHT * len(study.names)),
        title={"text": escape(study.sentence()), "font": {"size": 15}},
        template="plotly_white",
    )
    figure.update_xaxes(title_text="rank IC with the next return, 95 % interval", row=1, col=1)
    figure.update_yaxes(autorange="reversed", row=1, col=2)
    page: str = figure.to_html(full_html=True, include_plotlyjs=True)
    return page
