"""Figures of a finished run for Python users and notebooks, made from the same data as the report."""

from __future__ import annotations

from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from tailproof.core.errors import ConfigError
from tailproof.core.extras import extra
from tailproof.core.printable import printable
from tailproof.report.figures.chart import Chart
from tailproof.report.findings import findings
from tailproof.report.page.head import head
from tailproof.report.page.run_sections import sections
from tailproof.report.run_record import RunRecord, read_run

if TYPE_CHECKING:
    import plotly.graph_objects as go


class RunPlots:
    """The figures of a run folder, read when the first is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Names of the figures that this run has data for."""
        return list(self._charts)

    def figure(self, name: str) -> go.Figure:
        """One figure of the report by name.

        Raises:
            ConfigError: the run has no such figure, or plotly is not installed.
        """
        with extra("plots", needed_by="Run.plot"):
            from tailproof.report.drawing.plotly_figure import plotly_figure  # plotly takes a moment to import

        if name not in self._charts:
            raise ConfigError(f"{self._folder}: no figure '{name}'. This run has: {', '.join(self._charts)}.")
        return plotly_figure(self._charts[name])

    def deciles(self) -> go.Figure:
        """Realised return by tenth of the forecast."""
        return self.figure("deciles")

    def calibration(self) -> go.Figure:
        """Mean target against mean forecast."""
        return self.figure("calibration")

    def rank_ic(self) -> go.Figure:
        """The rank IC with its interval, among the placebos."""
        return self.figure("rank-ic")

    def loss(self) -> go.Figure:
        """Validation loss of every member beside the constant's."""
        return self.figure("validation-loss")

    def equity(self) -> go.Figure:
        """Running result, gross and net."""
        return self.figure("equity")

    @cached_property
    def _record(self) -> RunRecord:
        return read_run(self._folder)

    @cached_property
    def _charts(self) -> dict[str, Chart]:
        return {chart.key: chart for section in sections(self._record) for chart in section.charts}


def summary_html(folder: Path) -> str:
    """A run in a few lines of HTML, for notebooks; text is escaped."""
    record = read_run(folder)
    top = head(findings(record.verdict), record.verdict.get("costs") or {})
    rows = "".join(
        f"<tr><td>{escape(each.name)}</td><td><b>{escape(each.value)}</b></td><td>{escape(each.beside)}</td></tr>"
        for each in top.key_figures
    )
    headline = f"<p><b>{escape(top.claim)}.</b> {escape(top.grounds)}</p>"
    return f"{headline}<table>{rows}</table><p>{escape(printable(str(folder)))}</p>"
