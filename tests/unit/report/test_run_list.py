import errno
import io
import json
import math
import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock
from rich.console import Console
from tests.support.small_run import small_run

from tailproof.cli import main
from tailproof.core.errors import ConfigError
from tailproof.report.reporting import list_runs
from tailproof.report.run_list import chosen
from tailproof.report.run_table import show
from tailproof.storage import ledger
from tailproof.storage.ledger import Trial
from tailproof.storage.manifest import NEEDED, manifest_record


def make_run(folder: Path, *, rank_ic: float | None, word: str = "no evidence", ended: bool = True) -> None:
    folder.mkdir(parents=True)
    (folder / "training_config.json").write_text(json.dumps({"data": "bars/[red]es.csv"}))
    if rank_ic is not None:
        verdict = {"verdict": word, "rank_ic": {"value": rank_ic}, "skill_vs_constant": 0.001, "model": {"rows": 500}}
        (folder / "verdict.json").write_text(json.dumps(verdict))
    if ended:
        for name in NEEDED:
            if not (folder / name).exists():
                (folder / name).write_text("{}")
        (folder / "manifest.json").write_text(json.dumps(manifest_record(folder)))


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


def test_two_runs_that_ended_in_one_minute_keep_their_order(folder: Path) -> None:
    for name, second in (("deep/b", 5), ("a", 50)):
        os.utime(folder / name / "manifest.json", (1_700_000_000 + second, 1_700_000_000 + second))
    assert names(folder, "state=finished", sort="ended") == ["deep/b", "a"]
    (line,) = chosen(list_runs(folder), sort="name", where=["name=a"])
    text = io.StringIO()
    show([line], of=1, console=Console(file=text, width=200))
    assert "2023-11-14 22:14" in text.getvalue()
    assert "22:14:" not in text.getvalue()


def test_runs_are_filtered(folder: Path) -> None:
    assert names(folder, "verdict=skill") == ["deep/b"]
    assert names(folder, "rank-ic>0.005", "rank-ic<0.02") == ["a"]
    assert names(folder, "state=stopped") == ["c"]
    assert names(folder, "data=[red]", "rows>100") == ["a", "deep/b"]


@pytest.mark.parametrize(
    ("content", "consistent"),
    [
        ('{"verdict": "skill"}', False),
        ("[" * 100_000, True),
        ("\x00", True),
        ("[]", True),
    ],
)
def test_a_run_that_was_edited_is_listed_without_its_figures(folder: Path, content: str, consistent: bool) -> None:
    (folder / "a" / "verdict.json").write_text(content)
    if consistent:
        (folder / "a" / "manifest.json").write_text(json.dumps(manifest_record(folder / "a")))
    (line,) = chosen(list_runs(folder), sort="name", where=["name=a"])
    assert (line.state, line.verdict, line.rows) == ("damaged", "", 0)


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
    values = dict(zip(head.split("\t"), line.split("\t"), strict=True))
    assert (values["run"], values["rank IC"], values["test rows"]) == ("deep/b", "+0.0300", "500")


def test_no_such_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["runs", str(tmp_path / "none")])
    assert caught.value.code == 2
    assert "no such folder" in capsys.readouterr().err


def ended(folder: Path, run: str, *, rank_ic: float) -> None:
    result = {"verdict": "no evidence", "rank_ic": rank_ic, "skill_vs_constant": 0.0, "rows": 500, "source": "es.csv"}
    ledger.append(folder, Trial(config={"seed": rank_ic}, data="bars", result=result, run=run))


def test_runs_whose_folders_are_gone_are_told_from_the_ledger(folder: Path) -> None:
    ended(folder, "a", rank_ic=0.005)
    ended(folder, "a", rank_ic=0.01)
    ended(folder, "gone", rank_ic=0.02)
    ended(folder, "c", rank_ic=0.03)
    ended(folder / "deep", "b", rank_ic=0.03)
    ended(folder / "deep", "", rank_ic=0.04)
    states = [(line.name, line.state, line.rank_ic) for line in list_runs(folder) if line.state != "stopped"]
    assert states == [
        ("?", "unknown", 0.04),
        ("a", "replaced", 0.005),
        ("a", "finished", 0.01),
        ("c", "replaced", 0.03),
        ("deep/b", "finished", 0.03),
        ("gone", "deleted", 0.02),
    ]
    assert names(folder, "state=deleted", "rank-ic>0.01", "data=es.csv") == ["gone"]


