"""What stands in a report, and that nothing stands there that the run folder does not hold."""

import json
import os
import random
import re
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.support.small_run import HOSTILE, small_run

from tailproof.core.errors import RunFolderError
from tailproof.core.printable import printable
from tailproof.prediction import read_trained
from tailproof.report import reporting
from tailproof.report.page.page_section import Section
from tailproof.report.page.run_sections import sections
from tailproof.report.page.tables import epochs
from tailproof.report.page.tables import settings as settings_table
from tailproof.report.run_markdown import run_markdown
from tailproof.report.run_page import about, run_page
from tailproof.report.run_record import read_run
from tailproof.settings.sections import default_values
from tailproof.storage import verify


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_run(tmp_path_factory.mktemp("run") / "run")


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


def change(run: Path, name: str, **values: object) -> None:
    content = json.loads((run / name).read_text())
    (run / name).write_text(json.dumps({**content, **values}))


def by_key(run: Path) -> dict[str, Section]:
    return {section.key: section for section in sections(read_run(run))}


def chart_keys(section: Section) -> set[str]:
    return {chart.key for chart in section.charts}


def test_training_leaves_a_report_that_the_manifest_does_not_depend_on(finished: Path) -> None:
    names = set(verify(finished))
    assert "report_data.json" in names
    assert not {"report.html", "report.md"} & names
    assert (finished / "report.md").is_file()
    claim, _, grounds = json.loads((finished / "verdict.json").read_text())["sentence"].partition(": ")
    page = (finished / "report.html").read_text()
    assert f">{claim}</h1>" in page
    assert grounds[1:] in page


def test_the_report_made_again_is_the_same_and_the_manifest_stays_true(run: Path) -> None:
    before = (run / "report.html").read_bytes()
    assert reporting.report_run(run) == [run / "report.md", run / "report.html"]
    assert (run / "report.html").read_bytes() == before
    assert "report.html" not in verify(run)


