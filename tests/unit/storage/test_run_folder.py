import json
from pathlib import Path

import pytest

from tailproof.core.errors import RunFolderError
from tailproof.core.events import VerdictReached
from tailproof.report import Lines
from tailproof.runs.journal import Journal
from tailproof.storage import RunFolder, refuse_taken, verify
from tailproof.storage.atomic import write_atomic
from tailproof.storage.exchange import exchange
from tailproof.storage.manifest import NEEDED


def finished(path: Path, *, verdict: str = "no evidence", overwrite: bool = False) -> RunFolder:
    folder = RunFolder.create(path, overwrite=overwrite)
    for name in NEEDED:
        folder.write_json(name, {"verdict": verdict})
    folder.finish()
    folder.close()
    return folder


def test_a_finished_run_verifies_and_is_not_overwritten_unasked(tmp_path: Path) -> None:
    finished(tmp_path / "run")
    assert set(verify(tmp_path / "run")) == set(NEEDED)
    assert not (tmp_path / "run" / ".lock").exists()
    with pytest.raises(RunFolderError, match="overwrite=True"):
        RunFolder.create(tmp_path / "run")
    finished(tmp_path / "run", verdict="skill", overwrite=True)
    assert json.loads((tmp_path / "run" / "verdict.json").read_text()) == {"verdict": "skill"}
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    verify(tmp_path / "run")


def test_the_old_run_stays_until_the_new_one_is_finished(tmp_path: Path) -> None:
    run = tmp_path / "run"
    finished(run)
    folder = RunFolder.create(run, overwrite=True)
    for name in NEEDED:
        folder.write_json(name, {"verdict": "skill"})
        verify(run)
    with pytest.raises(RunFolderError, match="another run is writing"):
        RunFolder.create(run, overwrite=True)
    folder.discard()
    verify(run)
    assert json.loads((run / "verdict.json").read_text()) == {"verdict": "no evidence"}
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("atomic", [True, False])
def test_two_folders_change_places(tmp_path: Path, atomic: bool) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    exchange(tmp_path / "a", tmp_path / "b", at_once=None if atomic else lambda first, second: False)
    assert {path.name: (path / "file").read_text() for path in tmp_path.iterdir()} == {"a": "b", "b": "a"}


@pytest.mark.parametrize("name", ["sub", "a/b", "../link/sub"])
def test_a_run_folder_is_no_place_for_another_run(tmp_path: Path, name: str) -> None:
    finished(tmp_path / "run")
    (tmp_path / "link").symlink_to("run")
    out = tmp_path / "run" / name
    with pytest.raises(RunFolderError, match=f"would lie in the run folder {tmp_path / 'run'}, .* such as"):
        RunFolder.create(out)
    assert not out.exists()
    verify(tmp_path / "run")


class LateFolder(RunFolder):
    """A folder whose lock is had only after another process has finished its run there."""

    def _take(self) -> None:
        finished(self.final)
        super()._take()


def test_a_run_that_finishes_at_this_moment_is_not_deleted(tmp_path: Path) -> None:
    """Another process finishes its run after this one has looked and before it has the lock."""
    run = tmp_path / "run"
    with pytest.raises(RunFolderError, match="a finished run is here"):
        LateFolder.create(run)
    verify(run)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"files": {}}', "formats"),
        ('{"format": 2, "files": {}}', "verdict.json is not listed"),
        ('{"format": 2, "files": {"../../etc/passwd": {"sha256": "' + "0" * 64 + '", "bytes": 1}}}', "files of a run"),
        ('{"format": 2, "files": {"verdict.json": 3}}', "files of a run"),
        ('{"format": 3, "files": {}}', "formats"),
        ("[" * 100_000, "not readable as JSON"),
        ('{"format": 2, "files": []}', "formats"),
        ('{"format": NaN}', "not readable as JSON"),
    ],
)
def test_a_manifest_of_no_run_is_refused(tmp_path: Path, content: str, message: str) -> None:
    finished(tmp_path / "run")
    (tmp_path / "run" / "manifest.json").write_text(content)
    with pytest.raises(RunFolderError, match=message):
        verify(tmp_path / "run")


def test_links_and_files_that_are_not_listed_are_refused(tmp_path: Path) -> None:
    finished(tmp_path / "run")
    (tmp_path / "run" / "verdict.json").rename(tmp_path / "verdict.json")
    (tmp_path / "run" / "verdict.json").symlink_to(tmp_path / "verdict.json")
    (tmp_path / "run" / "own_features.py").write_text("raise SystemExit")
    with pytest.raises(RunFolderError, match=r"verdict\.json is a link.*own_features\.py is not listed"):
        verify(tmp_path / "run")


def test_what_is_derived_may_change(tmp_path: Path) -> None:
    finished(tmp_path / "run")
    (tmp_path / "run" / "report.html").write_text("anything")
    verify(tmp_path / "run")


def test_a_changed_or_missing_file_is_named(tmp_path: Path) -> None:
    finished(tmp_path / "run")
    (tmp_path / "run" / "verdict.json").write_text("{}")
    (tmp_path / "run" / "training_log.txt").unlink()
    with pytest.raises(RunFolderError, match=r"training_log\.txt is missing.*verdict\.json has changed"):
        verify(tmp_path / "run")


