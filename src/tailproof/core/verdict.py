"""What a run is worth: figures, each beside the constant's, and one sentence."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

VerdictWord = Literal["no evidence", "unproven", "suspicious"]


@dataclass(frozen=True, kw_only=True)
class RankIC:
    """Pooled over all rows, and by group of rows (trading sessions, or months of daily bars)."""

    pooled: float
    """NaN where the forecast or the return does not vary."""
    standard_error: float
    """Of the pooled value: from the spread over groups where there are at least 10, else 1 / sqrt(rows - 1)."""
    mean_by_group: float
    t_by_group: float
    groups: int
    share_above_zero: float


@dataclass(frozen=True, kw_only=True)
class HitRate:
    """Over the rows whose return is not exactly zero."""

    hit_rate: float
    base_rate: float
    """Share of the more frequent direction: what always saying that direction would have hit."""
    rows: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How a forecast did on some rows; losses are means over the rows."""

    rows: int
    loss: float
    mae: float
    rank_ic: RankIC | None
    """None for a constant, whose ranks are all equal."""
    hit_rate: HitRate


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the run is worth: ``no evidence``, ``unproven`` or ``suspicious``, and why in one sentence."""

    verdict: VerdictWord
    sentence: str
    skill_vs_constant: float
    """1 - loss / loss of the constant fitted on the training rows."""
    model: Figures
    constant: Figures
    constant_prediction: float
    judged_on_validation: bool

    def as_json(self) -> dict[str, Any]:
        """Plain types; NaN becomes None, which JSON can hold."""
        plain: dict[str, Any] = _without_nan(asdict(self))
        return plain


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
