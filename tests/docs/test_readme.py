"""The README's commands run, in the order in which they stand, in an empty folder."""

import re
import shlex
from pathlib import Path

import pytest

from tailproof.cli import main

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def commands(text: str) -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.startswith("tailproof ")]


def test_the_commands_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = commands(README)
    assert len(found) >= 4
    for words in found:
        main(words[1:])
    assert (tmp_path / "runs" / "wide" / "manifest.json").is_file()


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_make_targets_of_the_readme_are_there(target: str) -> None:
    assert f"make {target}" in README
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "docs/original.md",
        "docs/engines.md",
        "docs/prediction.md",
        "docs/exporting.md",
        "docs/resuming.md",
        "docs/several-machines.md",
    ],
)
def test_links_and_named_paths_are_there(document: str) -> None:
    text = (ROOT / document).read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    folder = (ROOT / document).parent
    assert [link for link in links if not (folder / link).exists()] == []
