"""The page that compares runs, in a real browser without network."""

import json
from pathlib import Path

import pytest
from tests.support.browser import Browser
from tests.support.page_checks import asked_for, figures_drawn, words_cut_or_covered
from tests.support.small_run import HOSTILE, list_anew, small_run

from tailproof.runs.compare_runs import compare_runs

NAME = HOSTILE.replace(" ", "_")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs that differ in seed and epochs; the name of one folder is hostile, and so is a setting of another."""
    folder = tmp_path_factory.mktemp("runs")
    runs = [small_run(folder / name, seed=seed, epochs=seed + 1) for seed, name in enumerate(("a", "b", NAME))]
    config = json.loads((runs[0] / "training_config.json").read_text())
    (runs[0] / "training_config.json").write_text(json.dumps({**config, "data": f"bars/{HOSTILE}"}))
    list_anew(runs[0])
    return compare_runs(runs, out=folder / "comparison.html")


def test_no_error_and_nothing_is_fetched(chromium: Browser, page: Path) -> None:
    chromium.log("browser")
    assert asked_for(chromium, page) == {page.as_uri()}
    assert chromium.log("browser") == []


@pytest.mark.parametrize("width", [390, 1440])
def test_every_figure_is_drawn_and_every_word_can_be_read(chromium: Browser, page: Path, width: int) -> None:
    chromium.size(width, 844)
    chromium.open(page)
    drawn = figures_drawn(chromium)
    shown = {"compare-rank-ic", "compare-paired", "compare-skill", "compare-deciles", "compare-equity"}
    assert set(drawn) == shown
    assert all(each["marks"] > 1 and not each["out"] for each in drawn.values()), drawn
    assert words_cut_or_covered(chromium) == []
    readings = chromium.run(
        """return [...document.querySelectorAll("figure")].map(figure =>
             figure.querySelector(".reading").textContent + figure.querySelector("svg text.label").textContent)"""
    )
    assert len(readings) == len(shown)
    assert all(len(reading) > 60 for reading in readings)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_the_page_is_never_wider_than_the_screen(chromium: Browser, page: Path, width: int, dark: bool) -> None:
    chromium.size(width, 844)
    chromium.dark(on=dark)
    chromium.open(page)
    assert chromium.run("return document.documentElement.scrollWidth") == width
    beyond = """return [...document.querySelectorAll(".scroll")]
        .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.ariaLabel)"""
    assert chromium.run(beyond) == [], "no column lies beyond the edge"


def test_the_verdicts_are_sorted_by_the_column_that_is_pressed(chromium: Browser, page: Path) -> None:
    chromium.open(page)
    rows = '[...document.querySelectorAll("#table-verdicts tbody tr")]'
    column = f"{rows}.map(row => Number(row.cells[2].dataset.order))"
    press = 'document.querySelectorAll("#table-verdicts th button")[2].click();'
    rising = chromium.run(f"{press} return {column}")
    assert len(set(rising)) == 3
    assert rising == sorted(rising)
    assert chromium.run(f"{press} return {column}") == rising[::-1]


def test_hostile_names_are_text(chromium: Browser, page: Path) -> None:
    chromium.open(page)
    assert chromium.run("return document.images.length") == 0
    shown = chromium.run("return document.body.innerText")
    assert f"bars/{HOSTILE}" in shown
    assert shown.count(NAME) >= 5
    legend = chromium.run("""return [...document.querySelectorAll(".legend li")].map(each => each.textContent)""")
    assert legend.count(NAME) == 3


def test_the_top_says_every_verdict(chromium: Browser, page: Path) -> None:
    chromium.open(page)
    claims = chromium.run("""return document.querySelector(".claims").textContent""")
    words = chromium.run(
        """return [...document.querySelectorAll("#table-verdicts tbody tr")].map(row => row.cells[1].textContent)"""
    )
    assert all(name in claims for name in ("a", "b", NAME))
    assert all(word.split()[0] in claims.lower() for word in words)
