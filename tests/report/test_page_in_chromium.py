"""The page in a real browser without network: nothing fails, nothing is fetched, everything is drawn and fits."""

import json
import re
from pathlib import Path

import pytest
from tests.support.browser import Browser
from tests.support.page_checks import asked_for, figures_drawn, words_cut_or_covered
from tests.support.small_run import HOSTILE, list_anew, small_run

from tailproof.report import reporting

CHARTS_OF_A_SMALL_RUN = {
    "rank-ic", "baselines", "target-before", "target-after", "validation-loss", "train-loss", "loss-steps", "gradients",
    "learning-rate", "importance", "seeds", "folds", "equity", "drawdown", "costs", "deciles",
    "calibration", "ic-hour", "drift",
}  # fmt: skip


def earn_much(run: Path) -> None:
    """Two years of months, and money with as many digits as contracts of an index bring."""
    verdict = json.loads((run / "verdict.json").read_text())
    costs = verdict["costs"]
    costs["by_month"] = {
        f"{year}-{month:02d}": (-1) ** month * 1234.56 for year in (2023, 2024) for month in range(1, 13)
    }
    for name in ("net_interval", "above_constant"):
        costs[name] |= {"value": -11_645.3, "low": -12_645.31, "high": -10_713.04}
    (run / "verdict.json").write_text(json.dumps(verdict))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of a run whose columns, notes and paths are hostile."""
    run = small_run(tmp_path_factory.mktemp("run") / "run")
    for name in ("report_data.json", "feature_statistics.json", "training_config.json"):
        text = (run / name).read_text().replace("price_range", HOSTILE).replace("test bars", f"bars/{HOSTILE}")
        (run / name).write_text(text)
    earn_much(run)
    list_anew(run)
    out = run.parent / "report.html"
    reporting.report_run(run, out=out)
    return out


def test_no_error_and_nothing_is_fetched(chromium: Browser, page: Path) -> None:
    chromium.log("browser")
    assert asked_for(chromium, page) == {page.as_uri()}
    assert chromium.log("browser") == []


def test_a_page_that_fetches_and_fails_would_be_seen(chromium: Browser, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<!doctype html><img src='http://example.com/a.png'><script>nothing.at.all()</script>")
    assert "http://example.com/a.png" in asked_for(chromium, page)
    assert any("nothing" in entry["message"] for entry in chromium.log("browser"))


def test_every_figure_is_drawn_inside_its_frame(chromium: Browser, page: Path) -> None:
    chromium.size(1440, 1000)
    chromium.open(page)
    drawn = figures_drawn(chromium)
    assert set(drawn) == CHARTS_OF_A_SMALL_RUN
    assert all(each["marks"] > 0 and not each["out"] and each["width"] > 300 for each in drawn.values()), drawn


@pytest.mark.parametrize("width", [390, 1440])
def test_no_word_of_a_figure_is_cut_or_lies_on_another(chromium: Browser, page: Path, width: int) -> None:
    chromium.size(width, 844)
    chromium.open(page)
    assert words_cut_or_covered(chromium) == []


def test_each_figure_says_how_to_read_it_and_has_units(chromium: Browser, page: Path) -> None:
    chromium.open(page)
    figures = chromium.run(
        """return [...document.querySelectorAll("figure")].map(figure => ({
             reading: figure.querySelector(".reading").textContent, limits: figure.querySelector(".limits").textContent,
             axes: [...figure.querySelectorAll("text.label")].map(label => label.textContent),
             spoken: figure.querySelector("svg").getAttribute("aria-label") }))"""
    )
    assert len(figures) == len(CHARTS_OF_A_SMALL_RUN)
    for each in figures:
        assert each["limits"].endswith(".")
        assert len(each["reading"]) > len(each["limits"]) + 20
        assert each["axes"]
        assert all(each["axes"])
        assert each["spoken"]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_the_page_is_never_wider_than_the_screen(chromium: Browser, page: Path, width: int, dark: bool) -> None:
    chromium.size(width, 844)
    chromium.dark(on=dark)
    chromium.open(page)
    assert chromium.run("return document.documentElement.scrollWidth") == width
    cut = """return [...document.querySelectorAll(".scroll")].filter(box => box.scrollWidth > box.clientWidth + 1)
             .map(box => box.getAttribute("aria-label"))"""
    assert chromium.run(cut) == [], "tables that must be scrolled sideways"
    paper = chromium.run("return getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(part) for part in re.findall(r"\d+", paper)[:3])
    assert (brightness < 200) == dark


def test_a_table_is_sorted_by_the_column_that_is_pressed(chromium: Browser, page: Path) -> None:
    chromium.open(page)
    rows = '[...document.querySelectorAll("#table-features-table tbody tr")]'
    column = f"{rows}.map(row => Number(row.cells[3].dataset.order))"
    press = 'document.querySelectorAll("#table-features-table th button")[3].click();'
    before = chromium.run(f"return {column}")
    assert before != sorted(before)
    assert chromium.run(f"{press} return {column}") == sorted(before)
    assert chromium.run(f"{press} return {column}") == sorted(before, reverse=True)


def test_a_row_without_a_value_comes_last_both_ways(chromium: Browser, page: Path) -> None:
    chromium.open(page)
    losses = '[...document.querySelectorAll("#table-comparison tbody tr")].map(row => row.cells[3].textContent)'
    press = 'document.querySelectorAll("#table-comparison th button")[3].click();'
    for _ in range(2):
        order = chromium.run(f"{press} return {losses}")
        assert order[-1] == "–"
        assert order.count("–") == 1


def test_a_second_press_turns_words_round_too(chromium: Browser, page: Path) -> None:
    chromium.open(page)
    names = """[...document.querySelectorAll("#table-settings tbody tr")].map(row => row.cells[0].textContent)"""
    press = 'document.querySelector("#table-settings th button").click();'
    rising = chromium.run(f"{press} return {names}")
    assert rising == sorted(rising)
    assert chromium.run(f"{press} return {names}") == rising[::-1]
    head = 'return document.querySelector("#table-settings th").getAttribute("aria-sort")'
    assert chromium.run(head) == "descending"


def test_hostile_names_are_text(chromium: Browser, page: Path) -> None:
    chromium.open(page)
    assert chromium.run("return document.images.length") == 0
    shown = chromium.run("return document.body.innerText")
    assert f"bars/{HOSTILE}" in shown
    assert shown.count(HOSTILE) >= 2
    drawn = chromium.run("""return [...document.querySelectorAll("svg text.name")].map(text => text.textContent)""")
    assert any(HOSTILE in name for name in drawn)


def test_the_value_under_the_pointer_is_said(chromium: Browser, page: Path) -> None:
    chromium.size(1440, 1000)
    chromium.open(page)
    tooltip = chromium.run(
        """const svg = document.querySelector('svg[data-figure="learning-rate"]'), box = svg.getBoundingClientRect();
           svg.dispatchEvent(new PointerEvent("pointermove",
             { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2, bubbles: true }));
           return svg.parentElement.querySelector("output").textContent"""
    )
    assert re.fullmatch(r"[\d,.]+: learning rate 0\.\d+", tooltip)
