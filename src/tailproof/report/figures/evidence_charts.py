"""The figures of the verdict itself: rank IC among its placebos, skill beside each baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tailproof.core.estimate import Estimate
from tailproof.report.figures.chart import Axis, Chart, Dots, Mark, Rule
from tailproof.report.findings import Findings

ORDER_ALONE = "reversal"
"""This baseline orders rows and is not fitted to be close: beside its loss no other difference could be seen."""


def rank_ic_chart(figures: Findings) -> Chart | None:
    """The rank IC with its interval, among the placebos where there are any."""
    if not figures.rank_ic.known:
        return None
    names = ["this run"] + (["placebos"] if figures.placebos else [])
    marks: list[Mark] = [Rule(name="zero", value=0.0, across="x")]
    if math.isfinite(figures.minimum_detectable_ic):
        marks.append(
            Rule(
                name=f"smallest IC these rows would find, {figures.minimum_detectable_ic:.4f}",
                value=figures.minimum_detectable_ic,
                across="x",
                role="other",
            )
        )
    if figures.placebos:
        placebo_K = np.array(figures.placebos)
        marks.append(Dots(name="placebo", x_K=placebo_K, y_K=np.ones(len(placebo_K)), role="beside"))
    marks.append(horizontal_dots("this run", [figures.rank_ic]))
    bar = f"its bar {figures.interval_from}" if figures.rank_ic.bounded else "with too few sessions for an interval"
    reading = f"The dot is the rank IC on the test rows, {bar}; right of zero is better."
    limits = "An interval speaks of chance alone: a leak or bid-ask bounce gives a narrow interval too."
    if figures.placebos:
        reading += " Each grey dot is the same training on shifted targets, where nothing can be known."
    return Chart(
        key="rank-ic",
        title="Rank IC" + (" among placebos" if figures.placebos else " and its interval"),
        reading=reading,
        limits=limits,
        x=Axis(label="rank IC (Spearman correlation of forecast and return)", scale="signed"),
        y=Axis(label="", scale="category", categories=tuple(names)),
        marks=tuple(marks),
    )


def baseline_chart(figures: Findings) -> Chart | None:
    """Skill of the network against the constant and each baseline that is meant to be close to the target."""
    against = [("constant", figures.skill_vs_constant)]
    against += [(baseline.name, baseline.skill) for baseline in figures.baselines if baseline.name != ORDER_ALONE]
    left_out = any(baseline.name == ORDER_ALONE for baseline in figures.baselines)
    known = [(name, skill) for name, skill in against if skill.known]
    if not known:
        return None
    return Chart(
        key="baselines",
        title="Skill beside each baseline",
        reading="Each dot is 1 - loss of the network / loss of that baseline on the same rows; right of zero the "
        f"network was closer{', with 95 % intervals' if any(skill.bounded for _, skill in known) else ''}."
        + (f" The {ORDER_ALONE} is left out: it orders rows and is close to none." if left_out else ""),
        limits="A lower loss can be worth less than the cost of trading on it.",
        x=Axis(label="skill, % less loss than the baseline", scale="signed percent"),
        y=Axis(label="against", scale="category", categories=tuple(name for name, _ in known)),
        marks=(
            Rule(name="no better", value=0.0, across="x"),
            horizontal_dots("skill", [skill for _, skill in known]),
        ),
    )


def horizontal_dots(name: str, estimates: Sequence[Estimate]) -> Dots:
    """One dot per row, with its interval where it has one; an unknown estimate leaves its row empty."""
    return Dots(
        name=name,
        x_K=np.array([each.value for each in estimates]),
        y_K=np.arange(float(len(estimates))),
        low_K=np.array([each.low for each in estimates]),
        high_K=np.array([each.high for each in estimates]),
    )
