"""A chart as a plotly figure, for notebooks: the same data, axes and sentences as on the page."""

from __future__ import annotations

import textwrap
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from tailproof.arrays.times import as_datetimes
from tailproof.report.figures.chart import Axis, Band, Chart, Columns, Dots, Line, Mark, Rule

CHARACTERS = 95
"""Maximum number of characters in a line below a figure."""
COLOURS = {
    "result": "#0a5fa5",
    "thin": "rgba(10, 95, 165, 0.35)",
    "other": "#b85400",
    "third": "#27a164",
    "fourth": "#501057",
    "fifth": "#1c1e21",
    "beside": "#6d7278",
}


def plotly_figure(chart: Chart) -> go.Figure:
    """Draw a chart with plotly; how to read it stands below."""
    figure = go.Figure()
    for mark in chart.marks:
        _add(figure, mark, chart)
    figure.update_layout(
        title=chart.title,
        xaxis=_axis(chart.x),
        yaxis=_axis(chart.y),
        template="plotly_white",
        height=520,
        margin={"b": 170},
    )
    below = {"xref": "paper", "yref": "paper", "x": 0, "y": 0, "yshift": -75, "xanchor": "left", "yanchor": "top"}
    figure.add_annotation(text=_below(chart), showarrow=False, align="left", **below)
    return figure


def _below(chart: Chart) -> str:
    """Both sentences in lines that fit a notebook, as plotly breaks none; names from data stay text."""
    reading, limits = (
        "<br>".join(escape(part) for part in textwrap.wrap(text, CHARACTERS)) for text in (chart.reading, chart.limits)
    )
    return f"{reading}<br><i>{limits}</i>"


def _add(figure: go.Figure, mark: Mark, chart: Chart) -> None:
    colour = COLOURS[mark.role]
    match mark:
        case Line():
            dash = "dash" if mark.role == "beside" else "solid"
            width = 1.0 if mark.role == "thin" else 2.4
            line = {"color": colour, "dash": dash, "width": width}
            figure.add_scatter(x=_x(mark.x_K, chart.x), y=mark.y_K, name=mark.name, mode="lines", line=line)
        case Band():
            x = np.r_[mark.x_K, mark.x_K[::-1]]
            y = np.r_[mark.high_K, mark.low_K[::-1]]
            figure.add_scatter(
                x=_x(x, chart.x), y=y, name=mark.name, fill="toself", mode="none", fillcolor=colour, opacity=0.2
            )
        case Dots():
            _add_dots(figure, mark, chart, colour)
        case Columns():
            middle_K, width_K = (mark.left_K + mark.right_K) / 2.0, mark.right_K - mark.left_K
            figure.add_bar(x=middle_K, y=mark.height_K, width=width_K, name=mark.name, marker_color=colour)
        case Rule():
            across = figure.add_vline if mark.across == "x" else figure.add_hline
            across(mark.value, line={"color": colour, "dash": "dash"}, annotation_text=mark.name)


def _add_dots(figure: go.Figure, mark: Dots, chart: Chart, colour: str) -> None:
    names = np.array(chart.y.categories)
    y = names[mark.y_K.astype(int)] if chart.horizontal else mark.y_K
    error: dict[str, Any] = {}
    if mark.low_K is not None and mark.high_K is not None:
        value_K = mark.x_K if chart.horizontal else mark.y_K
        bars = {"type": "data", "symmetric": False, "array": mark.high_K - value_K, "arrayminus": value_K - mark.low_K}
        error = {"error_x" if chart.horizontal else "error_y": bars}
    figure.add_scatter(x=_x(mark.x_K, chart.x), y=y, name=mark.name, mode="markers", marker_color=colour, **error)


def _x(value_K: np.ndarray, axis: Axis) -> np.ndarray:
    return as_datetimes(value_K.astype(np.int64)) if axis.scale == "time" else value_K


def _axis(axis: Axis) -> dict[str, Any]:
    layout: dict[str, Any] = {"title": axis.label}
    if "percent" in axis.scale:
        layout["tickformat"] = "+.3%" if axis.scale.startswith("signed") else ".3%"
    if axis.scale == "category":
        layout |= {"type": "category", "autorange": "reversed"}
    if axis.low is not None or axis.high is not None:
        layout["range"] = [axis.low, axis.high]
    return layout
