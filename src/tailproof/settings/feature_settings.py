"""Which features a network sees."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from tailproof.settings.section import SettingsSection


class FeatureSettings(SettingsSection):
    """Which features a network sees.

    >>> FeatureSettings().names
    ('default',)
    """

    names: Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        ("default",),
        alias="features",
        description="Presets (original, default, wide), names of features, patterns such as 'nq:*', or NAME.txt with "
        "one per line.",
    )
    feature_file: Path | None = Field(None, description="Python file with features of your own: see docs/features.md.")
