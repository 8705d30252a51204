"""The features that the forecast relies on, and how far they have moved since training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tailproof.report.figures.chart import Axis, Chart, Dots, Rule
from tailproof.report.findings import number

MAX_NAMES = 20
"""More features than this are not drawn; the table holds them all."""


def importance_chart(facts: dict[str, Any]) -> Chart | None:
    """Rank IC lost when a feature is permuted; ``importance`` has ``name``, ``value``, ``low``, ``high``."""
    importance = facts.get("importance", [])
    if not importance:
        return None
    ranked = sorted(importance, key=lambda each: -number(each["value"]))[:MAX_NAMES]
    sampled = facts.get("importance_of", {})
    bounded = any(np.isfinite([number(each["low"]), number(each["high"])]).all() for each in importance)
    part = (
        f" ({sampled['rows']:,} of {sampled['of']:,}, whole sessions)"
        if sampled and sampled["rows"] < sampled["of"]
        else ""
    )
    return Chart(
        key="importance",
        title="What the forecast leans on" + _first(ranked, importance),
        reading=f"Rank IC on the test rows{part} that is lost when one feature's values are swapped between sessions, "
        + ("with 95 % intervals by bootstrap over sessions" if bounded else "with too few of these for intervals")
        + "; far to the right matters most.",
        limits="Features that say the same cover for each other, and what repeats every session, such as the hour, is "
        "hardly changed by swapping: both look unimportant.",
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
    every = sorted(((str(each["name"]), number(each["stability_index"])) for each in drift), key=lambda each: -each[1])
    if not every:
        return None
    known = every[:MAX_NAMES]
    return Chart(
        key="drift",
        title="How far the features have moved" + _first(known, every),
        reading="Population stability index of the latest rows (the test, or what validates shipped members) against "
        "the training rows, over ten bins; below 0.1 is still, above 0.25 is a shift.",
        limits="A feature can keep its distribution and change its meaning, which this does not see.",
        x=Axis(label="population stability index", low=0.0),
        y=Axis(label="", scale="category", categories=tuple(name for name, _ in known)),
        marks=(
            Rule(name="a shift (0.25)", value=0.25, across="x", role="other"),
            Dots(name="feature", x_K=np.array([value for _, value in known]), y_K=np.arange(float(len(known)))),
        ),
    )


def _first(shown: Sequence[Any], every: Sequence[Any]) -> str:
    return f": the first {len(shown)} of {len(every)}" if len(shown) < len(every) else ""
