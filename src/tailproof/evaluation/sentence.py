"""The rule of the verdict, and the sentence that a run ends with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tailproof.core.verdict import (
    AuditBrief,
    BaselineResult,
    BoldestForecasts,
    CostResult,
    Interval,
    RankICEvidence,
    VerdictWord,
)
from tailproof.evaluation.baselines.baseline_forecasts import LAST_RETURN, REVERSAL
from tailproof.evaluation.baselines.stack import STACK
from tailproof.evaluation.boldest import too_often_right
from tailproof.evaluation.evidence import Evidence
from tailproof.evaluation.power import rows_needed

BELIEVABLE_IC = 0.05
"""An IC surely above this (by two standard errors) is suspicious: published next-bar results lie far below."""
DOUBTFUL_IC = 0.04
"""An IC surely above this is suspicious when a bar's delay surely takes away more than half of it."""
SURE = 2.0
MAX_FINDINGS = 2
"""The number of audit findings that the sentence names."""
LEVEL = 0.05
RIVALS = ("ridge", "LightGBM")
"""Baselines that the sentence names where they do as well."""


@dataclass(frozen=True, kw_only=True)
class Grounds:
    """Everything that the word and the sentence rest on."""

    ic: RankICEvidence
    mean_return: Interval
    """Correlation of the forecast's rank with the return itself."""
    next_open: Interval
    """Rank IC with the returns from the next open."""
    late: Interval
    """Rank IC one bar late."""
    skill: Interval
    """1 - loss / loss of the constant."""
    baselines: Mapping[str, BaselineResult]
    evidence: Evidence
    rows: int
    judged_on_validation: bool
    boldest: BoldestForecasts

    @property
    def last_return(self) -> BaselineResult | None:
        """The better of the fitted line and the plain reversal; None where neither stands beside the forecast."""
        known = [self.baselines[name] for name in (LAST_RETURN, REVERSAL) if name in self.baselines]
        return max(known, key=lambda each: -math.inf if math.isnan(each.rank_ic) else each.rank_ic, default=None)

    @property
    def believable(self) -> float:
        """The largest IC that is not suspicious for its size alone: what was declared before the run, if more."""
        return max(BELIEVABLE_IC, self.evidence.expected_ic or 0.0)

    @property
    def doubtful(self) -> float:
        """The largest IC that a bar's delay may take away without suspicion."""
        return max(DOUBTFUL_IC, self.evidence.expected_ic or 0.0)


def verdict_and_sentence(grounds: Grounds) -> tuple[VerdictWord, str]:
    """The word and the sentence.

    - ``suspicious``: the causality audit failed; or what would be skill is none without the features that read columns
      from the file, which nobody can audit; or the mean return surely moves with the forecast and either
      IC - 2 standard errors > 0.05, or IC - 2 standard errors > 0.04 and a bar's delay surely takes more than half of
      it away (the interval of the IC one bar late ends below IC / 2); or, whatever the IC, the boldest hundredth of
      the forecasts is right too often and one bar later is not (``evaluation/boldest.py``). What a leak gives away
      moves the mean too; where only the order moves, skewed shocks explain it. An IC that was declared before the run
      (``expected_ic``) takes the place of these bounds where it is larger.
    - ``skill``: the audit passed, p_placebo <= 0.05, the interval of the IC lies above zero, so does that of the mean
      return's correlation with the forecast (``mean_return``: where shocks are skewed, the order of returns moves with
      volatility and their mean does not), the interval of the IC less that of the last return reversed (the better of a
      fitted line and the plain sign; same resampled groups) lies above zero, and the rows did not also choose the best
      epoch.
    - ``no evidence``: everything else, with every condition that was not met.

    Forecasts that were made elsewhere need no audit, as there is nothing to audit, and their skill is stated under the
    condition that they were made before their time.
    """
    if math.isnan(grounds.ic.value):
        return "no evidence", "No evidence of skill: the forecast is the same for every row."
    suspicion = _suspicion(grounds)
    if suspicion is not None:
        return "suspicious", f"Suspicious: {suspicion}"
    unmet = _unmet(grounds)
    if unmet:
        return "no evidence", f"No evidence of skill: {_figure(grounds)}; {'; '.join(unmet)}."
    audit = grounds.evidence.audit
    doubt = _rests_on_the_file(audit)
    if doubt and not _skill_without(audit):
        return "suspicious", f"Suspicious: {_figure(grounds)}; {doubt}."
    worth = [*_worth(grounds), *([doubt] if doubt else [])]
    return "skill", f"{_claim(grounds.evidence)}: {_figure(grounds)}; {'; '.join(worth)}."


