"""The site of ``make docs`` in a real browser without network: links lead somewhere, the search finds, pages fit."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from tests.support.browser import Browser, browser, why_no_browser

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "site"
PAGES = ("index.html", "tutorial.html", "settings.html", "honesty.html", "math/adamw.html")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    done = subprocess.run(["make", "docs"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if (reason := why_no_browser()) is not None:
        pytest.skip(reason)
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


TYPE = """const toggle = document.querySelector("#__search");
if (!toggle.checked) toggle.click();
const box = document.querySelector("input.md-search__input");
box.focus(); box.value = "WORD";
for (const kind of ["input", "keyup"]) box.dispatchEvent(new Event(kind, {bubbles: true}));
return [...document.querySelectorAll(".md-search-result__item h1, .md-search-result__item h2")]
  .map(title => title.textContent.trim());"""


def found_by(chromium: Browser, word: str) -> list[str]:
    """Titles that the search of the page in view lists for a word, as soon as there are any."""
    for _ in range(100):
        titles = list(chromium.run(TYPE.replace("WORD", word)))
        if titles:
            return titles
        time.sleep(0.1)
    return []


def test_the_search_works_without_a_server(chromium: Browser) -> None:
    chromium.size(1440, 900)
    chromium.open(SITE / "index.html")
    chromium.log("browser")
    assert "Glossary" in found_by(chromium, "embargo")
    assert chromium.log("browser") == [], "and nothing is asked of the network"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_the_screen_in_both_themes(chromium: Browser, page: str, width: int, dark: bool) -> None:
    chromium.size(width, 844)
    chromium.dark(on=dark)
    chromium.open(SITE / page)
    assert chromium.run("return document.documentElement.scrollWidth") <= width
    paper = chromium.run("return getComputedStyle(document.body).backgroundColor")
    assert (sum(int(part) for part in re.findall(r"\d+", paper)[:3]) < 200) == dark


def test_every_link_of_the_site_leads_to_a_page_and_a_place_on_it(chromium: Browser) -> None:
    assert chromium is not None, "the site is built"
    text = {page: page.read_text() for page in SITE.rglob("*.html") if page.name != "404.html"}
    broken = []
    for page, content in text.items():
        for link in re.findall(r'href="([^"]+)"', content):
            target, place = urldefrag(unquote(link))
            if "://" in target or target.startswith(("mailto:", "data:")):
                continue
            file = (page.parent / target).resolve() if target else page
            file = file / "index.html" if file.is_dir() else file
            there = file.is_file() and (not place or file not in text or f'id="{place}"' in text[file])
            if not there:
                broken.append(f"{page.relative_to(SITE)}: {link}")
    assert broken == []
