"""Choosing features on training rows: what each says alone, beside the others, to the network, and over time."""

from tailproof.selection.outcome import features_list, table_rows
from tailproof.selection.study import Study, study_features

__all__ = [
    "Study",
    "features_list",
    "study_features",
    "table_rows",
]
