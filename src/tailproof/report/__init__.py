"""Stage 9: what a run shows to people."""

from tailproof.report.progress import Progress, event_record
from tailproof.report.result import fold_line, result_table
from tailproof.report.summary import data_summary, model_summary, target_summary

__all__ = ["Progress", "data_summary", "event_record", "fold_line", "model_summary", "result_table", "target_summary"]
