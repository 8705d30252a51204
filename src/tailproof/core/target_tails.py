"""How far the training returns of a run reach, before and after the transform of its target."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Tails:
    """The range of some values, and the weight of their tails."""

    lowest: float
    highest: float
    excess_kurtosis: float


@dataclass(frozen=True, kw_only=True)
class TargetTails:
    """The training rows of a fold."""

    returns: Tails
    targets: Tails
    """The returns as they are learned."""
    zero_returns: float
    """Share of the rows whose return is zero."""
