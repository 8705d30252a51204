"""The top of the page: the verdict in words, and the few figures it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from tailproof.core.estimate import Estimate
from tailproof.report.findings import Findings, number
from tailproof.report.page.page_section import bounds, figure

Tone = Literal["for", "against", "nothing"]
TONES: dict[str, Tone] = {"skill": "for", "suspicious": "against"}
"""Any other word claims nothing, and looks so."""


FEW_CONTRACTS = 30.0
"""A rule that traded fewer was mostly holding, and its break-even cost says little."""


@dataclass(frozen=True, kw_only=True)
class KeyFigure:
    """A figure, its name, and what stands beside it."""

    name: str
    value: str
    beside: str


@dataclass(frozen=True, kw_only=True)
class PageHead:
    """The part that the reader sees first."""

    word: str
    tone: Tone
    claim: str
    """The verdict in a few words, such as ``No evidence of skill``."""
    grounds: str
    """The evidence for it, in a sentence."""
    key_figures: tuple[KeyFigure, ...]


def head(figures: Findings, costs: dict[str, Any]) -> PageHead:
    """The top of the page for a verdict."""
    skill = figures.skill_vs_constant
    every = (
        _key("rank IC", figures.rank_ic.value, "+.4f", _bounds(figures.rank_ic, "+.4f")),
        _key("p among placebos", figures.p_placebo, ".2f", _placebos(figures)),
        _key("skill over the constant", skill.value, "+.4%", _bounds(skill, "+.3%")),
        _key("hit rate", number(figures.model.get("hit_rate", {}).get("hit_rate")), ".2%", _base(figures)),
        _break_even(costs),
        _key("detectable IC", figures.minimum_detectable_ic, ".4f", f"at 80 % power, on {figures.rows:,} test rows"),
    )
    claim, _, grounds = figures.sentence.partition(": ")
    return PageHead(
        word=figures.word,
        tone=TONES.get(figures.word, "nothing"),
        claim=claim.rstrip("."),
        grounds=grounds[:1].upper() + grounds[1:],
        key_figures=tuple(each for each in every if each is not None),
    )


def _key(name: str, value: float, form: str, beside: str, *, unit: str = "") -> KeyFigure | None:
    known = math.isfinite(value)
    return KeyFigure(name=name, value=figure(value, form, unit=unit).text, beside=beside) if known else None


def _bounds(each: Estimate, form: str) -> str:
    if not each.bounded:
        return "too few sessions for an interval"
    return f"{_unbroken('95 % interval')} {_unbroken(bounds(each, form).text)}"


def _placebos(figures: Findings) -> str:
    """How many there are, and whether the p-value is as small as so many allow."""
    count, least = f"{len(figures.placebos)} placebos", 1.0 / (len(figures.placebos) + 1)
    return f"{count}, the least that they allow" if figures.p_placebo <= least * (1.0 + 1e-9) else count


def _modelled(costs: dict[str, Any]) -> str:
    cost = number(costs.get("cost_bp"))
    return f"; modelled cost {_unbroken(f'{cost:.3g} bp')}" if math.isfinite(cost) else ""


def _break_even(costs: dict[str, Any]) -> KeyFigure | None:
    cost, modelled = number(costs.get("break_even_bp")), _modelled(costs)
    traded = number(costs.get("turnover_per_day")) * number(costs.get("days"))
    if cost <= 0.0:
        return KeyFigure(name="break-even cost", value="none", beside=f"loses before any cost{modelled}")
    few = f" from only {_unbroken(f'{traded:.0f} contracts')}" if traded < FEW_CONTRACTS else ""
    return _key("break-even cost", cost, ".3g", f"a side{few}{modelled}", unit=" bp")


def _unbroken(words: str) -> str:
    """With spaces at which no line breaks."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _base(figures: Findings) -> str:
    base = number(figures.model.get("hit_rate", {}).get("base_rate"))
    return f"always one way: {base:.2%}" if math.isfinite(base) else ""
