"""The top of the page: the verdict in words, and the few figures it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from tailproof.report.findings import Estimate, Findings, number
from tailproof.report.page.section import figure

Tone = Literal["for", "against", "nothing"]
TONES: dict[str, Tone] = {"skill": "for", "suspicious": "against"}
"""Any other word claims nothing, and looks so."""


@dataclass(frozen=True, kw_only=True)
class KeyFigure:
    """A figure, its name, and what stands beside it."""

    name: str
    value: str
    beside: str


@dataclass(frozen=True, kw_only=True)
class Head:
    """What the reader sees first."""

    word: str
    tone: Tone
    sentence: str
    key_figures: tuple[KeyFigure, ...]


def head(found: Findings, costs: dict[str, Any]) -> Head:
    """The top of the page for a verdict."""
    skill = found.skill_vs_constant
    every = (
        _key("rank IC", found.rank_ic.value, "+.4f", _bounds(found.rank_ic, "+.4f")),
        _key("p among placebos", found.p_placebo, ".2f", f"{len(found.placebos)} placebos"),
        _key("skill against the constant", skill.value, "+.4%", _bounds(skill, "+.4%")),
        _key("hit rate", number(found.model.get("hit_rate", {}).get("hit_rate")), ".2%", _base(found)),
        _key("break-even cost", number(costs.get("break_even_bp")), ".3f", "basis points a side"),
        _key("smallest IC to be found", found.minimum_detectable_ic, ".4f", "at 80 % power, with this many rows"),
        _key("test rows", float(found.rows), ",.0f", ""),
    )
    return Head(
        word=found.word,
        tone=TONES.get(found.word, "nothing"),
        sentence=found.sentence,
        key_figures=tuple(each for each in every if each is not None),
    )


def _key(name: str, value: float, form: str, beside: str) -> KeyFigure | None:
    return KeyFigure(name=name, value=figure(value, form).text, beside=beside) if math.isfinite(value) else None


def _bounds(each: Estimate, form: str) -> str:
    if not each.bounded:
        return ""
    return f"95 % interval {figure(each.low, form).text} to {figure(each.high, form).text}"


def _base(found: Findings) -> str:
    base = number(found.model.get("hit_rate", {}).get("base_rate"))
    return f"always one way: {base:.2%}" if math.isfinite(base) else ""
