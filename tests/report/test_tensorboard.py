"""A run's event files, read back by TensorBoard's own reader."""

import json
from pathlib import Path

import pytest

from tailproof.cli import main

accumulators = pytest.importorskip(
    "tensorboard.backend.event_processing.event_accumulator", reason="tensorboard is not installed"
)
OPTIONS = ("--engine", "lanes", "--members", "2", "--placebos", "1", "--folds", "2", "--epochs", "2", "--no-baselines")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds bars, a run and its events."""
    path = tmp_path_factory.mktemp("tensorboard")
    main(["simulate", "--rows", "3000", "--out", str(path / "bars.csv")])
    train(path)
    return path


def train(folder: Path, *more: str) -> None:
    arguments = ["train", str(folder / "bars.csv"), "--out", str(folder / "run"), "--quiet", "--log-interval", "20"]
    main([*arguments, "--tensorboard", str(folder / "events"), *OPTIONS, *more])


def test_every_interval_and_epoch_of_every_window_is_there(folder: Path) -> None:
    records = [json.loads(line) for line in (folder / "run" / "metrics.jsonl").read_text().splitlines()]
    for fold, part in ((0, "shipped"), (1, "fold-1"), (2, "fold-2")):
        events = accumulators.EventAccumulator(str(folder / "events" / "run" / part)).Reload()
        own = [record for record in records if record.get("fold") == fold]
        intervals = [record for record in own if record["kind"] == "interval"]
        assert [event.step for event in events.Scalars("train_loss")] == [record["step"] for record in intervals]
        means = [sum(record["loss"]) / 2 for record in intervals]
        assert [event.value for event in events.Scalars("train_loss")] == pytest.approx(means, rel=1e-6)
        epochs = [sum(record["validation_loss"]) / 2 for record in own if record["kind"] == "epoch"]
        assert [event.value for event in events.Scalars("validation_loss")] == pytest.approx(epochs, rel=1e-6)


def test_settings_and_verdict_are_texts(folder: Path) -> None:
    events = accumulators.EventAccumulator(str(folder / "events" / "run")).Reload()
    sentence = json.loads((folder / "run" / "verdict.json").read_text())["sentence"]
    assert events.Tensors("verdict")[0].tensor_proto.string_val[0].decode() == sentence
    assert b"| --epochs | 2 |" in events.Tensors("settings")[0].tensor_proto.string_val[0]
    assert set(events.Tags()["scalars"]) >= {"rank_ic"}


def test_an_earlier_runs_events_are_not_mixed_with_new_ones(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        train(folder)
    assert caught.value.code == 2
    assert "an earlier run's events are here" in capsys.readouterr().err
    train(folder, "--overwrite")
    files = list((folder / "events" / "run" / "fold-1").iterdir())
    assert len(files) == 1
