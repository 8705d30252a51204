"""What training gives back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tailproof import report
from tailproof.core.fit import Fit
from tailproof.core.verdict import Verdict

if TYPE_CHECKING:
    from tailproof.report.plots import RunPlots


@dataclass(frozen=True, kw_only=True)
class Run:
    """A finished training run."""

    folder: Path
    verdict: Verdict
    fit: Fit
    """Of the shipped members."""

    @property
    def plot(self) -> RunPlots:
        """The figures of the report as plotly figures: ``run.plot.deciles()``, ``run.plot.names()``."""
        return report.run_plots(self.folder)

    def _repr_html_(self) -> str:
        return report.summary_html(self.folder)
