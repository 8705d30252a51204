import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tailproof.cli import main
from tailproof.core.errors import ConfigError
from tailproof.report.run_list import chosen, list_runs
from tailproof.report.run_table import show


def make_run(folder: Path, *, rank_ic: float | None, word: str = "no evidence", ended: bool = True) -> None:
    folder.mkdir(parents=True)
    (folder / "training_config.json").write_text(json.dumps({"data": "bars/[red]es.csv"}))
    if rank_ic is not None:
        verdict = {"verdict": word, "rank_ic": {"value": rank_ic}, "skill_vs_constant": 0.001, "model": {"rows": 500}}
        (folder / "verdict.json").write_text(json.dumps(verdict))
    if ended:
        (folder / "manifest.json").write_text("{}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_run(tmp_path / "a", rank_ic=0.01)
    make_run(tmp_path / "deep" / "b", rank_ic=0.03, word="skill")
    make_run(tmp_path / "c", rank_ic=None, ended=False)
    return tmp_path


def names(folder: Path, *where: str, sort: str = "name") -> list[str]:
    return [line.name for line in chosen(list_runs(folder), sort=sort, where=where)]


def test_runs_are_found_at_any_depth_and_sorted(folder: Path) -> None:
    assert names(folder) == ["a", "c", "deep/b"]
    assert names(folder, sort="rank-ic") == ["deep/b", "a", "c"]


def test_runs_are_filtered(folder: Path) -> None:
    assert names(folder, "verdict=skill") == ["deep/b"]
    assert names(folder, "rank-ic>0.005", "rank-ic<0.02") == ["a"]
    assert names(folder, "verdict=unfinished") == ["c"]
    assert names(folder, "data=[red]", "rows>100") == ["a", "deep/b"]


@pytest.mark.parametrize(
    ("condition", "message"),
    [("colour=red", "There are: name, ended"), ("skill", "must read"), ("skill>much", "a number"), ("data>1", "words")],
)
def test_conditions_that_cannot_be_read_are_refused(folder: Path, condition: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        names(folder, condition)


def test_markup_in_names_is_shown_as_it_is(folder: Path) -> None:
    for terminal in (True, False):
        out = io.StringIO()
        show(list_runs(folder), of=3, console=Console(file=out, force_terminal=terminal, width=200))
        assert "bars/[red]es.csv" in out.getvalue()


def test_lines_can_be_cut_by_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["runs", str(folder), "--sort", "rank-ic", "--where", "verdict=skill"])
    head, line = capsys.readouterr().out.splitlines()
    told = dict(zip(head.split("\t"), line.split("\t"), strict=True))
    assert (told["run"], told["rank IC"], told["test rows"]) == ("deep/b", "+0.0300", "500")


def test_no_such_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["runs", str(tmp_path / "none")])
    assert caught.value.code == 2
    assert "no such folder" in capsys.readouterr().err
