"""A file may be written where its user says, and is refused in words where it cannot be."""

import io
import os
from pathlib import Path

import pytest

from tailproof.cli import main
from tailproof.core.errors import ConfigError
from tailproof.storage.atomic import temporary_beside, write_atomic
from tailproof.storage.manifest import CONFIG, LOG
from tailproof.storage.out_file import out_file


def test_the_folder_is_made_and_the_file_written_whole(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b" / "c.csv"
    out_file(out, overwrite=False).write(b"content")
    assert out.read_bytes() == b"content"
    assert [file.name for file in out.parent.iterdir()] == ["c.csv"]


def test_a_folder_of_that_name_and_a_file_in_the_way_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must name a file, but this is a folder"):
        out_file(tmp_path, overwrite=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="the folder for out cannot be made"):
        out_file(tmp_path / "file" / "b" / "c.csv", overwrite=True)


def test_another_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    out = tmp_path / "c.csv"
    out.write_text("precious")
    with pytest.raises(ConfigError, match=r"a file is here\. Give json another name, or overwrite=True"):
        out_file(out, overwrite=False, option="json")
    out_file(out, overwrite=True).write(b"new")
    assert out.read_bytes() == b"new"


@pytest.mark.parametrize("name", ["predictions.parquet", "forecasts.csv", "plots/forecasts.csv"])
def test_no_file_is_written_into_a_run_folder(tmp_path: Path, name: str) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for own in (CONFIG, LOG, "predictions.parquet"):
        (run / own).write_text("of the run")
    with pytest.raises(ConfigError, match=f"would lie in the run folder {run}"):
        out_file(run / name, overwrite=True)
    assert {file.read_text() for file in run.iterdir()} == {"of the run"}


def test_a_link_that_leads_nowhere_is_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "gone.csv")
    with pytest.raises(ConfigError, match="a file is here"):
        out_file(tmp_path / "link.csv", overwrite=False)


@pytest.mark.parametrize("there", [True, False])
def test_what_a_link_leads_to_is_replaced_and_the_link_stays(there: bool, tmp_path: Path) -> None:
    """As ``/dev/stdout`` is one, which would be gone for every program."""
    link, real = tmp_path / "link.csv", tmp_path / "data" / "real.csv"
    link.symlink_to(real)
    if there:
        real.parent.mkdir()
        real.write_text("old")
    out_file(link, overwrite=True).write(b"new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert {file.name for file in (*tmp_path.iterdir(), *real.parent.iterdir())} == {"link.csv", "data", "real.csv"}


def test_a_device_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ConfigError, match="a device or a pipe"):
        out_file(tmp_path / "pipe.csv", overwrite=True)


@pytest.mark.parametrize("name", ["bars.csv", ".", "b*.csv", "link.csv"])
def test_what_is_read_is_never_replaced(name: str, tmp_path: Path) -> None:
    bars = tmp_path / "bars.csv"
    bars.write_text("precious")
    (tmp_path / "link.csv").symlink_to(bars)
    with pytest.raises(ConfigError, match="names what the command reads"):
        out_file(bars, overwrite=True, inputs=(None, tmp_path / name))
    assert bars.read_text() == "precious"


def test_an_input_is_known_behind_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    bars = tmp_path / "bars.csv"
    bars.write_text("precious")
    with pytest.raises(ConfigError, match="names what the command reads"):
        out_file(tmp_path / "absent" / ".." / "bars.csv", overwrite=True, inputs=(bars,))
    assert [file.name for file in tmp_path.iterdir()] == ["bars.csv"]


def test_a_file_that_comes_while_the_command_works_is_kept(tmp_path: Path) -> None:
    out = out_file(tmp_path / "c.csv", overwrite=False)
    out.path.write_text("another command's")
    with pytest.raises(ConfigError, match="a file is here"):
        out.write(b"mine")
    assert out.path.read_text() == "another command's"
    assert list(tmp_path.iterdir()) == [out.path]


def test_what_a_killed_command_left_is_removed_and_a_living_ones_is_not(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    (tmp_path / ".c.csv.dead.part").write_text("half")
    with temporary_beside(path) as (living, _):
        write_atomic(path, b"whole")
        assert {file.name for file in tmp_path.iterdir()} == {"c.csv", living.name}


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 251 + ".csv")
    out_file(path, overwrite=False).write(b"whole")
    assert path.read_bytes() == b"whole"


@pytest.mark.parametrize(
    "command",
    [
        ["simulate", "--rows", "500", "--out", "{out}"],
        ["resample", "{bars}", "--to", "5min", "--out", "{out}"],
        ["merge", "{bars}", "{bars}", "--series", "--out", "{out}"],
        ["check", "{bars}", "--set-aside", "{out}"],
        ["check", "{bars}", "--json", "{out}"],
    ],
)
def test_every_command_refuses_the_input_and_a_file_that_is_there(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars, other = tmp_path / "bars.csv", tmp_path / "other.csv"
    main(["simulate", "--rows", "500", "--out", str(bars)])
    content = bars.read_bytes()
    other.write_text("precious")
    for out, more in ((bars, []), (bars, ["--overwrite"]), (other, [])):
        if "simulate" in command and more:
            continue
        with pytest.raises(SystemExit) as ended:
            main([part.format(bars=bars, out=out) for part in command] + more)
        assert ended.value.code == 2
        assert "Name another file" in (error := capsys.readouterr().err) or "--overwrite" in error
    assert (bars.read_bytes(), other.read_text()) == (content, "precious")
    main([part.format(bars=bars, out=other) for part in command] + ["--overwrite"])
    assert other.read_bytes() != b"precious"


def test_commands_write_into_folders_that_are_not_there_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bars, report, aside, merged = (
        tmp_path / name for name in ("1/bars.csv", "2/told.json", "3/aside.parquet", "4/m.csv")
    )
    main(["simulate", "--rows", "500", "--out", str(bars)])
    main(["check", str(bars), "--json", str(report), "--set-aside", str(aside)])
    main(["resample", str(bars), "--to", "5min", "--out", str(merged)])
    assert all(path.is_file() for path in (bars, report, aside, merged)), capsys.readouterr().out


def test_an_interrupt_as_soon_as_the_temporary_file_is_there_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, names = os.open, []

    def interrupted(path: Path, flags: int, mode: int = 0o777) -> int:
        handle = opened(path, flags, mode)
        names.append(path)
        os.close(handle)
        raise KeyboardInterrupt

    monkeypatch.setattr(io, "open", lambda path, mode, *_: interrupted(path, os.O_RDWR | os.O_CREAT | os.O_EXCL))
    monkeypatch.setattr(os, "open", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "out.csv", b"content")
    monkeypatch.undo()
    assert len(names) == 1
    assert list(tmp_path.iterdir()) == []
