"""The content of verdict.json in any of its versions: figures that are missing stay missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tailproof.core.estimate import ABSENT, NORMAL_95, Estimate


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A simple forecaster on the same rows."""

    name: str
    loss: float
    rank_ic: float
    hit_rate: float
    skill: Estimate
    """1 - loss of the network / loss of the baseline."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The verdict's word, sentence and figures."""

    word: str
    sentence: str
    rank_ic: Estimate
    interval_from: str
    """Where the interval comes from, in words."""
    placebos: tuple[float, ...]
    p_placebo: float
    skill_vs_constant: Estimate
    baselines: tuple[Baseline, ...]
    minimum_detectable_ic: float
    model: dict[str, Any]
    constant: dict[str, Any]
    rows: int


def findings(verdict: dict[str, Any]) -> Findings:
    """Read a verdict.

    The rank IC and its interval are those of ``rank_ic`` where the run computed a bootstrap, else the pooled value and
    1.96 of its standard errors.

    >>> found = findings({"verdict": "no evidence", "sentence": "No.", "rank_ic": {"value": 0.01, "low": -0.01}})
    >>> found.rank_ic.value, found.rank_ic.bounded
    (0.01, False)
    """
    model = _mapping(verdict.get("model"))
    rank_ic, interval_from = _rank_ic(verdict, model)
    evidence = _mapping(verdict.get("rank_ic"))
    statistics = _mapping(verdict.get("statistics"))
    skill = estimate(statistics.get("skill_vs_constant"))
    return Findings(
        word=str(verdict.get("verdict", "")),
        sentence=str(verdict.get("sentence", "")),
        rank_ic=rank_ic,
        interval_from=interval_from,
        placebos=tuple(number(value) for value in evidence.get("placebos", ())),
        p_placebo=number(evidence.get("p_placebo")),
        skill_vs_constant=skill if skill.known else estimate(verdict.get("skill_vs_constant")),
        baselines=tuple(
            _baseline(name, _mapping(value))
            for name, value in _mapping(verdict.get("baselines")).items()
            if name != "constant"  # it stands beside every figure anyway
        ),
        minimum_detectable_ic=number(verdict.get("minimum_detectable_ic")),
        model=model,
        constant=_mapping(verdict.get("constant")),
        rows=int(model.get("rows", 0)),
    )


def estimate(value: Any) -> Estimate:
    """A figure that was written as a number or as value, low and high."""
    if isinstance(value, dict):
        return Estimate(value=number(value.get("value")), low=number(value.get("low")), high=number(value.get("high")))
    return Estimate(value=number(value))


def number(value: Any) -> float:
    """A float; NaN where JSON holds null or anything else that is not a number, or is too large for a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ABSENT
    try:
        return float(value)
    except OverflowError:
        return ABSENT


def _rank_ic(verdict: dict[str, Any], model: dict[str, Any]) -> tuple[Estimate, str]:
    if isinstance(verdict.get("rank_ic"), dict):
        return estimate(verdict["rank_ic"]), "is its 95 % interval by bootstrap over sessions (months of daily bars)"
    pooled = _mapping(model.get("rank_ic"))
    value, error = number(pooled.get("pooled")), number(pooled.get("standard_error"))
    bounds = Estimate(value=value, low=value - NORMAL_95 * error, high=value + NORMAL_95 * error)
    return bounds, "reaches 1.96 standard errors to each side, a 95 % interval"


def _baseline(name: str, values: dict[str, Any]) -> Baseline:
    return Baseline(
        name=name,
        loss=number(values.get("loss")),
        rank_ic=estimate(values.get("rank_ic")).value,
        hit_rate=number(values.get("hit_rate")),
        skill=estimate(values.get("skill")),
    )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
