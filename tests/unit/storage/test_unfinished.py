from pathlib import Path

import numpy as np
import pytest

from tailproof.core.errors import RunFolderError
from tailproof.storage import RunFolder, refuse_taken, stopped_run


def stopped_folder(path: Path, *, times: int = 3) -> RunFolder:
    """A folder in which something was kept ``times`` times, with a part and a line of the log each."""
    folder = RunFolder.create(path)
    for time in range(1, times + 1):
        folder.append_line("training_log.txt", f"line {time}")
        folder.append_line("metrics.jsonl", "{}")
        folder.unfinished.write({"time": time}, part={"values": np.arange(time)})
    folder.append_line("training_log.txt", "lost")
    folder.release()
    return folder


def test_what_was_kept_last_comes_back_with_every_part_and_the_log_is_cut_back(tmp_path: Path) -> None:
    stopped_folder(tmp_path / "run")
    assert stopped_run(tmp_path / "run") == tmp_path / "run"
    refuse_taken(tmp_path / "run", overwrite=False, resume=True)
    folder = RunFolder.reopen(tmp_path / "run")
    stored = folder.unfinished.read()
    assert (stored.head, stored.faults) == ({"time": 3}, ())
    assert [part["values"].tolist() for part in stored.parts] == [[0], [0, 1], [0, 1, 2]]
    folder.unfinished.cut_back()
    assert (tmp_path / "run" / "training_log.txt").read_text() == "line 1\nline 2\nline 3\n"
    folder.unfinished.write({"time": 4}, part=None)
    assert len(RunFolder(tmp_path / "run").unfinished.read().parts) == 3
    assert sorted(file.name for file in (tmp_path / "run" / "unfinished").glob("run-*")) == ["run-3.kept", "run-4.kept"]


@pytest.mark.parametrize("harm", ["cut", "changed", "gone"])
@pytest.mark.parametrize("file", ["run-3.kept", "folds-3.kept"])
def test_what_is_not_whole_is_named_and_the_one_before_it_is_taken(tmp_path: Path, harm: str, file: str) -> None:
    stopped_folder(tmp_path / "run")
    harm_file(tmp_path / "run" / "unfinished" / file, harm)
    stored = RunFolder(tmp_path / "run").unfinished.read()
    assert stored.head == {"time": 2}
    assert len(stored.parts) == 2
    assert [file in fault for fault in stored.faults] == ([] if (harm, file) == ("gone", "run-3.kept") else [True])


def test_a_log_that_lost_lines_is_as_bad_as_a_part_that_is_not_whole(tmp_path: Path) -> None:
    stopped_folder(tmp_path / "run")
    (tmp_path / "run" / "training_log.txt").write_text("line 1\nline 2\n")
    stored = RunFolder(tmp_path / "run").unfinished.read()
    assert stored.head == {"time": 2}
    assert "training_log.txt: it had 21 bytes" in stored.faults[0]


def test_where_nothing_is_whole_everything_at_fault_is_named(tmp_path: Path) -> None:
    stopped_folder(tmp_path / "run")
    harm_file(tmp_path / "run" / "unfinished" / "run-3.kept", "cut")
    harm_file(tmp_path / "run" / "unfinished" / "folds-1.kept", "changed")
    with pytest.raises(RunFolderError, match=r"(?s)run-3\.kept.*folds-1\.kept.*with overwrite=True"):
        RunFolder(tmp_path / "run").unfinished.read()


def test_a_finished_run_keeps_nothing_and_an_other_s_file_is_left(tmp_path: Path) -> None:
    folder = stopped_folder(tmp_path / "run")
    (tmp_path / "run" / "unfinished" / ".run-9.kept.x1y2").write_text("half")
    folder.finish()
    folder.close()
    assert not (tmp_path / "run" / "unfinished").exists()
    stopped_folder(tmp_path / "other")
    (tmp_path / "other" / "unfinished" / "thesis.docx").write_text("years of work")
    RunFolder.create(tmp_path / "other", overwrite=True)
    assert [file.name for file in (tmp_path / "other" / "unfinished").iterdir()] == ["thesis.docx"]


def test_what_a_dead_process_left_half_written_is_taken_away(tmp_path: Path) -> None:
    stopped_folder(tmp_path / "run")
    half = tmp_path / "run" / ".verdict.json.abc123"
    half.write_text("{")
    refuse_taken(tmp_path / "run", overwrite=False, resume=True)
    RunFolder.reopen(tmp_path / "run")
    assert not half.exists()


def harm_file(path: Path, harm: str) -> None:
    content = bytearray(path.read_bytes())
    if harm == "gone":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(content[:-5])
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
