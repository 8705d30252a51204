"""The rule of the verdict, and the sentence that a run ends with."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tailproof.core.verdict import Audit, BaselineResult, CostResult, Interval, RankICEvidence, VerdictWord
from tailproof.evaluation.baselines.forecasts import LAST_RETURN
from tailproof.evaluation.evidence import Evidence

BELIEVABLE_IC = 0.05
"""An IC surely above this (by two standard errors) is suspicious: published next-bar results lie far below."""
DOUBTFUL_IC = 0.04
"""An IC surely above this is suspicious when a bar's delay surely takes away more than half of it."""
SURE = 2.0
MOST_FINDINGS = 2
"""Findings of an audit that the sentence names."""
LEVEL = 0.05
ONE_SIDED = 0.95
"""A rule with the same position on this share of the bars is named for what it is."""


def verdict_and_sentence(
    ic: RankICEvidence,
    baselines: Mapping[str, BaselineResult],
    evidence: Evidence,
    *,
    mean_return: Interval,
    late: Interval,
    rows: int,
    skill_vs_constant: float,
    judged_on_validation: bool,
) -> tuple[VerdictWord, str]:
    """The word and the sentence.

    - ``suspicious``: the causality audit failed; or what would be skill is none without the features that read columns
      from the file, which nobody can audit; or the mean return surely moves with the forecast and either
      IC - 2 standard errors > 0.05, or IC - 2 standard errors > 0.04 and a bar's delay surely takes more than half of
      it away (the interval of the IC one bar late ends below IC / 2). What a leak gives away moves the mean too; where
      only the order moves, skewed shocks explain it.
    - ``skill``: the audit passed, p_placebo <= 0.05, the interval of the IC lies above zero, so does that of the mean
      return's correlation with the forecast (``mean_return``: where shocks are skewed, the order of returns moves with
      volatility and their mean does not), the interval of the IC less that of the last-return baseline (same resampled
      groups) lies above zero, and the rows did not also choose the best epoch.
    - ``no evidence``: everything else, with every condition that was not met.
    """
    if math.isnan(ic.value):
        return "no evidence", "No evidence of skill: the forecast is the same for every row."
    figure = _figure(ic, rows, skill_vs_constant)
    if evidence.audit is not None and not evidence.audit.passed:
        return (
            "suspicious",
            f"Suspicious: the causality audit failed ({_findings(evidence.audit)}); {figure} means nothing until it "
            "passes.",
        )
    # Too few sessions for an interval are no reason to trust an IC that no bars give.
    moves = math.isnan(mean_return.low) or mean_return.low > 0.0
    if moves and ic.value - SURE * ic.standard_error > BELIEVABLE_IC:
        return "suspicious", (
            f"Suspicious: {figure}. Bars do not honestly give an IC above {BELIEVABLE_IC:g}; look first for a leak, "
            "or for closes that bounce between bid and ask."
        )
    if moves and ic.value - SURE * ic.standard_error > DOUBTFUL_IC and late.high < ic.value / 2.0:
        return "suspicious", (
            f"Suspicious: {figure}, of which a bar's delay leaves {late.value:+.4f}. An IC surely above "
            f"{DOUBTFUL_IC:g} that is gone so soon looks like a leak of the next close, or closes that bounce between "
            "bid and ask."
        )
    unmet = _unmet(ic, baselines, evidence, mean_return=mean_return, judged_on_validation=judged_on_validation)
    if unmet:
        return "no evidence", f"No evidence of skill: {figure}; {'; '.join(unmet)}."
    doubt = _rests_on_the_file(evidence.audit)
    if doubt and not _skill_without(evidence.audit):
        return "suspicious", f"Suspicious: {figure}; {doubt}."
    more = baselines[LAST_RETURN].rank_ic_difference
    return "skill", (
        f"Skill: {figure}; better than the placebos (p = {ic.p_placebo:.3g} of {len(ic.placebos)}) and by "
        f"{more.value:+.4f} ({more.low:+.4f} to {more.high:+.4f}) than the last return reversed"
        f"{_late(late)}{_pay(evidence)}{_later_rows(evidence)}{f'; {doubt}' if doubt else ''}."
    )


def _skill_without(audit: Audit | None) -> bool:
    """Whether skill is left without the features that cannot be audited, or has not been asked yet."""
    return audit is None or audit.without_unaudited is None or audit.without_unaudited.skill


