import json
from pathlib import Path

import polars as pl
import pytest
from conftest import bars_of, random_bar_frame

from tailproof import pipeline
from tailproof.core.errors import TrainingError
from tailproof.core.settings import TrainSettings

SETTINGS = TrainSettings(epochs=2, warmup_steps=10)
BARS = bars_of(random_bar_frame(900, breaks=(300, 600)))


def test_a_run_leaves_a_whole_folder(tmp_path: Path) -> None:
    said: list[str] = []
    run = pipeline.train_on_bars(BARS, settings=SETTINGS, out=tmp_path / "run", say=said.append)
    verdict = json.loads((run.folder / "verdict.json").read_text())
    assert verdict["sentence"] == said[-2]
    records = [json.loads(line) for line in (run.folder / "metrics.jsonl").read_text().splitlines()]
    assert [record["epoch"] for record in records if record["kind"] == "epoch"] == [1, 2]
    log = (run.folder / "training_log.txt").read_text()
    assert all(line in log for line in said)
    parts = pl.read_parquet(run.folder / "predictions.parquet")["part"].value_counts()
    assert dict(parts.iter_rows()) == {"validation": 89, "test": 176}


def test_the_same_seed_gives_the_same_predictions_and_another_seed_does_not(tmp_path: Path) -> None:
    frames = []
    for index, seed in enumerate((1, 1, 2)):
        settings = SETTINGS.model_copy(update={"seed": seed})
        run = pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / str(index), say=lambda line: None)
        frames.append(pl.read_parquet(run.folder / "predictions.parquet"))
    assert frames[0].equals(frames[1])
    assert not frames[0]["prediction"].equals(frames[2]["prediction"])


def test_statistics_do_not_change_with_later_rows(tmp_path: Path) -> None:
    """What is fitted depends on the training rows alone: later bars may say anything."""
    frame = random_bar_frame(900, breaks=(300, 600))
    later = pl.int_range(pl.len()) >= 700
    wild = frame.with_columns(
        pl.when(later).then(pl.col(name) * 3.0).otherwise(name).alias(name) for name in ("open", "high", "low", "close")
    )
    statistics = []
    for index, bars in enumerate((bars_of(frame), bars_of(wild))):
        run = pipeline.train_on_bars(bars, settings=SETTINGS, out=tmp_path / str(index), say=lambda line: None)
        statistics.append((run.folder / "feature_statistics.json").read_text())
    assert statistics[0] == statistics[1]


@pytest.mark.parametrize("target", ["rank", "rank-gauss", "raw"])
@pytest.mark.parametrize("residual_blocks", [0, 1])
def test_every_target_trains(target: str, residual_blocks: int, tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"target": target, "residual_blocks": residual_blocks, "horizon": 3})
    run = pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / "run", say=lambda line: None)
    layers = json.loads((run.folder / "training_config.json").read_text())["network"]["layers"]
    assert layers.endswith("Sigmoid") == (target == "rank")


def test_training_that_blows_up_is_stopped_and_leaves_no_manifest(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"learning_rate": 1e38, "warmup_steps": 0})
    with pytest.raises(TrainingError, match="may be skipped"):
        pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / "run", say=lambda line: None)
    assert not (tmp_path / "run" / "manifest.json").exists()
    assert "skipped" in (tmp_path / "run" / "training_log.txt").read_text()


def test_real_minutes_with_daily_vix(shared_data: Path, tmp_path: Path) -> None:
    said: list[str] = []
    pipeline.train(
        shared_data / "es_1min_2013_2020.csv",
        vix=shared_data / "vix_daily_1990_2026.csv",
        settings=SETTINGS.model_copy(update={"epochs": 1, "batch_size": 64}),
        out=tmp_path / "run",
        say=said.append,
    )
    summary = "\n".join(said)
    assert "16 dates" in summary
    assert "19 breaks longer than 30 min" in summary
    assert "vix_log" in summary
