"""How a network is trained."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tailproof.settings.section import SettingsSection


class OptimisationSettings(SettingsSection):
    """How a network is trained."""

    epochs: int = Field(3, ge=1, description="Passes over the training rows.")
    batch_size: int = Field(64, ge=1, description="Rows per step.")
    order_window: int = Field(
        0,
        ge=0,
        description="Consecutive rows shuffled at a time, for data larger than memory; 0 = all, or as many as take "
        "1 GiB where all features take more than 8 GiB.",
    )
    learning_rate: float = Field(4e-3, gt=0.0, description="Learning rate of AdamW at the end of the warm-up.")
    warmup_steps: int | None = Field(
        None,
        ge=0,
        description="Applied steps over which the learning rate rises from 0; by default 1000, or a third of a fold's "
        "steps where these are fewer than 3000.",
    )
    schedule: Literal["constant", "cosine"] = Field("cosine", description="Learning rate after the warm-up.")
    weight_decay: float = Field(1e-2, ge=0.0, description="Decoupled weight decay of AdamW.")
    huber_delta: float = Field(0.1, gt=0.0, description="Error beyond which the loss is linear.")
    max_grad_norm: float = Field(1.0, ge=0.0, description="Longer gradients are scaled down to this norm; 0 = never.")
    spike_limit: float = Field(
        8.0,
        ge=0.0,
        description="Skip steps whose loss or gradient norm lies more than this many robust standard deviations, of "
        "logarithms, above the steps before; 0 = never.",
    )
    average_epochs: int = Field(
        1,
        ge=1,
        description="Latest epochs whose weights are averaged, where the average does better on validation; 1 = never.",
    )
    shrink: bool = Field(
        default=True,
        description="Draw forecasts toward the constant: to 0.85 of their distance, and from there as far as the "
        "validation rows show.",
    )
    patience: int = Field(
        0, ge=0, description="Epochs without a better validation loss before stopping; 0 = never stop."
    )