def _claim(evidence: Evidence) -> str:
    """Skill, with the condition that nobody can check where the forecasts came from outside."""
    return "Skill of these forecasts, if they were made before their time" if evidence.made_elsewhere else "Skill"


def _suspicion(grounds: Grounds) -> str | None:
    """Why the figures are not to be believed; None where nothing speaks against them."""
    ic, late, figure = grounds.ic, grounds.late, _figure(grounds)
    audit = grounds.evidence.audit
    if audit is not None and not audit.passed:
        return f"the causality audit failed ({_findings(audit)}); {figure} means nothing until it passes."
    # Too few sessions for an interval are no reason to trust an IC that no bars give.
    moves = math.isnan(grounds.mean_return.low) or grounds.mean_return.low > 0.0
    surely = ic.value - SURE * ic.standard_error
    if moves and surely > grounds.believable:
        return (
            f"{figure}. Few bars give an IC above {grounds.believable:g}: look first for a leak, for "
            "closes that bounce between bid and ask, or for skewed moves, whose median shifts with volatility. Where "
            "these bars do give so much, declare it before the run with the setting expect-ic."
        )
    if moves and surely > grounds.doubtful and late.high < ic.value / 2.0:
        return (
            f"{figure}, of which a bar's delay leaves {late.value:+.4f}. An IC surely above {grounds.doubtful:g} that "
            "is gone so soon is most often a leak of the next close, or closes that bounce between bid and ask. Where "
            "it is neither, declare it before the run with the setting expect-ic."
        )
    if too_often_right(grounds.boldest, expected_ic=grounds.evidence.expected_ic or 0.0):
        boldest = grounds.boldest
        return (
            f"{figure}. The boldest hundredth of the forecasts is right in {boldest.hit_rate:.0%} of {boldest.rows:,} "
            f"cases, and in {boldest.one_bar_late:.0%} one bar later: few are so sure of the next bar alone. Look "
            "for rows on which a feature or a column of the file knows the next close. Where these bars are so sure "
            "for a known reason, declare it before the run with the setting expect-ic."
        )
    return None


def _skill_without(audit: AuditBrief | None) -> bool:
    """Whether skill remains without the features that cannot be audited, or this has not been checked yet."""
    return audit is None or audit.without_unaudited is None or audit.without_unaudited.skill


def _rests_on_the_file(audit: AuditBrief | None) -> str:
    """The columns that unauditable features read, and the rank IC without them; empty where there are none."""
    if audit is None or not audit.unaudited:
        return ""
    names = [f"'{name}'" for name in audit.unaudited]
    columns = list(dict.fromkeys(column for read in audit.unaudited.values() for column in read))
    read, them = ("reads", "it") if len(names) == 1 else ("read", "them")
    what, these = ("a column", "it") if len(columns) == 1 else ("columns", "these")
    reads = (
        f"{', '.join(names)} {read} {what} that came with the file ({', '.join(columns)}), and nobody can audit what "
        f"{these} knew and when"
    )
    if audit.without_unaudited is None:
        return reads
    left = audit.without_unaudited.rank_ic
    if math.isnan(left.value):
        return f"{reads}: no other feature is left"
    return f"{reads}: without {them} the rank IC is {left.value:+.4f} ({left.low:+.4f} to {left.high:+.4f})"


def _figure(grounds: Grounds) -> str:
    ic = grounds.ic
    spread = f"95 % interval {ic.low:+.4f} to {ic.high:+.4f}"
    if math.isnan(ic.low):
        spread = f"standard error {ic.standard_error:.4f}"
    had = "" if math.isnan(grounds.next_open.value) else f", {grounds.next_open.value:+.4f} from the next open"
    return f"rank IC {ic.value:+.4f} ({spread}) on {grounds.rows:,} rows{had}, skill {grounds.skill.value:+.4%}"


def _findings(audit: AuditBrief) -> str:
    shown = "; ".join(note.rstrip(".") for note in audit.notes[:MAX_FINDINGS])
    more = len(audit.notes) - MAX_FINDINGS
    return (shown or "a feature changes when later bars change") + (f"; and {more} more" if more > 0 else "")


def _unmet(grounds: Grounds) -> list[str]:
    """The conditions of skill that do not hold, and what would change the answer."""
    evidence, unmet = grounds.evidence, []
    if evidence.audit is None and not evidence.made_elsewhere:
        unmet.append("no causality audit stands beside it")
    unmet += [*_placebos(grounds.ic), *_interval(grounds), *_known_effect(grounds)]
    if grounds.judged_on_validation:
        unmet.append("the best epoch was chosen on these same rows")
    return unmet


