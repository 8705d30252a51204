"""Which rows train, choose and test, and how one fold continues from the one before it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, field_validator

from tailproof.core.errors import ConfigError
from tailproof.settings.durations import bars_or_span
from tailproof.settings.section import SettingsSection


class SplitSettings(SettingsSection):
    """Which rows train, choose and test, and how one fold continues from the one before it.

    >>> SplitSettings(kind="holdout").first_train_fraction
    0.7
    """

    kind: Literal["walk-forward", "holdout", "combinatorial"] = Field(
        "walk-forward",
        alias="split",
        description="Train on the past and judge what follows, fold after fold; one split by time; or every choice of "
        "test-groups among groups, which trains on later rows too.",
    )
    folds: int = Field(5, ge=1, description="Tests of a walk-forward, one after the other in time.")
    unit: Literal["auto", "sessions", "months", "rows"] = Field(
        "auto",
        description="Unit that a walk-forward counts in; auto = sessions, months of daily bars, rows if those are few.",
    )
    refit_every: int = Field(
        0, ge=0, description="Units that each test of a walk-forward spans, however many that makes; 0 = folds decides."
    )
    warm_start: bool = Field(
        default=False, description="Each fold of a walk-forward starts from the members of the fold before it."
    )
    warm_epochs: int = Field(1, ge=1, description="Passes over its window of a fold that starts warm.")
    window: Literal["expanding", "rolling"] = Field(
        "expanding", description="A walk-forward fold trains on all rows before it, or on as many as the first fold."
    )
    train_fraction: float = Field(
        0.0, ge=0.0, lt=1.0, description="Share that trains before the first test; 0 = 0.5 in a walk-forward, 0.7 else."
    )
    validation_fraction: float = Field(
        0.1, ge=0.0, lt=1.0, description="Share that chooses the best epoch: of each window, or of all rows (holdout)."
    )
    groups: int = Field(6, ge=2, description="Stretches of time that a combinatorial split is made of.")
    test_groups: int = Field(2, ge=1, description="How many of them each combinatorial fold tests.")
    embargo: str = Field(
        "0",
        description="Gap between training and test beyond purging: bars, or a time such as 2h or 1d; in a "
        "combinatorial split also after each test.",
    )

    @field_validator("embargo", mode="before")
    @classmethod
    def _bars_or_time(cls, embargo: Any) -> str:
        text = str(embargo).strip()
        try:
            bars_or_span(text)
        except ConfigError as error:
            raise ValueError(str(error)) from error
        return text

    @property
    def embargo_span(self) -> int | timedelta:
        """``embargo`` as bars or as a time.

        >>> SplitSettings(embargo="2h").embargo_span, SplitSettings(embargo=5).embargo_span
        (datetime.timedelta(seconds=7200), 5)
        """
        return bars_or_span(self.embargo)

    @property
    def first_train_fraction(self) -> float:
        """``train_fraction``, or the share that suits the split."""
        return self.train_fraction or (0.7 if self.kind == "holdout" else 0.5)
