"""Choosing features on training rows: what each says alone, beside the others, to the network, and over time."""

from tailproof.selecting.drift import Drift, drift_by_month, drift_lines, drift_of_run
from tailproof.selecting.outcome import features_list, table_rows
from tailproof.selecting.study import Study, study_features

__all__ = [
    "Drift",
    "Study",
    "drift_by_month",
    "drift_lines",
    "drift_of_run",
    "features_list",
    "study_features",
    "table_rows",
]
