"""Axes, ticks and SVG."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.small_run import HOSTILE

from tailproof.arrays.times import DAY_NS
from tailproof.report.drawing.axis_ticks import number_ticks, time_ticks, written
from tailproof.report.drawing.svg import draw, legend
from tailproof.report.figures.chart import Axis, Band, Chart, Columns, Dots, Line, Rule


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_few_even_and_inside(low: float, width: float) -> None:
    ticks = number_ticks(low, low + width)
    assert 2 <= len(ticks) <= 7
    assert ticks[0] >= low - 1e-6 * width
    assert ticks[-1] <= low + width * (1 + 1e-6)
    assert np.allclose(np.diff(ticks), ticks[1] - ticks[0], rtol=1e-4)


@pytest.mark.parametrize("days", [2, 10, 40, 300, 1000, 4000, 20_000])
def test_time_ticks_lie_inside_and_differ(days: int) -> None:
    start = 500.25 * DAY_NS
    places, names = time_ticks(start, start + days * DAY_NS)
    assert 1 <= len(places) <= 7
    assert len(set(names)) == len(names)
    assert ((places >= start) & (places <= start + days * DAY_NS)).all()


def test_written_values() -> None:
    assert written(0.0000004, "signed", step=0.01) == "0.00"
    assert written(-0.0000004, "number", step=0.01) == "0.00"
    assert written(-0.025, "signed", step=0.025) == "−0.025"
    assert written(float("nan"), "number", step=1.0) == "–"
    assert written(0.0, "time", step=1.0) == "1970-01-01 00:00"


def chart(*marks: object, **more: object) -> Chart:
    values = {"x": Axis(label="x"), "y": Axis(label="y"), **more}
    return Chart(key="k", title="T", reading="R.", limits="L.", marks=marks, **values)  # type: ignore[arg-type]


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_every_mark_is_drawn_and_nan_breaks_a_line() -> None:
    x_K = np.arange(5.0)
    y_K = np.array([1.0, 2.0, np.nan, 1.0, 3.0])
    root = parse(
        draw(
            chart(
                Line(name="l", x_K=x_K, y_K=y_K),
                Band(name="b", x_K=x_K, low_K=x_K, high_K=x_K + 1),
                Dots(name="d", x_K=x_K, y_K=y_K, low_K=y_K - 1, high_K=y_K + 1),
                Columns(name="c", left_K=x_K, right_K=x_K + 1, height_K=np.array([1.0, 0.0, -2.0, 1.0, 1.0])),
                Rule(name="r", value=2.0),
            )
        )
    )
    count = {tag: len(root.findall(f".//{tag}")) for tag in ("polyline", "polygon", "circle", "rect")}
    assert count == {"polyline": 2, "polygon": 1, "circle": 4, "rect": 4}
    assert root.find(".//line[@class='rule beside']") is not None


def test_a_dot_says_its_value_and_interval() -> None:
    dots = Dots(
        name="hour", x_K=np.array([3.0, 4.0]), y_K=np.array([0.5, 1.0]), low_K=np.zeros(2), high_K=np.array([1.0, 2.0])
    )
    root = parse(draw(chart(dots, x=Axis(label="hour", whole=True), y=Axis(label="rank IC", scale="signed"))))
    assert [title.text for title in root.findall(".//title")] == [
        "hour 3: +0.500 [0.000, +1.000]",
        "hour 4: +1.000 [0.000, +2.000]",
    ]


def test_hostile_names_are_text() -> None:
    names = Axis(label="", scale="category", categories=(HOSTILE,))
    root = parse(draw(chart(Dots(name=HOSTILE, x_K=np.ones(1), y_K=np.zeros(1)), y=names)))
    assert root.find(".//img") is None
    assert HOSTILE in "".join(root.itertext())


@pytest.mark.parametrize("value", [0.0, 5.0, -1e-12, 1e9])
def test_a_single_value_is_drawn_inside_the_paper(value: float) -> None:
    svg = draw(chart(Dots(name="d", x_K=np.ones(1), y_K=np.full(1, value))))
    assert "nan" not in svg
    x, y = (float(re.search(rf'{name}="([^"]+)"', svg)[1]) for name in ("cx", "cy"))  # type: ignore[index]
    assert 0.0 < x < 520.0
    assert 0.0 < y < 300.0


def test_members_are_named_once_in_the_legend() -> None:
    x_K = np.arange(2.0)
    thin = [Line(name=f"member {index}", x_K=x_K, y_K=x_K, role="thin") for index in range(3)]
    shown = legend(chart(*thin, Line(name="mean", x_K=x_K, y_K=x_K)))
    assert [name for _, _, name in shown] == ["each member", "mean"]
    assert legend(chart(thin[0])) == []
