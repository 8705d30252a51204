"""Which features a network sees."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator

from tailproof.settings.section import SettingsSection


class FeatureSettings(SettingsSection):
    """Which features a network sees.

    >>> FeatureSettings().names
    ('default',)
    >>> FeatureSettings(features="rsi_14, nq:lead_1").names
    ('rsi_14', 'nq:lead_1')
    """

    names: Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        ("default",),
        alias="features",
        description="Presets (original, default, wide), names of features, patterns such as 'nq:*', or NAME.txt with "
        "one per line.",
    )
    feature_file: Path | None = Field(None, description="Python file with features of your own: see docs/features.md.")

    @field_validator("names", mode="before")
    @classmethod
    def _parted(cls, names: Any) -> Any:
        """One text as a tuple; names with commas between them are as many names."""
        if not isinstance(names, str | list | tuple):
            return names
        texts = [names] if isinstance(names, str) else names
        if not all(isinstance(text, str) for text in texts):
            return names
        return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())
