"""A file may be written where its user says, and is refused in words where it cannot be."""

from pathlib import Path

import pytest

from tailproof.cli import main
from tailproof.core.errors import ConfigError
from tailproof.storage.out_file import ready_for


def test_the_folder_is_made(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b" / "c.csv"
    assert ready_for(out) == out
    assert ready_for(out).parent.is_dir()


def test_a_folder_of_that_name_and_a_file_in_the_way_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="however: it is a folder"):
        ready_for(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="its folder cannot be made"):
        ready_for(tmp_path / "file" / "b" / "c.csv")


def test_commands_write_into_folders_that_are_not_there_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bars, told, aside, merged = (
        tmp_path / name for name in ("1/bars.csv", "2/told.json", "3/aside.parquet", "4/m.csv")
    )
    main(["simulate", "--rows", "500", "--out", str(bars)])
    main(["check", str(bars), "--json", str(told), "--set-aside", str(aside)])
    main(["resample", str(bars), "--to", "5min", "--out", str(merged)])
    assert all(path.is_file() for path in (bars, told, aside, merged)), capsys.readouterr().out
