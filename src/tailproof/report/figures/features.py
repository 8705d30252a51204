"""What the forecast leans on, and how far the features have moved since training."""

from __future__ import annotations

from typing import Any

import numpy as np

from tailproof.report.figures.chart import Axis, Chart, Dots, Rule
from tailproof.report.findings import number


def importance_chart(importance: list[dict[str, Any]]) -> Chart | None:
    """Rank IC lost when a feature is shuffled; each has ``name``, ``value``, ``low`` and ``high``."""
    if not importance:
        return None
    ranked = sorted(importance, key=lambda each: -number(each["value"]))
    return Chart(
        key="importance",
        title="What the forecast leans on",
        reading="Rank IC on the test rows lost when one feature's values are shuffled among rows, with 95 % intervals "
        "over repeated shuffles; far to the right matters most.",
        limits="Features that say the same thing cover for each other and look unimportant; it is no cause.",
        x=Axis(label="rank IC lost", scale="signed"),
        y=Axis(label="", scale="category", categories=tuple(str(each["name"]) for each in ranked)),
        marks=(
            Rule(name="nothing lost", value=0.0, across="x"),
            Dots(
                name="feature",
                x_K=np.array([number(each["value"]) for each in ranked]),
                y_K=np.arange(float(len(ranked))),
                low_K=np.array([number(each["low"]) for each in ranked]),
                high_K=np.array([number(each["high"]) for each in ranked]),
            ),
        ),
    )


def drift_chart(drift: list[dict[str, Any]]) -> Chart | None:
    """How far later rows of each feature have moved; each has ``name`` and ``stability_index``."""
    known = sorted(((str(each["name"]), number(each["stability_index"])) for each in drift), key=lambda each: -each[1])
    if not known:
        return None
    return Chart(
        key="drift",
        title="How far the features have moved",
        reading="Population stability index of the test rows (of the shipped window: its validation rows) against the "
        "training rows, over ten bins; below 0.1 is "
        "still, above 0.25 is a shift.",
        limits="A feature can keep its distribution and change its meaning, which this does not see.",
        x=Axis(label="population stability index", low=0.0),
        y=Axis(label="", scale="category", categories=tuple(name for name, _ in known)),
        marks=(
            Rule(name="a shift (0.25)", value=0.25, across="x", role="other"),
            Dots(name="feature", x_K=np.array([value for _, value in known]), y_K=np.arange(float(len(known)))),
        ),
    )
