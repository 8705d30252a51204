import json
from pathlib import Path

import pytest

from tailproof.core.errors import RunFolderError
from tailproof.core.events import VerdictReached
from tailproof.report import Lines
from tailproof.runs.journal import Journal
from tailproof.storage import RunFolder, verify
from tailproof.storage.atomic import write_atomic


def finished(path: Path) -> RunFolder:
    folder = RunFolder.create(path)
    folder.write_json("verdict.json", {"verdict": "no evidence"})
    folder.append_line("training_log.txt", "a line")
    folder.finish()
    return folder


def test_a_finished_run_verifies_and_is_not_overwritten_unasked(tmp_path: Path) -> None:
    finished(tmp_path / "run")
    assert set(verify(tmp_path / "run")) == {"verdict.json", "training_log.txt"}
    with pytest.raises(RunFolderError, match="--overwrite"):
        RunFolder.create(tmp_path / "run")
    RunFolder.create(tmp_path / "run", overwrite=True).finish()
    assert verify(tmp_path / "run") == {}


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
    said: list[str] = []
    journal = Journal(Lines(said.append))
    journal.log("before")
    folder = RunFolder.create(tmp_path / "run")
    journal.open(folder)
    journal.log("after")
    journal.emit(VerdictReached(verdict={"rank_ic": 0.5}))
    assert said == ["before", "after"]
    lines = (tmp_path / "run" / "training_log.txt").read_text().splitlines()
    assert [line.split(" ", 2)[2] for line in lines] == said
    assert json.loads((tmp_path / "run" / "metrics.jsonl").read_text()) == {"kind": "verdict", "rank_ic": 0.5}
    folder.finish()