def test_a_line_of_the_ledger_that_was_edited_is_listed_as_damaged(folder: Path) -> None:
    ledger.append(folder / "deep", Trial(config={}, data="x", result={"verdict": "no evidence"}, run="gone"))
    file = folder / "deep" / ledger.LEDGER
    file.write_text(file.read_text().replace("no evidence", "skill"))
    damaged = [line for line in list_runs(folder) if line.state == "damaged"]
    assert [(line.name, line.verdict) for line in damaged] == [("deep/trials.jsonl, line 1", "")]


def damaged_ledgers(folder: Path) -> None:
    """A ledger of each kind that cannot be read, in a project of its own, beside one that can."""
    makers = {
        "folder": Path.mkdir,
        "pipe": os.mkfifo,
        "device": lambda path: path.symlink_to("/dev/zero"),
        "nothing": lambda path: path.symlink_to("gone"),
        "circle": lambda path: path.symlink_to(path.name),
    }
    for name, make in makers.items():
        (folder / name).mkdir()
        make(folder / name / ledger.LEDGER)
    ended(folder / "deep", "gone", rank_ic=0.02)


def test_one_ledger_that_cannot_be_read_does_not_hide_the_runs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged_ledgers(folder)
    main(["runs", str(folder)])
    out, err = capsys.readouterr()
    listed = {line.split("\t")[0]: line.split("\t")[2] for line in out.splitlines()[1:]}
    assert listed == {
        **{f"{name}/trials.jsonl": "damaged" for name in ("circle", "device", "folder", "nothing", "pipe")},
        **{"a": "finished", "c": "stopped", "deep/b": "finished", "deep/gone": "deleted"},
    }
    faults = err.splitlines()
    assert len(faults) == 5
    for line, name in zip(faults, ("circle", "device", "folder", "nothing", "pipe"), strict=True):
        assert line.startswith(f"tailproof: {folder / name / 'trials.jsonl'}: the list of trials ")
        assert "ove it away" in line or "move the link away" in line


def test_a_ledger_that_cannot_be_read_is_an_error_where_there_is_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "deep" / ledger.LEDGER).mkdir(parents=True)
    with pytest.raises(SystemExit) as caught:
        main(["runs", str(tmp_path)])
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == err.count("must be a file") == 1


def test_what_the_system_does_not_let_read_is_named_beside_the_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "forged\nline").mkdir()
    (folder / "forged\nline" / ledger.LEDGER).touch()
    read = Path.read_bytes

    def refused(path: Path) -> bytes:
        if path.parent.name == "forged\nline":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refused)  # the superuser may read any file
    main(["runs", str(folder)])
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 5
    assert "trials.jsonl: Permission denied. Give yourself the right to it" in err
    assert err.count("\n") == 1


def test_figures_of_a_ledger_that_are_none_are_not_shown(folder: Path) -> None:
    result = {"rank_ic": 10**400, "skill_vs_constant": "much", "rows": "many"}
    ledger.append(folder, Trial(config={}, data="bars", result=result, run="gone"))
    (line,) = chosen(list_runs(folder), sort="name", where=["name=gone"])
    assert math.isnan(line.rank_ic)
    assert math.isnan(line.skill)
    assert line.rows == 0


def test_a_run_that_is_being_written_is_running(folder: Path) -> None:
    with FileLock(folder / "c" / ".lock"):
        assert names(folder, "state=running") == ["c"]
    assert names(folder, "state=running") == []


def test_a_deleted_run_of_the_real_command_is_still_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = small_run(tmp_path / "run", epochs=1, members=1)
    (before,) = list_runs(tmp_path)
    shutil.rmtree(run)
    (after,) = list_runs(tmp_path)
    assert (before.state, after.state) == ("finished", "deleted")
    same = ("name", "verdict", "rank_ic", "skill", "rows", "data")
    assert [getattr(before, name) for name in same] == pytest.approx([getattr(after, name) for name in same])
    main(["runs", str(tmp_path)])
    assert "deleted" in capsys.readouterr().out
