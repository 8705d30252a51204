"""A chart as inline SVG: text stays text, colours come from the page's style, every mark can be asked for its value."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import numpy as np

from tailproof.report.drawing.axis_ticks import number_ticks, time_ticks, written
from tailproof.report.drawing.frame import MAX_CHARACTERS, RIGHT, WIDTH, Frame, Span, frame, y_names
from tailproof.report.figures.chart import Axis, Band, Chart, Columns, Dots, Line, Mark, Rule

HALF_CHARACTER = 4.2
"""Half as much room as a character of a mark takes on a phone."""


def draw(chart: Chart) -> str:
    """The SVG element of a chart."""
    paper = frame(chart)
    label = escape(f"{chart.title}. {chart.reading}")
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {paper.height:g}" role="img" aria-label="{label}" '
        f'data-figure="{escape(chart.key)}" data-x="{_scale(paper.x, chart.x)}" data-y="{_scale(paper.y, chart.y)}">',
        *_horizontal_axis(chart, paper),
        *([] if chart.horizontal else _vertical_axis(chart, paper)),
    ]
    for mark in chart.marks:
        parts += _drawn(mark, chart, paper)
    parts += _names(chart, paper)
    return "".join([*parts, "</svg>"])


def legend(chart: Chart) -> list[tuple[str, str, str]]:
    """Kind, role and name of each mark that a reader must tell from others.

    Members are named once; the line at zero, which the axis names, and dots whose row has a name need no entry.
    """
    shown: list[tuple[str, str, str]] = []
    for mark in chart.marks:
        if (isinstance(mark, Rule) and mark.value == 0.0) or (isinstance(mark, Dots) and chart.horizontal):
            continue
        kind = type(mark).__name__.lower()
        name = "each member" if isinstance(mark, Line) and mark.role == "thin" else mark.name
        if (kind, mark.role, name) not in shown:
            shown.append((kind, mark.role, name))
    return shown if len(shown) > 1 or chart.horizontal else []


def _scale(span: Span, axis: Axis) -> str:
    """Both ends on the paper, the values there, the scale and a step worth writing: for the page's script."""
    return f"{span.start:g} {span.stop:g} {span.low!r} {span.high!r} {axis.scale.replace(' ', '-')} {span.step!r}"


def _horizontal_axis(chart: Chart, paper: Frame) -> Iterator[str]:
    base = paper.y.start
    if chart.x.scale == "time":
        places, names = time_ticks(paper.x.low, paper.x.high)
    else:
        places = number_ticks(paper.x.low, paper.x.high, whole=chart.x.whole)
        step = float(places[1] - places[0]) if len(places) > 1 else 1.0 if chart.x.whole else paper.x.step
        names = [written(float(place), chart.x.scale, step=step) for place in places]
    zero = int(np.argmin(np.abs(places))) if len(places) and chart.x.scale != "time" else 0
    for index, (place, name) in enumerate(zip(places, names, strict=True)):
        x = paper.x.place(float(place))
        minor = " minor" if len(places) > 3 and (index - zero) % 2 else ""  # on a phone only those beside are written
        if chart.horizontal:
            yield f'<line class="grid" x1="{x}" x2="{x}" y1="{paper.top:g}" y2="{base:g}"/>'
        at = min(x, WIDTH - HALF_CHARACTER * len(name))  # the last one must not reach over the border
        yield f'<text class="tick{minor}" x="{at:g}" y="{base + 19:g}" text-anchor="middle">{escape(name)}</text>'
    yield f'<line class="base" x1="{paper.x.start:g}" x2="{paper.x.stop:g}" y1="{base:g}" y2="{base:g}"/>'
    middle = WIDTH / 2.0 if chart.horizontal else (paper.x.start + paper.x.stop) / 2.0
    label = escape(chart.x.label)
    yield f'<text class="label" x="{middle:g}" y="{paper.height - 8:g}" text-anchor="middle">{label}</text>'


def _vertical_axis(chart: Chart, paper: Frame) -> Iterator[str]:
    for tick, name in zip(*y_names(paper.y.low, paper.y.high, chart.y), strict=True):
        y, left = paper.y.place(float(tick)), paper.x.start
        yield f'<line class="grid" x1="{left:g}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text class="tick" x="{left - 8:g}" y="{y + 4:.1f}" text-anchor="end">{escape(name)}</text>'
    yield f'<text class="label" x="2" y="16">{escape(chart.y.label)}</text>'


def _names(chart: Chart, paper: Frame) -> Iterator[str]:
    for index, name in enumerate(chart.y.categories):
        y = paper.y.place(float(index))
        shown = name if len(name) <= MAX_CHARACTERS else name[: MAX_CHARACTERS - 1] + "…"
        yield (
            f'<text class="name" x="{paper.x.start - 10:g}" y="{y + 4:.1f}" text-anchor="end">{escape(shown)}'
            f"<title>{escape(name)}</title></text>"
        )


def _drawn(mark: Mark, chart: Chart, paper: Frame) -> Iterator[str]:
    match mark:
        case Line():
            return _line(mark, paper)
        case Band():
            return _band(mark, paper)
        case Dots():
            return _dots(mark, chart, paper)
        case Columns():
            return _columns(mark, chart, paper)
        case Rule():
            return _rule(mark, paper)


