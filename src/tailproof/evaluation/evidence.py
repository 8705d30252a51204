"""The evidence beside a forecast when it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tailproof.core.verdict import AuditBrief, CostResult, Trials


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything that was forecast or found beside the network's own forecast; all of it may be missing."""

    baselines: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Forecasts of the same rows in the same units, by name."""
    unshrunk_N: np.ndarray | None = None
    """The forecasts before they were drawn toward the constant; None where none was."""
    placebo_rank_ics: tuple[float, ...] = ()
    """Pooled rank IC of each placebo's forecast with the placebo's own returns."""
    member_rank_ics: tuple[float, ...] = ()
    """Pooled rank IC of each network of the population on its own."""
    path_rank_ics: tuple[float, ...] = ()
    """Pooled rank IC of each backtest path of a combinatorial split on its own."""
    trained_on_later_rows: bool = False
    """Whether folds also trained on rows that come after their test rows."""
    fold_N: np.ndarray | None = None
    """Number of the fold that forecast each row; None for a single fold."""
    expected_ic: float | None = None
    """The rank IC declared before the run to be honest for these bars (setting ``expect-ic``)."""
    made_elsewhere: bool = False
    """Whether the forecasts came from outside, so that nothing is known of how and when they were made. Placebos are
    then the same forecasts, shifted against the returns."""
    returns_ahead: Mapping[int, np.ndarray] = field(default_factory=dict)
    """Return of each row over so many bars, NaN where it is not known (``evaluation/horizons.py``)."""
    horizon: int = 1
    """Rows that a label spans."""
    audit: AuditBrief | None = None
    costs: CostResult | None = None
    trials: Trials | None = None
    notes: tuple[str, ...] = ()
    """Sentences for the reader of the verdict."""
