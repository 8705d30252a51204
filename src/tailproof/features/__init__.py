"""Stage 2, Bars → features: every feature of a row uses only what was known when the row's bar closed."""

from tailproof.features.catalogue import CATALOGUE, PRESETS
from tailproof.features.clock import CLOCK_COLUMNS
from tailproof.features.compute import compute, feature_values
from tailproof.features.feature import Feature
from tailproof.features.incremental import history_needed, latest
from tailproof.features.own import given_features, is_own, own_features
from tailproof.features.select_features import MissingColumnError, leave_out_seldom_known, select_features
from tailproof.features.windows import columns_read_by, shared_expression

__all__ = [
    "CATALOGUE",
    "CLOCK_COLUMNS",
    "PRESETS",
    "Feature",
    "MissingColumnError",
    "columns_read_by",
    "compute",
    "feature_values",
    "given_features",
    "history_needed",
    "is_own",
    "latest",
    "leave_out_seldom_known",
    "own_features",
    "select_features",
    "shared_expression",
]
