import json
from pathlib import Path

import jsonschema
import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof import pipeline
from tailproof.arrays import scratch
from tailproof.core.errors import TrainingError
from tailproof.core.verdict_schema import verdict_schema
from tailproof.report import SILENT, Lines
from tailproof.report.reporting import list_runs
from tailproof.settings.train_settings import TrainSettings
from tailproof.tasks import TASKS
from tailproof.walkforward import bars_to_design

SETTINGS = TrainSettings(epochs=2, warmup_steps=10, members=2, split="holdout", placebos=0, baselines=False)
BARS = bars_of(random_bar_frame(900, breaks=(300, 600)))


def test_a_run_leaves_a_whole_folder(tmp_path: Path) -> None:
    lines: list[str] = []
    run = pipeline.train_on_bars(BARS, settings=SETTINGS, out=tmp_path / "run", reporter=Lines(lines.append))
    verdict = json.loads((run.folder / "verdict.json").read_text())
    assert verdict["sentence"] == lines[-1], "the terminal ends with the sentence"
    records = [json.loads(line) for line in (run.folder / "metrics.jsonl").read_text().splitlines()]
    assert [record["epoch"] for record in records if record["kind"] == "epoch"] == [1, 2]
    log = (run.folder / "training_log.txt").read_text()
    assert all(line in log for line in lines)
    assert pl.read_parquet(run.folder / "predictions.parquet").height == 176


def test_a_walk_forward_forecasts_every_row_after_the_first_window_once(tmp_path: Path) -> None:
    settings = SETTINGS.replace(split="walk-forward", folds=3, placebos=2, baselines=True)
    lines: list[str] = []
    run = pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / "run", reporter=Lines(lines.append))
    written = pl.read_parquet(run.folder / "predictions.parquet")
    assert written["known_at"].is_sorted()
    assert written["known_at"].n_unique() == written.height
    assert written["fold"].unique().to_list() == [1, 2, 3]
    assert {"last return", "reversal", "ridge", "LightGBM", "constant", "zero"} == set(run.verdict.baselines)
    assert len(run.verdict.rank_ic.placebos) == 2
    stored = json.loads((run.folder / "verdict.json").read_text())
    jsonschema.validate(stored, verdict_schema())
    assert None not in [stored[name] for name in ("costs", "audit", "trials", "minimum_detectable_ic")]
    statistics = stored["statistics"]
    assert [len(statistics[name]) for name in ("member_rank_ics", "drift")] == [2, 3]
    assert all(statistics[name] for name in ("by_month", "by_hour", "by_volatility"))
    assert len(statistics["calibration"]["deciles"]) > 5
    before, after = statistics["calibration"]["slope_before"], statistics["calibration"]["slope"]["value"]
    assert 0.0 < before / after < 1.0, "every fold's forecasts were drawn toward its constant"
    assert statistics["one_bar_late"]["value"] is not None
    assert [line[:8] for line in lines if line.startswith("Fold ")] == ["Fold 1/3", "Fold 2/3", "Fold 3/3"]
    assert len(next(iter(run.fit.best_parameters.values()))) == 2


