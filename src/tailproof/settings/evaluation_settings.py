"""The comparisons of the forecasts, and the audit before training."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from tailproof.settings.section import SettingsSection


class EvaluationSettings(SettingsSection):
    """The comparisons of the forecasts, and the audit before training."""

    placebos: int = Field(
        19, ge=0, description="Times the whole run is repeated on shifted targets, to measure luck; 0 = none."
    )
    audit: Literal["stop", "warn", "off"] = Field(
        "stop",
        description="Effect of a leak found before training: stop the run, or continue to the verdict suspicious; "
        "off = not looked for, and no verdict of skill.",
    )
    expect_ic: float | None = Field(
        None,
        gt=0.0,
        lt=1.0,
        description="Rank IC that you expect of these bars for a reason: one up to it is not called suspicious for its "
        "size alone. It is kept in the ledger.",
    )
    baselines: bool = Field(default=True, description="Also fit ridge, LightGBM and the last return on each fold.")
    ensemble: Literal["mean", "stack"] = Field(
        "mean",
        description="The mean forecast of the members; or, as a line of its own beside it, also a stack of the "
        "network, ridge and LightGBM, weighted on the validation rows of each fold.",
    )

    @model_validator(mode="after")
    def _stack_has_parts(self) -> EvaluationSettings:
        if self.ensemble == "stack" and not self.baselines:
            raise ValueError("ensemble=stack needs ridge and LightGBM, got baselines=false. Leave one of the two out")
        return self
