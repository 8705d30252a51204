"""The cost of a trade, and when one is made."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tailproof.settings.section import Effect, SettingsSection


class CostSettings(SettingsSection):
    """The cost of a trade, and when one is made."""

    half_spread: float = Field(
        0.3, ge=0.0, description="Half the spread, paid per side: half a tick of ES at 4,000 = 0.3 bp."
    )
    fee: float = Field(0.1, ge=0.0, description="Commission per side: 2 dollars per ES contract are 0.1 bp.")
    cost_unit: Literal["bp", "ticks"] = Field("bp", description="Unit of half-spread and fee: basis points or ticks.")
    tick: float = Field(0.25, gt=0.0, description="Price of one tick, for costs in ticks.")
    multiplier: Annotated[float, Effect.SCALE] = Field(
        1.0, gt=0.0, description="Money per point of price and contract: 50 for ES."
    )
    band: float = Field(0.0, ge=0.0, description="Predicted returns within this of zero change no position.")
    bars_late: int = Field(0, ge=0, description="Bars after the next bar's open at which orders are filled.")