def test_a_combinatorial_split_judges_every_row_and_ships_the_latest_window(tmp_path: Path) -> None:
    changes = {
        "split": "combinatorial",
        "groups": 4,
        "test_groups": 2,
        "placebos": 2,
        "baselines": True,
        "embargo": "30m",
    }
    lines: list[str] = []
    settings = TrainSettings(**{**SETTINGS.options(), **changes})
    run = pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / "run", reporter=Lines(lines.append))
    written = pl.read_parquet(run.folder / "predictions.parquet")
    rows = json.loads((run.folder / "report_data.json").read_text())["rows"]["kept"]
    assert (written.height, written["known_at"].n_unique()) == (rows, rows)
    assert written["known_at"].is_sorted()
    assert written["fold"].unique().sort().to_list() == [1, 2, 3, 4]
    assert len(run.verdict.statistics.path_rank_ics) == 3
    assert len(run.verdict.rank_ic.placebos) == 2
    assert {"last return", "reversal", "ridge", "LightGBM", "constant", "zero"} == set(run.verdict.baselines)
    assert run.verdict.costs is not None
    assert any("Every row is forecast by 3 of them, none of which trained on it" in line for line in lines)
    assert sum(line.startswith("Fold ") for line in lines) == 6
    assert any("3 backtest paths: rank IC" in line for line in lines)
    fitted = json.loads((run.folder / "feature_statistics.json").read_text())["fitted_on"]
    assert fitted["last_known_at"] > str(written["known_at"][3 * rows // 4])[:10]


def test_a_refit_every_session_says_so_and_shows_some_of_many_folds(tmp_path: Path) -> None:
    bars = bars_of(random_bar_frame(900, breaks=tuple(range(20, 900, 20))))
    changes = {"split": "walk-forward", "refit_every": 1, "warm_start": True, "features": ("close_change_pct",)}
    lines: list[str] = []
    run = pipeline.train_on_bars(
        bars, settings=SETTINGS.replace(**changes), out=tmp_path / "run", reporter=Lines(lines.append)
    )
    shown = [line for line in lines if line.startswith("Fold ")]
    folds = int(shown[0].split("/")[1].split()[0])
    assert folds > 20
    assert shown[-1].startswith(f"Fold {folds}/{folds}")
    assert len(shown) <= 21
    assert any("each from the members of the fold before it" in line for line in lines)
    records = [json.loads(line) for line in (run.folder / "metrics.jsonl").read_text().splitlines()]
    assert {record["fold"] for record in records if "fold" in record} == set(range(folds + 1))


def test_other_features_and_horizons_on_the_same_bars_are_trials_on_the_same_data(tmp_path: Path) -> None:
    counts = []
    tried = (
        (BARS, {}),
        (BARS, {"features": ("close_change_pct",)}),
        (BARS, {"horizon": 3}),
        (BARS, {"threads": 1}),
        (BARS, {}),
        (BARS, {"multiplier": 50.0}),
        (BARS, {"placebos": 1}),
        (bars_of(random_bar_frame(900, breaks=(300, 600)).head(899)), {}),
    )
    for index, (bars, changes) in enumerate(tried):
        run = pipeline.train_on_bars(
            bars, settings=SETTINGS.replace(**changes), out=tmp_path / str(index), reporter=SILENT
        )
        assert run.verdict.trials is not None
        counts.append(run.verdict.trials.count)
    assert counts == [1, 2, 3, 3, 3, 3, 3, 4], "a thread more, another unit of money or a yardstick is no other trial"
    assert len((tmp_path / "trials.jsonl").read_text().splitlines()) == 8, "and every run is kept"


def test_fewer_placebos_than_asked_for_are_said(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        pipeline.train_on_bars(
            BARS,
            settings=SETTINGS.replace(placebos=19),
            out=tmp_path / "never",
            reporter=Lines(lambda line: _stop(line) if "placebos must" in line else None),
        )


def _stop(line: str) -> None:
    assert "19 placebos must have as many different shifts by whole sessions, but 3 sessions allow 2." in line
    raise KeyboardInterrupt


def test_the_same_seed_gives_the_same_predictions_and_another_seed_does_not(tmp_path: Path) -> None:
    frames = []
    for index, seed in enumerate((1, 1, 2)):
        settings = SETTINGS.replace(seed=seed)
        run = pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / str(index), reporter=SILENT)
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
        run = pipeline.train_on_bars(bars, settings=SETTINGS, out=tmp_path / str(index), reporter=SILENT)
        statistics.append((run.folder / "feature_statistics.json").read_text())
    assert statistics[0] == statistics[1]


@pytest.mark.parametrize("target", ["rank", "rank-gauss", "raw"])
@pytest.mark.parametrize("residual_blocks", [0, 1])
def test_every_target_trains(target: str, residual_blocks: int, tmp_path: Path) -> None:
    settings = SETTINGS.replace(target=target, residual_blocks=residual_blocks, horizon=3)
    run = pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / "run", reporter=SILENT)
    layers = json.loads((run.folder / "training_config.json").read_text())["network"]["layers"]
    assert layers.endswith("Sigmoid") == (target == "rank")


def test_training_that_blows_up_is_stopped_and_leaves_no_manifest(tmp_path: Path) -> None:
    settings = SETTINGS.replace(learning_rate=1e38, warmup_steps=0)
    with pytest.raises(TrainingError, match="may be skipped"):
        pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / "run", reporter=SILENT)
    assert not (tmp_path / "run" / "manifest.json").exists()
    assert "skipped" in (tmp_path / "run" / "training_log.txt").read_text()
    assert json.loads((tmp_path / "trials.jsonl").read_text())["result"]["stopped"] == "TrainingError"
    assert [(line.name, line.state) for line in list_runs(tmp_path)] == [("run", "stopped")]


