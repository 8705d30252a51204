import threading
from pathlib import Path

import pytest
from tests.support.waiting import wait_until

from tailproof.core.errors import RunFolderError
from tailproof.report import SILENT
from tailproof.report.watch import watch
from tailproof.runs.journal import Journal
from tailproof.storage import RunFolder


def test_lines_arrive_while_the_run_goes_on_and_the_end_is_seen(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    journal = Journal(SILENT)
    journal.open(folder)
    journal.log("first")
    logged: list[str] = []
    ended: list[bool] = []
    follower = threading.Thread(target=lambda: ended.append(watch(folder.path, show=logged.append, interval=0.01)))
    follower.start()
    wait_until(lambda: len(logged) == 1)
    assert logged == ["first"]
    journal.log("  second, with é")
    wait_until(lambda: len(logged) == 2)
    assert follower.is_alive()
    folder.finish()
    follower.join()
    assert logged == ["first", "  second, with é"]
    assert ended == [True]


def test_a_run_that_was_stopped_is_known_by_its_lock(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    folder.append_line("training_log.txt", "2026-01-31 12:00:00 only line")
    folder.release()
    logged: list[str] = []
    assert watch(folder.path, show=logged.append) is False
    assert logged == ["only line"]


def test_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="no run has begun"):
        watch(tmp_path, show=print)
