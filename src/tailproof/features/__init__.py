"""Stage 2, Bars → features: every feature of a row uses only what was known when the row's bar closed."""

from tailproof.features.catalogue import CATALOGUE, PRESETS, select_features
from tailproof.features.compute import compute

__all__ = ["CATALOGUE", "PRESETS", "compute", "select_features"]