def test_an_unfinished_run_is_not_a_run_but_may_be_started_again(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    with pytest.raises(RunFolderError, match="not a finished run"):
        verify(tmp_path / "run")
    folder.discard()
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_with_other_files_is_never_touched(tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(RunFolderError, match=r"thesis\.docx"):
        RunFolder.create(tmp_path, overwrite=overwrite)
    assert (tmp_path / "thesis.docx").exists()


def test_two_runs_cannot_write_to_one_folder(tmp_path: Path) -> None:
    first = RunFolder.create(tmp_path / "run")
    with pytest.raises(RunFolderError, match="another run is writing"):
        RunFolder.create(tmp_path / "run")
    first.finish()


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_atomic(tmp_path / "file", b"old")
    monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_atomic(tmp_path / "file", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_the_journal_keeps_what_was_said_before_the_folder_was_there(tmp_path: Path) -> None:
    lines: list[str] = []
    journal = Journal(Lines(lines.append))
    journal.log("before")
    folder = RunFolder.create(tmp_path / "run")
    journal.open(folder)
    journal.log("after")
    journal.emit(VerdictReached(verdict={"rank_ic": 0.5}))
    assert lines == ["before", "after"]
    logged = (tmp_path / "run" / "training_log.txt").read_text().splitlines()
    assert [line.split(" ", 2)[2] for line in logged] == lines
    assert json.loads((tmp_path / "run" / "metrics.jsonl").read_text()) == {"kind": "verdict", "rank_ic": 0.5}
    folder.finish()


@pytest.mark.parametrize("out", ["link", "link/run"])
@pytest.mark.parametrize("target", ["link", "gone"])
def test_a_link_that_leads_to_no_folder_is_named_before_training(out: str, target: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / target)
    with pytest.raises(RunFolderError, match=rf"^{tmp_path}/link: this symbolic link leads nowhere, or in a circle"):
        refuse_taken(tmp_path / out, overwrite=True)


@pytest.mark.parametrize("name", ["training_log.txt", "unfinished", ".lock"])
def test_a_link_in_a_run_folder_is_refused_and_what_it_leads_to_stays(name: str, tmp_path: Path) -> None:
    """A stopped run from elsewhere would cut back, or write on, a file of this user."""
    run, other = tmp_path / "run", tmp_path / "other"
    run.mkdir()
    other.write_text("years of work")
    (run / name).symlink_to(other)
    for use in (
        lambda: RunFolder.create(run, overwrite=True),
        lambda: RunFolder(run)._take(),
        lambda: refuse_taken(run, overwrite=True, resume=True),
    ):
        with pytest.raises(RunFolderError, match=rf"holds links, folders or pipes in their place \({name}\)"):
            use()
    assert other.read_text() == "years of work"


@pytest.mark.parametrize("name", [".", "..", "sub/.."])
def test_a_run_folder_has_a_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its list of trials lies beside it, and the run that replaces it is written there."""
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    with pytest.raises(RunFolderError, match=rf'must be given by its name.*Give out="{Path(name).resolve()}"'):
        refuse_taken(Path(name), overwrite=True)


def test_a_link_to_a_run_is_refused_before_it_takes_the_place_of_the_run(tmp_path: Path) -> None:
    finished(tmp_path / "run")
    (tmp_path / "latest").symlink_to("run")
    with pytest.raises(RunFolderError, match=rf'this is a link\. Give what it leads to: out="{tmp_path / "run"}"'):
        RunFolder.create(tmp_path / "latest", overwrite=True)
    verify(tmp_path / "run")


def test_a_run_with_the_longest_name_is_replaced_like_another(tmp_path: Path) -> None:
    run = tmp_path / ("r" * 255)
    finished(run)
    finished(run, verdict="skill", overwrite=True)
    assert json.loads((run / "verdict.json").read_text()) == {"verdict": "skill"}
    assert list(tmp_path.iterdir()) == [run]


@pytest.mark.parametrize("name", ["verdict.json", ".lock", "unfinished"])
def test_what_has_the_name_of_a_file_but_is_none_is_refused_before_training(name: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    if name == "unfinished":
        (run / name).write_text("")
    else:
        (run / name).mkdir()
    with pytest.raises(RunFolderError, match=rf"links, folders or pipes in their place \({name}\)"):
        refuse_taken(run, overwrite=True)


@pytest.mark.parametrize("thing", ["a file", "another's folder", "a link"])
def test_what_lies_where_the_next_run_is_written_is_never_touched(thing: str, tmp_path: Path) -> None:
    run, beside, other = tmp_path / "run", tmp_path / ".run.next", tmp_path / "other"
    finished(run)
    other.mkdir()
    (other / "verdict.json").write_text("years of work")
    if thing == "a file":
        beside.write_text("years of work")
    elif thing == "a link":
        beside.symlink_to(other)
    else:
        beside.mkdir()
        (beside / "thesis.docx").write_text("years of work")
    with pytest.raises(RunFolderError, match=rf"^{beside}: "):
        RunFolder.create(run, overwrite=True)
    verify(run)
    assert {file.read_text() for file in (other / "verdict.json", *beside.glob("*.docx"))} == {"years of work"}


@pytest.mark.parametrize("line", [b"\xff", b"{", b'{"kind": "verdict"', b"[]", b"5", b'{"kind": "no such"}', b"{}"])
def test_records_that_no_run_has_written_are_refused(line: bytes, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    (tmp_path / "run" / "metrics.jsonl").write_bytes(b'{"kind": "verdict", "rank_ic": 0.5}\n' + line + b"\n")
    emitted: list[str] = []
    with pytest.raises(RunFolderError, match="holds what this version of tailproof cannot read"):
        Journal(Lines(emitted.append)).resume(folder)
    assert emitted == []
    folder.release()