def test_a_changed_run_is_refused(run: Path, tmp_path: Path) -> None:
    change(run, "verdict.json", sentence="Better than it was.")
    with pytest.raises(RunFolderError, match=r"verdict\.json has changed"):
        reporting.report_run(run)
    with pytest.raises(RunFolderError, match=r"verdict\.json has changed"):
        reporting.report_run(run, out=tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_a_report_that_is_interrupted_between_its_files_harms_nothing(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_file = os.replace

    def interrupted(source: Path, target: Path) -> None:
        if Path(target).name == "report.html":
            raise KeyboardInterrupt
        replace_file(source, target)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        reporting.report_run(run)
    monkeypatch.undo()
    verify(run)
    read_trained(run)
    reporting.report_run(run)


def test_missing_files_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "verdict.json").write_text("{}")
    with pytest.raises(RunFolderError, match=r"training_config\.json, metrics\.jsonl, predictions\.parquet"):
        read_run(tmp_path)


def test_no_figure_without_its_data(run: Path) -> None:
    (run / "report_data.json").unlink()
    (run / "metrics.jsonl").write_text("")
    change(run, "verdict.json", statistics={}, costs=None)
    rows = pl.read_parquet(run / "predictions.parquet").with_columns(prediction=pl.lit(0.5))
    rows.write_parquet(run / "predictions.parquet")
    by_name = by_key(run)
    assert set(by_name) == {"evidence", "features", "environment"}
    page = run_page(read_run(run), sections(read_run(run)))
    assert page.count("<svg") == page.count("<figure") == 2


def test_a_verdict_with_everything_shows_everything(run: Path) -> None:
    evidence = {"value": 0.03, "low": 0.02, "high": 0.04, "p_placebo": 0.05, "placebos": [0.001, -0.002, 0.004]}
    ridge = {"loss": 0.0203, "rank_ic": 0.01, "hit_rate": 0.51, "skill": {"value": 0.001, "low": -0.001, "high": 0.003}}
    costs = {"rule": "Long above, short below.", "break_even_bp": 0.1, "cost_bp": 0.4, "gross": 100.0, "net": -300.0}
    costs |= {"notional": 2_000.0, "by_month": {"2024-01": -200.0, "2024-02": -100.0}}
    costs |= {"rolling_sharpe": {"days": 126, "lowest": -2.0, "highest": 0.5, "latest": -1.25}}
    change(
        run,
        "verdict.json",
        verdict="skill",
        rank_ic=evidence,
        baselines={"ridge": ridge},
        minimum_detectable_ic=0.007,
        costs=costs,
        statistics={
            "member_rank_ics": [0.02, 0.03, None],
            "by_fold": [{"name": str(fold), "rows": 100, "rank_ic": 0.01 * fold} for fold in (1, 2)],
            "by_horizon": [{"bars": 30, "rows": 470, "rank_ic": {"value": 0.0123, "low": 0.0, "high": 0.02}}],
            "forecast_autocorrelation": 0.875,
        },
    )
    known_at = (np.arange(500) * 60_000_000_000).tolist()
    change(
        run,
        "report_data.json",
        equity={
            "known_at": known_at,
            "gross": list(range(500)),
            "net": [-each for each in range(500)],
            "unit": "USD",
            "rolling_sharpe": [None, *(0.01 * each for each in range(499))],
        },
        importance=[{"name": HOSTILE, "value": 0.01, "low": 0.0, "high": 0.02}],
    )
    by_name = by_key(run)
    assert chart_keys(by_name["money"]) == {"equity", "rolling-sharpe", "costs"}
    shown = {row[0].text: [cell.text for cell in row[1:]] for table in by_name["money"].tables for row in table.rows}
    assert shown["net result, money"] == ["−300.00", "−15.00"]
    assert shown["Sharpe ratio of 126 days, latest"] == ["−1.25", ""]
    assert shown["autocorrelation of the forecast, from bar to bar"] == ["+0.875", ""]
    assert shown["30 bars"] == ["+0.0123", "0.0000 to +0.0200", "470"]
    assert shown["2024"][-2:] == ["−300", "−15.00"]
    assert chart_keys(by_name["stability"]) == {"seeds", "folds"}
    assert chart_keys(by_name["features"]) == {"importance", "drift"}
    page = run_page(read_run(run), sections(read_run(run)))
    assert 'class="verdict for"' in page
    assert "p among placebos" in page
    assert page.count('class="dot beside"') == 3
    assert HOSTILE not in page


@pytest.mark.parametrize(
    ("word", "tone"), [("no evidence", "nothing"), ("unproven", "nothing"), ("suspicious", "against")]
)
def test_only_skill_looks_like_skill(run: Path, word: str, tone: str) -> None:
    change(run, "verdict.json", verdict=word)
    assert f'class="verdict {tone}"' in run_page(read_run(run), sections(read_run(run)))


def test_decile_means_are_those_of_the_predictions(run: Path) -> None:
    chart = next(chart for chart in by_key(run)["forecasts"].charts if chart.key == "deciles")
    frame = pl.read_parquet(run / "predictions.parquet").filter(pl.col("part") == "test").sort("prediction")
    lowest = frame.filter(pl.col("prediction") <= frame["prediction"].quantile(0.1, "linear"))
    assert chart.marks[1].y_K[0] == pytest.approx(lowest["forward_return"].mean() * 1e4)  # type: ignore[union-attr]


def test_markdown_has_the_parts_of_the_original_report_and_escapes(run: Path) -> None:
    config = json.loads((run / "training_config.json").read_text())
    config["environment"]["command"] = ["tailproof", "train", "```; rm", HOSTILE]
    config["data"] = f"a|b{HOSTILE}"
    (run / "training_config.json").write_text(json.dumps(config))
    text = run_markdown(read_run(run), sections(read_run(run)))
    wanted = ["Summary", "Command", "Architecture", "Data set statistics", "Target transformation"]
    places = [text.index(f"## {title}") for title in [*wanted, "Performance by epoch", "Model", "Artifacts", "Metrics"]]
    assert places == sorted(places)
    assert "````sh\ntailproof train '```; rm'" in text
    assert r"a\|b\<img src=x onerror=alert(1)\>" in text
    assert "No step was skipped by the guards." in text
    assert text.count("<details>") == text.count("</details>") == 1
    table = [line for line in text.split("## Performance by epoch")[1].split("##")[0].splitlines() if "|" in line]
    assert len({line.count(" | ") for line in table} - {0}) == 1
    cells = [[cell.strip() for cell in line.strip("| ").split("|")] for line in table]
    assert cells[0] == ["epoch", "train loss", "val loss", "val MAE", "rate", "s"]
    assert [row[0] for row in cells[2:]] == ["Start", "1", "2", "3", "constant"]
    start, first = cells[2], cells[3]
    assert (float(start[1]) > 0.0, start[2:4], start[4]) == (True, ["–", "–"], "0")
    assert all(float(figure) > 0.0 for figure in first[1:5]), "loss, loss, MAE and rate"


def test_the_interactions_beside_the_shipped_networks_are_named(run: Path) -> None:
    stored = json.loads((run / "network.json").read_text())["interactions"]["weight"]
    assert sorted(json.loads((run / "report_data.json").read_text())["interactions"].values()) == sorted(stored)
    change(run, "report_data.json", interactions={})
    assert "interactions" not in {table.key for table in by_key(run)["training"].tables}
    change(run, "report_data.json", interactions={"gap²": 0.0312, HOSTILE: -0.25})
    (table,) = (table for table in by_key(run)["training"].tables if table.key == "interactions")
    assert [[cell.text for cell in row] for row in table.rows] == [[HOSTILE, "−0.25"], ["gap²", "+0.031"]]
    assert HOSTILE not in run_page(read_run(run), sections(read_run(run)))
    assert "gap² | +0.031" in re.sub(" +", " ", run_markdown(read_run(run), sections(read_run(run))))


def test_a_reader_of_the_weights_hears_of_what_stands_beside_them(run: Path) -> None:
    beside = "Interactions and shrinkage are no part of the weights: `network.json` holds them."
    markdown = run_markdown(read_run(run), sections(read_run(run)))
    assert beside in markdown
    assert "| network.json |" in re.sub(" +", " ", markdown)
    change(run, "training_config.json", settings={})
    assert beside not in run_markdown(read_run(run), sections(read_run(run)))


def test_the_page_says_what_forecasts_went_through_after_the_epochs(run: Path) -> None:
    table = epochs(read_run(run))
    assert table.reading.endswith("Losses are those before forecasts are drawn to the line and shrunk.")
    config = json.loads((run / "training_config.json").read_text())
    change(run, "training_config.json", settings={**config["settings"], "linear-path": False})
    assert epochs(read_run(run)).reading.endswith("Losses are those before forecasts are shrunk.")
    change(run, "training_config.json", settings={})  # as in a run older than both
    assert "before forecasts" not in epochs(read_run(run)).reading


def test_the_top_says_when_how_long_by_what_and_on_which_data(finished: Path) -> None:
    run = read_run(finished)
    assert run.logged is not None
    began = datetime(2026, 1, 31, 12, 0)
    shown = about(
        replace(run, logged=(began, began + timedelta(minutes=3)), config={**run.config, "data": "/a/b/c.csv"})
    )
    assert "…/b/c.csv" in shown
    assert "2026-01-31 12:00 UTC, 3 min" in shown
    assert shown[-1].startswith("tailproof ")
    page = (finished / "report.html").read_text()
    assert '<p class="command"><code>' in page


def test_only_what_was_set_counts_as_a_chosen_setting(run: Path) -> None:
    change(run, "training_config.json", settings={**default_values(), "folds": 4})
    table = settings_table(read_run(run), chosen=True)
    assert [row[0].text for row in table.rows] == ["--folds"]
    assert len(settings_table(read_run(run), chosen=False).rows) == len(default_values()) - 1


def test_a_warning_of_the_table_of_faults_is_no_note_as_well(run: Path) -> None:
    facts, fault = json.loads((run / "report_data.json").read_text()), {"kind": "odd", "total": 1}
    facts["bars"]["notes"] = ["Warning: odd: 1 row; found a, expected b", "Warning: other: 2 rows", "a note"]
    quality = {"rows_read": 9, "rows_set_aside": 0, "warnings": [{**fault, "found": "a", "expected": "b"}]}
    data = {each.key: each for each in sections(replace(read_run(run), facts=facts, quality=quality))}["data"]
    assert data.notes[:2] == ("Warning: other: 2 rows", "a note")
    assert [table.wide for table in data.tables if table.key == "faults"] == [True]


def test_size_stays_small(finished: Path) -> None:
    assert (finished / "report.html").stat().st_size < 200_000


def test_rows_in_and_out_add_up_where_the_window_rolls(tmp_path: Path) -> None:
    settings = {"window": "rolling", "train_fraction": 0.3, "refit_every": 1, "members": 1, "epochs": 1}
    run = small_run(tmp_path / "run", **settings)
    counted = next(table for table in by_key(run)["data"].tables if table.key == "rows-in-and-out").rows
    count = {row[0].text: row[1].order for row in counted}
    rows = count.pop("rows to learn from")
    assert sum(value for value in count.values() if value is not None) == rows
    assert rows == 2600 - 26 * 6, "each session loses five bars to the longest look-back, and the last to its label"


PIECES = (
    *(
        "<script>",
        "</title>",
        "<img src=x onerror=alert(1)>",
        "-->",
        "]]>",
        "&lt;",
        "'",
        '"',
        "`",
        "```",
        "|",
        "\\",
        "\n",
    ),
    *("\r\n# ", "](javascript:x)", "![", "{{ 7 * 7 }}", "{% raw %}", "\x1b[31m", "\u202e", "\x00", "\u2028", "\ud800"),
    *("<b", "</details>", "$x$", "**", "é", "\U0001f600", " ", "%s", "{0}", "a"),
)


class _Tags(HTMLParser):
    """The tags of a page with the names of their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[tuple[str, ...]] = set()
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add((tag, *sorted(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _outline(text: str) -> list[int]:
    """For every line of Markdown outside of code that begins a heading or is a row of a table: the number of its |."""
    prose = re.sub(r"(?ms)^(```+)sh$.*?^\1$", "", text)
    return [len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in prose.splitlines() if line.startswith(("|", "#"))]


def test_two_hundred_hostile_names_are_text_and_nothing_else(run: Path) -> None:
    """As names of features, of the data, of the run and in its command: the page has the tags that it has without."""
    chance = random.Random(0)
    names = ["".join(chance.choices(PIECES, k=6)) + str(number) for number in range(200)]

    def pages(names: list[str]) -> tuple[str, str]:
        facts = [{"name": name, "value": 0.01, "low": 0.0, "high": 0.02, "stability_index": 0.1} for name in names]
        change(run, "report_data.json", importance=facts, drift=facts)
        statistics = json.loads((run / "feature_statistics.json").read_text())
        scale = next(iter(statistics["scaling"]["features"].values()))
        statistics["scaling"]["features"] = dict.fromkeys(names, scale)
        (run / "feature_statistics.json").write_text(json.dumps(statistics))
        config = json.loads((run / "training_config.json").read_text())
        config["environment"]["command"] = ["tailproof", "train", *names]
        (run / "training_config.json").write_text(json.dumps({**config, "data": "".join(names[:50])}))
        record = read_run(run, name="".join(names[:3]))
        return run_page(record, sections(record)), run_markdown(record, sections(record))

    plain, plain_markdown = pages([f"plain{number}" for number in range(200)])
    page, markdown = pages(names)
    hostile = _Tags(page)
    assert hostile.tags == _Tags(plain).tags
    assert printable(page) == page
    assert printable(markdown) == markdown
    shown = " ".join("".join(hostile.texts).split())
    for name in names:
        assert " ".join(printable(name).split()) in shown
    assert _outline(markdown) == _outline(plain_markdown)