def _rests_on_the_file(audit: Audit | None) -> str:
    """What the features that cannot be audited read, and the rank IC without them; empty where there are none."""
    if audit is None or not audit.unaudited:
        return ""
    names = ", ".join(f"'{name}'" for name in audit.unaudited)
    columns = ", ".join(dict.fromkeys(column for read in audit.unaudited.values() for column in read))
    said = f"{names} read columns that came with the file ({columns}), and nobody can audit what these knew and when"
    if audit.without_unaudited is None:
        return said
    left = audit.without_unaudited.rank_ic
    if math.isnan(left.value):
        return f"{said}: no other feature is left"
    return f"{said}: without them the rank IC is {left.value:+.4f} ({left.low:+.4f} to {left.high:+.4f})"


def _figure(ic: RankICEvidence, rows: int, skill: float) -> str:
    spread = f"95 % interval {ic.low:+.4f} to {ic.high:+.4f}"
    if math.isnan(ic.low):
        spread = f"standard error {ic.standard_error:.4f}"
    return f"rank IC {ic.value:+.4f} ({spread}) on {rows:,} rows, skill {skill:+.4%}"


def _findings(audit: Audit) -> str:
    shown = "; ".join(note.rstrip(".") for note in audit.notes[:MOST_FINDINGS])
    more = len(audit.notes) - MOST_FINDINGS
    return (shown or "a feature changes when later bars change") + (f"; and {more} more" if more > 0 else "")


def _unmet(
    ic: RankICEvidence,
    baselines: Mapping[str, BaselineResult],
    evidence: Evidence,
    *,
    mean_return: Interval,
    judged_on_validation: bool,
) -> list[str]:
    unmet = []
    if evidence.audit is None:
        unmet.append("no causality audit stands beside it")
    if ic.p_placebo is None:
        unmet.append("no placebo stands beside it")
    elif not ic.p_placebo <= LEVEL:
        better = sum(placebo >= ic.value for placebo in ic.placebos)
        told = "placebos do as well" if better else "there are too few placebos"
        unmet.append(f"{told} (p = {ic.p_placebo:.3g} of {len(ic.placebos)})")
    if math.isnan(ic.low):
        unmet.append("there are too few sessions for an interval")
    elif not ic.low > 0.0:
        unmet.append("the interval lies below zero" if ic.high < 0.0 else "the interval reaches zero")
    elif not mean_return.low > 0.0:
        unmet.append(
            "it orders the returns, but earns nothing: their mean does not surely move with the forecast (correlation "
            f"{mean_return.value:+.4f}, 95 % interval {mean_return.low:+.4f} to {mean_return.high:+.4f})"
        )
    if LAST_RETURN not in baselines:
        unmet.append("no baseline stands beside it")
    elif not baselines[LAST_RETURN].rank_ic_difference.low > 0.0:
        difference = baselines[LAST_RETURN].rank_ic_difference
        unmet.append(f"it is not surely better than the last return reversed (difference {difference.value:+.4f})")
    if judged_on_validation:
        unmet.append("the best epoch was chosen on these same rows")
    return unmet


def _late(late: Interval) -> str:
    return "" if late.low > 0.0 else f"; a bar late it is not surely there any more ({late.value:+.4f})"


def _later_rows(evidence: Evidence) -> str:
    return "; folds trained on later rows too, so nobody could have earned it" if evidence.trained_on_later_rows else ""


def _pay(evidence: Evidence) -> str:
    """Whether it pays, what it is compared with, and what a one-sided rule mostly does."""
    costs = evidence.costs
    if costs is None or math.isnan(costs.break_even_bp):
        return ""
    side = "long" if costs.share_long > costs.share_short else "short"
    share = max(costs.share_long, costs.share_short)
    one_sided = f", {side} on {share:.0%} of the bars" if share >= ONE_SIDED else ""
    return f"; {_pays(costs)}{one_sided}: {_even(costs)}"


def _pays(costs: CostResult) -> str:
    net = costs.net_interval
    if costs.pays:
        return f"it would pay, surely more than being {costs.constant} all the time"
    if costs.net <= 0.0:
        return "it would not pay"
    if not net.low > 0.0:
        return "it would not surely pay"
    return f"it would pay, but not surely more than being {costs.constant} all the time"


def _even(costs: CostResult) -> str:
    if costs.break_even_bp <= 0.0:
        return f"it loses before any cost, and trading costs {costs.cost_bp:.3f} bp a side"
    return f"it breaks even at {costs.break_even_bp:.3f} bp a side, and trading costs {costs.cost_bp:.3f} bp"
