"""Stage 9: the pages, figures and lines that a run shows to people."""

from tailproof.report.facts import run_facts
from tailproof.report.reporters import SILENT, Lines, Several, Unfailing
from tailproof.report.result_table import fold_lines, result_table
from tailproof.report.run_files import report_files, run_plots, summary_html
from tailproof.report.summary import bars_summary, data_summary, model_summary, target_summary
from tailproof.report.training_lines import TrainingLines, losses_of_epochs

__all__ = [
    "SILENT",
    "Lines",
    "Several",
    "TrainingLines",
    "Unfailing",
    "bars_summary",
    "data_summary",
    "fold_lines",
    "losses_of_epochs",
    "model_summary",
    "report_files",
    "result_table",
    "run_facts",
    "run_plots",
    "summary_html",
    "target_summary",
]