def _points(x_K: np.ndarray, y_K: np.ndarray, paper: Frame) -> str:
    return " ".join(f"{paper.x.place(float(x)):g},{paper.y.place(float(y)):g}" for x, y in zip(x_K, y_K, strict=True))


def _line(mark: Line, paper: Frame) -> Iterator[str]:
    known_K = np.isfinite(mark.y_K)
    for run in np.split(np.arange(len(known_K)), np.flatnonzero(np.diff(known_K)) + 1):
        if known_K[run].all() and len(run) == 1:  # a line of one point would not be seen
            x, y = paper.x.place(float(mark.x_K[run[0]])), paper.y.place(float(mark.y_K[run[0]]))
            yield f'<circle class="point {mark.role}" cx="{x}" cy="{y}" r="4"/>'
        elif known_K[run].all():
            points = _points(mark.x_K[run], mark.y_K[run], paper)
            yield f'<polyline class="line {mark.role}" data-name="{escape(mark.name)}" points="{points}"/>'


def _band(mark: Band, paper: Frame) -> Iterator[str]:
    points = _points(np.r_[mark.x_K, mark.x_K[::-1]], np.r_[mark.high_K, mark.low_K[::-1]], paper)
    yield f'<polygon class="band {mark.role}" points="{points}"/>'


def _dots(mark: Dots, chart: Chart, paper: Frame) -> Iterator[str]:
    along = "x" if chart.horizontal else "y"
    for index in np.flatnonzero(np.isfinite(mark.x_K) & np.isfinite(mark.y_K)):
        x, y = paper.x.place(float(mark.x_K[index])), paper.y.place(float(mark.y_K[index]))
        yield f'<g class="dot {mark.role}"><title>{escape(_dot_title(mark, chart, paper, int(index)))}</title>'
        if mark.low_K is not None and mark.high_K is not None and np.isfinite(mark.low_K[index] + mark.high_K[index]):
            span = paper.x if along == "x" else paper.y
            ends = [span.place(float(end[index])) for end in (mark.low_K, mark.high_K)]
            if along == "x":
                yield f'<line x1="{ends[0]}" x2="{ends[1]}" y1="{y}" y2="{y}"/>'
            else:
                yield f'<line x1="{x}" x2="{x}" y1="{ends[0]}" y2="{ends[1]}"/>'
        yield f'<circle cx="{x}" cy="{y}" r="4.5"/></g>'


def _dot_title(mark: Dots, chart: Chart, paper: Frame, index: int) -> str:
    axis, span, values = (chart.x, paper.x, mark.x_K) if chart.horizontal else (chart.y, paper.y, mark.y_K)
    unit = " %" if "percent" in axis.scale else ""

    def text(value: float) -> str:
        return written(value, axis.scale, step=span.step) + unit

    if chart.horizontal:
        where = chart.y.categories[int(mark.y_K[index])]
    else:
        step = 1.0 if chart.x.whole else paper.x.step
        where = f"{mark.name} {written(float(mark.x_K[index]), chart.x.scale, step=step)}"
    label = f"{where}: {text(float(values[index]))}"
    if mark.low_K is None or mark.high_K is None or not np.isfinite(mark.low_K[index] + mark.high_K[index]):
        return label
    return f"{label} [{text(float(mark.low_K[index]))}, {text(float(mark.high_K[index]))}]"


def _columns(mark: Columns, chart: Chart, paper: Frame) -> Iterator[str]:
    zero = paper.y.place(0.0)
    for left, right, height in zip(mark.left_K, mark.right_K, mark.height_K, strict=True):
        if height == 0.0:
            continue
        x, top = paper.x.place(float(left)), paper.y.place(float(height))
        width = max(paper.x.place(float(right)) - x - 0.6, 0.6)
        ends = [written(float(end), chart.x.scale, step=paper.x.step) for end in (left, right)]
        unit = " %" if "percent" in chart.y.scale else ""
        label = f"{ends[0]} to {ends[1]}: {written(float(height), chart.y.scale, step=paper.y.step)}{unit}"
        yield (
            f'<rect class="column {mark.role}" x="{x}" y="{min(top, zero)}" width="{width:.1f}" '
            f'height="{abs(zero - top):.1f}"><title>{escape(label)}</title></rect>'
        )


def _rule(mark: Rule, paper: Frame) -> Iterator[str]:
    span = paper.x if mark.across == "x" else paper.y
    if not span.low <= mark.value <= span.high and not span.high <= mark.value <= span.low:
        return
    place = span.place(mark.value)
    if mark.across == "x":
        ends = f'x1="{place}" x2="{place}" y1="{paper.top - 6:g}" y2="{paper.y.start:g}"'
    else:
        ends = f'x1="{paper.x.start:g}" x2="{WIDTH - RIGHT}" y1="{place}" y2="{place}"'
    yield f'<line class="rule {mark.role}" {ends}><title>{escape(mark.name)}</title></line>'