def test_a_run_that_is_interrupted_counts_as_a_trial(tmp_path: Path) -> None:
    """Whoever stops a run after its first folds has tried it."""

    def stop(line: str) -> None:
        if line.startswith("Fold 1/"):
            raise KeyboardInterrupt

    settings = SETTINGS.replace(split="walk-forward", folds=2)
    with pytest.raises(KeyboardInterrupt):
        pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / "stopped", reporter=Lines(stop))
    run = pipeline.train_on_bars(BARS, settings=settings.replace(seed=5), out=tmp_path / "run", reporter=SILENT)
    assert run.verdict.trials is not None
    assert run.verdict.trials.count == 2
    assert len((tmp_path / "trials.jsonl").read_text().splitlines()) == 2


def test_real_minutes_with_daily_vix(shared_data: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    pipeline.train(
        shared_data / "es_1min_2013_2020.csv",
        vix=shared_data / "vix_daily_1990_2026.csv",
        settings=SETTINGS.replace(epochs=1, batch_size=64),
        out=tmp_path / "run",
        reporter=Lines(lines.append, detailed=True),
    )
    summary = "\n".join(lines)
    assert "16 dates" in summary
    assert "19 breaks longer than 30 min" in summary
    assert "vix_log" in summary


def test_wide_leaves_out_what_short_data_seldom_know(tmp_path: Path) -> None:
    """Features of 20 sessions on 12 sessions would leave no row at all."""
    bars = bars_of(random_bar_frame(1200, breaks=tuple(range(100, 1200, 100))))
    settings = SETTINGS.replace(features=("wide",))
    design, selection = bars_to_design(bars, settings.features, task=TASKS["rank"], horizon=1)
    assert len(design) > 0.6 * len(bars)
    assert any(" features left out: known at fewer than 80% of the bars" in note for note in selection.notes)
    assert 20 < len(design.names) == len(selection.features) < 181


@pytest.mark.parametrize("split", ["holdout", "combinatorial"])
def test_a_run_from_mapped_files_is_the_run_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, split: str
) -> None:
    settings = SETTINGS.replace(split=split, groups=3, test_groups=1)
    for name, mapped_from in (("memory", 1 << 28), ("mapped", 1)):
        monkeypatch.setattr(scratch, "MAPPED_FROM_BYTES", mapped_from)
        pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / name, reporter=SILENT)
    for file in ("population_final.safetensors", "predictions.parquet", "feature_statistics.json"):
        assert (tmp_path / "mapped" / file).read_bytes() == (tmp_path / "memory" / file).read_bytes(), file
    assert isinstance(bars_to_design(BARS, settings.features, task=TASKS["rank"], horizon=1)[0].x_NF, np.memmap)
