"""The shape of a network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tailproof.settings.section import SettingsSection


class NetworkSettings(SettingsSection):
    """The shape of a network."""

    hidden_dims: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1, max_length=1_000)] = Field(
        (64,), description="Width of each hidden layer."
    )
    residual_blocks: int = Field(
        0, ge=0, le=1_000, description="Pre-activation residual blocks after each hidden layer."
    )
    input_norm: Literal["none", "layer"] = Field(
        "none", description="LayerNorm over the scaled inputs; it hides how large a row is, so the default has none."
    )
    embedding: Literal["none", "piecewise-linear"] = Field(
        "none",
        description="What the layers get of each scaled input: its value, or one value for each of its bins, in which "
        "they can learn steps and humps.",
    )
    embedding_bins: int = Field(
        8, ge=2, le=64, description="Bins of each input, at most; they hold as many training rows each."
    )
    linear_path: bool = Field(
        default=True,
        description="Add a linear regression of the inputs, begun at ridge's, to what the hidden layers give.",
    )
    hidden_share: float | None = Field(
        None,
        gt=0.0,
        le=1.0,
        description="With a linear path, the share kept of what training changed; the rest is drawn back to the line. "
        "By default 0.3, or rows / (rows + 500,000) where a fold's training rows make that more.",
    )
    interactions: bool = Field(
        default=True,
        description="Add the products of two inputs that the training rows surely show, up to 16 of them.",
    )
    dropout_rate: float = Field(0.1, ge=0.0, lt=1.0, description="Share of hidden values zeroed in training.")

    @property
    def values_per_input(self) -> int:
        """Values that the layers get for each input, at most."""
        return 1 if self.embedding == "none" else self.embedding_bins