def _placebos(ic: RankICEvidence) -> list[str]:
    if ic.p_placebo is None:
        return ["no placebo stands beside it"]
    if ic.p_placebo <= LEVEL:
        return []
    better = sum(placebo >= ic.value for placebo in ic.placebos)
    reason = "placebos do as well" if better else "there are too few placebos"
    return [f"{reason} (p = {ic.p_placebo:.3g} of {len(ic.placebos)})"]


def _interval(grounds: Grounds) -> list[str]:
    """Whether the rank IC is surely above zero, and the mean return moves with the forecast."""
    ic, mean = grounds.ic, grounds.mean_return
    if math.isnan(ic.low):
        return ["there are too few sessions for an interval"]
    if ic.high < 0.0:
        return ["the interval lies wholly below zero: the forecast orders these rows the wrong way round"]
    if not ic.low > 0.0:
        needed = rows_needed(ic.value, ic.standard_error, rows=grounds.rows)
        more = (
            f" (an IC of this size takes {needed:,} rows to be found)"
            if ic.value > 0.0 and needed > grounds.rows
            else ""
        )
        return [f"nothing was found, the interval reaches zero{more}"]
    if not mean.low > 0.0:
        return [
            "it orders the returns, but earns nothing: their mean does not surely move with the forecast (correlation "
            f"{mean.value:+.4f}, 95 % interval {mean.low:+.4f} to {mean.high:+.4f})"
        ]
    return []


def _known_effect(grounds: Grounds) -> list[str]:
    """Whether the last return, reversed, does as well: a known effect where it surely knows something itself."""
    last = grounds.last_return
    if last is None:
        return ["no baseline stands beside it"]
    difference = last.rank_ic_difference
    if difference.low > 0.0:
        return []
    clause = f"it is not surely better than the last return reversed (difference {difference.value:+.4f})"
    known = grounds.ic.low > 0.0 and last.rank_ic > SURE * grounds.ic.standard_error
    return [f"a known effect and no more: {clause}" if known else clause]


def _worth(grounds: Grounds) -> list[str]:
    """Clauses on a forecast with skill: what it beats, what does as well, how long it lasts and whether it pays."""
    ic, late = grounds.ic, grounds.late
    assert grounds.last_return is not None, "skill asks for it"
    more = grounds.last_return.rank_ic_difference
    beaten = "the same forecasts at other times" if grounds.evidence.made_elsewhere else "the placebos"
    worth = [
        f"better than {beaten} (p = {ic.p_placebo:.3g} of {len(ic.placebos)}) and by {more.value:+.4f} "
        f"({more.low:+.4f} to {more.high:+.4f}) than the last return reversed"
    ]
    worth += [_rival(name, grounds.baselines[name]) for name in RIVALS if name in grounds.baselines]
    if STACK in grounds.baselines:  # it holds the network, so that only a stack that is surely better says anything
        worth.append(_surely_better(STACK, grounds.baselines[STACK]))
    if not grounds.skill.value > 0.0:
        worth.append("its loss is not below the constant's")
    if not late.low > 0.0:
        worth.append(f"a bar late it is not surely there any more ({late.value:+.4f})")
    if grounds.evidence.costs is not None and not math.isnan(grounds.evidence.costs.break_even_bp):
        worth.append(_pay(grounds.evidence.costs))
    if grounds.evidence.trained_on_later_rows:
        worth.append("folds trained on later rows too, so nobody could have earned it")
    return [each for each in worth if each]


def _rival(name: str, rival: BaselineResult) -> str:
    """The clause on a baseline that does as well or better; empty for one that is surely worse."""
    if better := _surely_better(name, rival):
        return better
    if not rival.rank_ic_difference.low > 0.0:
        return f"{name} does as well ({rival.rank_ic:+.4f})"
    return ""


def _surely_better(name: str, rival: BaselineResult) -> str:
    """The clause on a baseline that is surely better; empty for any other."""
    better = " and ".join(
        what
        for what, surely in (("rank IC", rival.rank_ic_difference.high < 0.0), ("loss", rival.skill.high < 0.0))
        if surely
    )
    return f"{name} has surely the better {better} ({rival.rank_ic:+.4f})" if better else ""


def _pay(costs: CostResult) -> str:
    """Whether it pays, what it is compared with, and what a one-sided rule mostly does."""
    one_sided = f", {costs.one_sided}" if costs.one_sided else ""
    return f"{_pays(costs)}{one_sided}: {_even(costs)}"


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
