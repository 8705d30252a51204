"""The sampled causality audit at the start of every training run, and the lines that it prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from tailproof.audit import Audit, audit_training, refuse_leaks
from tailproof.audit.fitted import FitStatistics
from tailproof.audit.sampled import SAMPLED
from tailproof.bars import Merged
from tailproof.core.events import LogLine, headed, texts
from tailproof.core.randomness import generator
from tailproof.core.records import Bars, Design
from tailproof.features import Feature
from tailproof.tasks import Task
from tailproof.walkforward import Plan, part_of


def audit_run(
    bars: Bars,
    features: Sequence[Feature],
    design: Design,
    plan: Plan,
    *,
    fit: FitStatistics,
    task: Task,
    horizon: int,
    on_leak: Literal["stop", "warn", "off"],
    seed: int,
    merged: Sequence[Merged],
    fixed_label: bool = False,
) -> Audit | None:
    """The audit of everything that training rests on; a leak stops the run unless ``on_leak`` allows it.

    Args:
        bars: the bars, with all series merged into them.
        features: all that the design holds.
        design: rows of features and returns.
        plan: its first fold is audited.
        fit: fits all statistics of a fold.
        task: the forecasting task.
        horizon: bars that a label spans.
        on_leak: the effect of a leak; ``off`` looks for none and returns None.
        seed: of the rows and cuts that are drawn.
        merged: how the series were merged into the bars.
        fixed_label: whether the label is values that were given: that they end later than their bars is all that can
            be seen of them.

    Raises:
        LeakError: something knows the future.
    """
    if on_leak == "off":
        return None

    part = part_of(design, plan.folds[0])
    audit = audit_training(
        bars,
        features,
        partial(task.label, horizon=horizon),
        part.design,
        part.fold,
        fit,
        horizon=horizon,
        random=generator(seed, "audit"),
        effort=replace(SAMPLED, labels=0) if fixed_label else SAMPLED,
        merged=merged,
    )
    if on_leak == "stop":
        refuse_leaks(audit)
    return audit


def audit_lines(audit: Audit | None) -> list[LogLine]:
    """The lines for the screen and the log."""
    if audit is None:
        return texts(["Causality audit: switched off, so no verdict of skill can be reached."])
    if not audit.passed:
        return texts([*audit.lines(), "Warning: the run continues all the same, to the verdict 'suspicious'."])
    return headed(audit.lines())
