"""What a stopped run does not go on with: other settings, other data, other programs, files that are not whole."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof import pipeline
from tailproof.cli.main import main
from tailproof.core.errors import RunFolderError
from tailproof.core.events import RunEvent, TrainingRecord
from tailproof.core.fit import EpochRecord
from tailproof.report import SILENT, Lines
from tailproof.runs.pace import Pace
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage import RunFolder

FRAME = random_bar_frame(600, breaks=tuple(range(60, 600, 60)))
BARS = bars_of(FRAME)
EVERY_CHANCE = Pace(seconds_between=0.0, max_share=1e9)
SETTINGS = TrainSettings(
    epochs=2, members=2, placebos=2, folds=2, log_interval=5, engine="lanes", features=("original",), baselines=False
)


class StopInSecondFold:
    def emit(self, event: RunEvent) -> None:
        if isinstance(event, TrainingRecord) and event.fold == 2 and isinstance(event.record, EpochRecord):
            raise KeyboardInterrupt


@pytest.fixture
def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    with pytest.raises(KeyboardInterrupt):
        pipeline.train_on_bars(
            BARS, settings=SETTINGS, out=tmp_path / "run", reporter=StopInSecondFold(), pace=EVERY_CHANCE
        )
    return tmp_path / "run"


def go_on(out: Path, *, settings: TrainSettings = SETTINGS, frame: pl.DataFrame = FRAME) -> list[str]:
    lines: list[str] = []
    pipeline.train_on_bars(bars_of(frame), settings=settings, out=out, reporter=Lines(lines.append), resume=True)
    return lines


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_setting_that_differs_is_named_and_the_run_stays_as_it_was(stopped: Path) -> None:
    before = contents(stopped)
    with pytest.raises(RunFolderError) as refused:
        go_on(stopped, settings=SETTINGS.replace(epochs=3, hidden_dims=(8,), threads=1))
    message = str(refused.value)
    assert "  - epochs: 2 then, 3 now" in message
    assert "  - hidden_dims: 64 then, 8 now" in message
    assert "threads" not in message
    assert "Give these options as they were" in message
    assert "with overwrite=True" in message
    assert contents(stopped) == before
    assert any("Resumed from" in line for line in go_on(stopped)), "and it can still go on"


@pytest.mark.parametrize(
    ("column", "factor", "named"),
    [
        ("close", 1.0001, ["times and closes of the bars", "features and returns"]),
        ("volume", 2.0, ["features and returns"]),
        ("open", 1.0001, ["features and returns"]),
    ],
)
def test_other_bars(stopped: Path, column: str, factor: float, named: list[str]) -> None:
    changed = FRAME.with_columns(
        pl.when(pl.int_range(pl.len()) == 560).then(pl.col(column) * factor).otherwise(column).alias(column)
    )
    changed = changed.with_columns(
        high=pl.max_horizontal("high", "open", "close"), low=pl.min_horizontal("low", "open", "close")
    )
    with pytest.raises(RunFolderError) as refused:
        go_on(stopped, frame=changed)
    names = [line.removeprefix("  - ").split(":")[0] for line in str(refused.value).splitlines() if " then, " in line]
    assert names == named


def test_other_versions_and_another_arithmetic(stopped: Path) -> None:
    folder = RunFolder.reopen(stopped)
    head = folder.unfinished.read().head
    head["fingerprint"] |= {"package": {"numpy": "0.1"}, "engine": {"engine": "lanes", "instruction set": "an abacus"}}
    folder.unfinished.write(head, part=None)
    folder.release()
    with pytest.raises(RunFolderError, match=r"(?s)numpy: 0\.1 then, .* now.*tailproof: none then, .* now") as refused:
        go_on(stopped)
    assert "instruction set: an abacus then, " in str(refused.value)
    assert "Install the versions that were there; go on with the engine" in str(refused.value)


@pytest.mark.parametrize("name", ["own_features.py", "training_config.json"])
@pytest.mark.parametrize("harm", ["changed", "removed"])
def test_other_files_in_the_folder(name: str, harm: str, tmp_path: Path) -> None:
    """What a resumed run does not write again has to be what it wrote."""
    features = tmp_path / "mine.py"
    features.write_text("import polars as pl\ndef drop(frame):\n    return pl.col('close') / pl.col('high') - 1\n")
    settings, out = SETTINGS.replace(feature_file=features), tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        pipeline.train_on_bars(BARS, settings=settings, out=out, reporter=StopInSecondFold(), pace=EVERY_CHANCE)
    content = (out / name).read_text()
    (out / name).write_text(content + " ") if harm == "changed" else (out / name).unlink()
    with pytest.raises(RunFolderError, match=name):
        go_on(out, settings=settings)
    (out / name).write_text(content)
    features.write_text(features.read_text() + "# changed\n")
    with pytest.raises(RunFolderError, match="file of features: "):
        go_on(out, settings=settings)


def test_another_engine(stopped: Path) -> None:
    with pytest.raises(RunFolderError, match="engine: lanes then, torch now"):
        go_on(stopped, settings=SETTINGS.replace(engine="torch"))


def test_a_finished_run_is_refused_and_an_empty_folder_begins(tmp_path: Path) -> None:
    lines = go_on(tmp_path / "run")
    assert any("Nothing was kept in this folder to go on from: the run begins." in line for line in lines)
    with pytest.raises(RunFolderError, match="a finished run is here"):
        go_on(tmp_path / "run")


def test_what_is_not_whole_is_named_and_the_one_before_it_gone_on_with(stopped: Path) -> None:
    *_, latest = sorted((stopped / "unfinished").glob("run-*"), key=lambda path: int(path.stem.split("-")[1]))
    latest.write_bytes(latest.read_bytes()[:-1])
    lines = go_on(stopped)
    assert any(line.startswith(f"Warning: {latest}: its content is not what was written") for line in lines)
    assert any("Resumed from" in line for line in lines)


def test_where_nothing_is_whole_nothing_is_touched(stopped: Path) -> None:
    for path in (stopped / "unfinished").glob("run-*"):
        path.write_bytes(b"")
    before = contents(stopped)
    with pytest.raises(RunFolderError, match="nothing of it is whole"):
        go_on(stopped)
    assert contents(stopped) == before


def test_a_stopped_run_is_replaced_only_when_asked(stopped: Path) -> None:
    with pytest.raises(RunFolderError, match="Give resume=True to continue it, overwrite=True to begin anew"):
        pipeline.train_on_bars(BARS, settings=SETTINGS, out=stopped, reporter=SILENT)
    assert (stopped / "unfinished").is_dir()
    run = pipeline.train_on_bars(BARS, settings=SETTINGS, out=stopped, overwrite=True, reporter=SILENT)
    assert not (run.folder / "unfinished").exists()
    assert "Resumed" not in (run.folder / "training_log.txt").read_text()


def test_a_copy_of_the_folder_goes_on_as_well(stopped: Path, tmp_path: Path) -> None:
    shutil.copytree(stopped, tmp_path / "copies" / "run")
    go_on(tmp_path / "copies" / "run")
    go_on(stopped)
    one, other = (folder / "predictions.parquet" for folder in (stopped, tmp_path / "copies" / "run"))
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--resume"], "Name it with --out"), (["--resume", "--overwrite", "--out", "run"], "Give one of them")],
)
def test_options_that_say_too_little_or_too_much(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["train", "no_such_file.csv", *options])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
