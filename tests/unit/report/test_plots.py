from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from tests.support.small_run import HOSTILE, small_run

from tailproof.core.errors import ConfigError
from tailproof.report.figures.chart import Dots
from tailproof.report.figures.evidence_charts import baseline_chart
from tailproof.report.findings import findings
from tailproof.report.page.run_sections import sections
from tailproof.report.plots import RunPlots, summary_html
from tailproof.report.run_record import read_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_run(tmp_path_factory.mktemp("runs") / HOSTILE.replace("/", ""))


def test_every_figure_of_the_report_is_a_plotly_figure_too(run: Path) -> None:
    plots = RunPlots(run)
    assert len(plots.names()) > 10
    for name in plots.names():
        figure = plots.figure(name)
        assert isinstance(figure, go.Figure)
        assert len(figure.data) > 0
        assert figure.layout.title.text


def test_the_skill_chart_leaves_out_what_is_close_to_nothing_and_says_so() -> None:
    skills = {"ridge": 0.001, "reversal": 0.3}
    baselines = {name: {"skill": {"value": value}} for name, value in skills.items()}
    chart = baseline_chart(findings({"skill_vs_constant": 0.002, "baselines": baselines}))
    assert chart is not None
    assert chart.y.categories == ("constant", "ridge")
    assert "The reversal is left out" in chart.reading
    del baselines["reversal"]
    chart = baseline_chart(findings({"skill_vs_constant": 0.002, "baselines": baselines}))
    assert chart is not None
    assert "left out" not in chart.reading


def test_deciles_hold_the_numbers_of_the_page(run: Path) -> None:
    chart = next(chart for section in sections(read_run(run)) for chart in section.charts if chart.key == "deciles")
    dots = next(mark for mark in chart.marks if isinstance(mark, Dots))
    drawn = RunPlots(run).deciles().data[-1]
    np.testing.assert_array_equal(drawn.y, dots.y_K)
    assert dots.high_K is not None
    np.testing.assert_allclose(drawn.error_y.array, dots.high_K - dots.y_K)


def test_a_notebook_figure_says_how_to_read_it_and_names_its_lines(run: Path) -> None:
    annotations = [annotation.text for annotation in RunPlots(run).deciles().layout.annotations]
    assert any(text.startswith("mean of all rows") for text in annotations)
    reading = next(text for text in annotations if text.startswith("Each dot"))
    assert max(len(part) for part in reading.split("<br>")) < 110
    assert "<i>It shows returns before any cost" in reading


@pytest.mark.parametrize("name", ["calibration", "rank_ic", "loss", "equity"])
def test_figures_have_names_of_their_own(run: Path, name: str) -> None:
    assert len(getattr(RunPlots(run), name)().data) > 0


def test_a_figure_that_is_not_there(run: Path) -> None:
    with pytest.raises(ConfigError, match=r"no figure 'none'\. This run has: rank-ic"):
        RunPlots(run).figure("none")


def test_a_notebook_shows_the_verdict_and_escapes_the_folder(run: Path) -> None:
    html = summary_html(run)
    assert read_run(run).verdict["sentence"][:20] in html
    assert "<img" not in html
