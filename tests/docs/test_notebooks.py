"""The notebooks in examples/ are small, hold no results that could grow old, and run."""

import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.ipynb"))
MAX_BYTES = 10_000


def cells(notebook: Path) -> list[dict[str, Any]]:
    content = json.loads(notebook.read_text(encoding="utf-8"))
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    return list(content["cells"])


def code_of(notebook: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in cells(notebook) if cell["cell_type"] == "code"]


def test_there_are_two() -> None:
    assert [notebook.stem for notebook in NOTEBOOKS] == ["first_look", "your_own_model"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_they_are_small_and_without_results(notebook: Path) -> None:
    assert notebook.stat().st_size < MAX_BYTES
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in cells(notebook))
    assert len({cell["id"] for cell in cells(notebook)}) == len(cells(notebook))
    for code in code_of(notebook):
        compile(code, notebook.name, "exec")


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_their_code_runs_from_top_to_bottom(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    for code in code_of(notebook):
        exec(compile(code, notebook.name, "exec"), names)
    assert "Run folder: runs/" in capsys.readouterr().out
    assert names["run"].verdict.sentence
    if notebook.stem == "your_own_model":
        assert names["cheat"].verdict.verdict != "skill"
        assert (tmp_path / "compared.html").is_file()
