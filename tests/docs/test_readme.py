"""The README's commands run, in the order in which they stand, in an empty folder."""

import re
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path

import pytest
from benchmarks.install import shell_commands
from codespell_lib import main as codespell
from docs.api_page import api_page
from docs.settings_page import settings_page

from tailproof.cli import main

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text()
MAX_WORDS = 700


SMALLER = {
    "100000": "3000",
    "30000": "3000",
    "train": "train --members 1 --placebos 1 --engine lanes",
    "select": "select --audit off",
    "study/features.txt": "default",
}
"""What takes minutes in the documents' commands, and what proves in seconds that they run."""


PYTHON = re.compile(r"```python\n(.*?)```", flags=re.DOTALL)


def commands(text: str) -> list[list[str]]:
    return [
        [smaller for word in words for smaller in SMALLER.get(word, word).split()] for words in shell_commands(text)
    ]


@pytest.mark.parametrize(
    ("text", "last"), [(README, "forecasts.parquet"), (TUTORIAL, "forecasts.parquet")], ids=["readme", "tutorial"]
)
def test_the_commands_run(text: str, last: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = commands(text)
    assert len(lines) >= 3
    for words in lines:
        main(words[1:])
    for block in PYTHON.findall(text):
        exec(block, {})
    assert (tmp_path / last).is_file()
    assert (tmp_path / "runs" / "first" / "manifest.json").is_file()


STEP = re.compile(r"```sh\n(.*?)```(?:\n\n```text\n(.*?)```)?", flags=re.DOTALL)
"""The commands of a step, and what the document shows of their output."""


@pytest.mark.slow
def test_the_tutorial_shows_what_its_commands_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    steps = STEP.findall(TUTORIAL)
    assert sum(bool(shown) for _, shown in steps) >= 5
    for block, shown in steps:
        for words in shell_commands(f"```sh\n{block}```"):
            main(words[1:])
        printed = capsys.readouterr().out
        alike = OutputChecker().check_output(shown, printed, ELLIPSIS | NORMALIZE_WHITESPACE)
        assert alike or not shown, f"shown:\n{shown}\nprinted:\n{printed}"


def test_the_readme_is_read_in_a_minute() -> None:
    assert len(README.split()) < MAX_WORDS


def test_the_page_of_settings_is_that_of_the_settings() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == settings_page(), "run: python docs/settings_page.py"


def test_the_python_reference_is_that_of_the_docstrings() -> None:
    assert (ROOT / "docs" / "api.md").read_text() == api_page(), "run: python docs/api_page.py"


def test_words_are_spelled_as_they_should_be(capfd: pytest.CaptureFixture[str]) -> None:
    files = [str(path) for place in ("docs", "src/tailproof", "examples", "*.md") for path in ROOT.glob(place)]
    faults = codespell("--toml", str(ROOT / "pyproject.toml"), *files)
    assert faults == 0, capfd.readouterr().out


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    listed = (ROOT / "mkdocs.yml").read_text()
    pages = [page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.md")]
    assert [str(page) for page in pages if f" {page}\n" not in listed] == []


@pytest.mark.parametrize("target", ["demo", "test", "docs", "bench"])
def test_the_make_targets_of_the_readme_are_there(target: str) -> None:
    assert f"make {target}" in README
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        *(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")),
    ],
)
def test_links_and_named_paths_are_there(document: str) -> None:
    text = (ROOT / document).read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    folder = (ROOT / document).parent
    assert [link for link in links if not (folder / link).exists()] == []
