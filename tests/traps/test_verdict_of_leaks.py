"""A planted leak that reaches training ends as ``suspicious``: the verdict says what the figures rest on."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame
from tests.worlds.known_skill import forecast_with, full_evidence, verdict_of
from tests.worlds.leaks import BREAKS, CROSSING, LEAKS, bars

from tailproof import pipeline
from tailproof.audit import Audit, audit_training
from tailproof.audit.fitted import FitStatistics
from tailproof.bars import read_vix
from tailproof.bars.load import load_frame
from tailproof.bars.merge.join import Merged
from tailproof.core.errors import DataError, LeakError
from tailproof.core.records import Bars, Design, Fold
from tailproof.features.select_features import Selection
from tailproof.pipeline import Run
from tailproof.report import SILENT
from tailproof.scaling import RobustScaler
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.train_settings import TrainSettings
from tailproof.tasks import Task
from tailproof.tasks.rank import RANK
from tailproof.tasks.transform import TargetTransform
from tailproof.walkforward import Plan, bars_to_design, fit_statistics, make_plan, part_of

SETTINGS = TrainSettings(
    epochs=3,
    warmup_steps=10,
    learning_rate=1e-2,
    members=2,
    placebos=3,
    threads=1,
    engine="lanes",
    validation_fraction=0.2,
)
ORIGINAL = SETTINGS.replace(features=("original",)).features
CAUSAL = "lambda frame: pl.col('close') / pl.col('close').shift(7) - 1.0"
TOO_LARGE = ("suspicious", "Few bars give an IC above 0.05: look first for a leak")
NOT_LOOKED = ("no evidence", "no causality audit stands beside it")
WITHOUT_AUDIT = {
    "next_close": TOO_LARGE,
    "close_thirty_bars_ahead": NOT_LOOKED,
    "centred_rolling_mean": TOO_LARGE,
    "global_z_score": NOT_LOOKED,
    "whole_sample_rank": NOT_LOOKED,
    "backward_fill": NOT_LOOKED,
    "interpolated": NOT_LOOKED,
    "future_fitted_pca": NOT_LOOKED,
    "label_as_feature": TOO_LARGE,
    "average_from_the_end": TOO_LARGE,
    "bars_left_in_the_session": NOT_LOOKED,
    "seconds_to_the_next_bar": NOT_LOOKED,
    "scaled_by_the_largest_move": NOT_LOOKED,
    "median_of_the_frame": NOT_LOOKED,
    "session_high_before_its_end": NOT_LOOKED,
    "hour_visible_before_it_closed": TOO_LARGE,
    "tomorrow_first_open": NOT_LOOKED,
}
"""Word and text of each leak where no audit looks for it: five are so large that the IC alone gives them away."""
SOME = ("next_close", "global_z_score", "backward_fill", "session_high_before_its_end")
"""Tried by default; the others are slow in all."""


def names() -> list:
    every = [*LEAKS, *CROSSING]
    return [name if name in SOME else pytest.param(name, marks=pytest.mark.slow) for name in every]


def run_with(feature: str, folder: Path, *, audit: str) -> Run:
    """Train on one planted feature, as a user would plant it: in a Python file of their own."""
    file = folder / "own.py"
    imports = "import polars as pl\nfrom tests.worlds.leaks import own, planted\n"
    file.write_text(f"{imports}feature = {feature}\n", encoding="utf-8")
    settings = SETTINGS.replace(feature_file=file, features=(_name(feature),), audit=audit)
    return pipeline.train_on_bars(bars(), settings=settings, out=folder / "run", reporter=SILENT)


def _name(feature: str) -> str:
    return feature.split('"')[1]


@pytest.mark.parametrize("name", names())
def test_a_leak_that_the_audit_finds_ends_as_suspicious(name: str, tmp_path: Path) -> None:
    run = run_with(f'planted("{name}")', tmp_path, audit="warn")
    assert run.verdict.verdict == "suspicious"
    assert f"the causality audit failed ('{name}' sees later bars" in run.verdict.sentence
    assert not json.loads((run.folder / "audit.json").read_text())["passed"]
    assert json.loads((tmp_path / "trials.jsonl").read_text())["result"]["verdict"] == "suspicious"


@pytest.mark.parametrize("name", names())
def test_a_leak_that_nobody_looked_for_is_never_skill(name: str, tmp_path: Path) -> None:
    verdict = run_with(f'planted("{name}")', tmp_path, audit="off").verdict
    word, text = WITHOUT_AUDIT[name]
    assert verdict.audit is None
    assert verdict.verdict == word
    assert text in verdict.sentence


def test_a_causal_feature_is_not_suspicious(tmp_path: Path) -> None:
    assert run_with(f'own("causal", {CAUSAL})', tmp_path, audit="warn").verdict.verdict == "no evidence"


def test_by_default_a_leak_stops_the_run_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(LeakError, match="'next_close' sees later bars"):
        run_with('planted("next_close")', tmp_path, audit="stop")
    assert not (tmp_path / "run").exists()


def _label(bars: Bars, *, ahead: int, end: int, demeaned: bool = False) -> pl.DataFrame:
    later, before = pl.col("close").shift(-ahead).over("segment"), pl.col("close").shift(1 - ahead).over("segment")
    move = later / before - 1.0
    return bars.frame.select(
        forward_return=move - move.mean() if demeaned else move,
        label_end=pl.col("known_at").shift(-end).over("segment"),
    )


LABELS = {
    "off by one: the return of the bar itself": {"ahead": 0, "end": 1},
    "reaches two bars, says one": {"ahead": 2, "end": 1},
    "demeaned over the whole sample": {"ahead": 1, "end": 1, "demeaned": True},
}


def planned(task: Task) -> tuple[Design, Selection, Plan]:
    """The rows, the features and the folds of this task."""
    design, selection = bars_to_design(bars(), ORIGINAL, task=task, horizon=1)
    plan = make_plan(design, split=SETTINGS.split, evaluation=SETTINGS.evaluation, population=SETTINGS.population)
    return design, selection, plan


def audited(task: Task, *, fit: FitStatistics | None = None) -> Audit:
    """The audit that training with this task begins with; ``fit`` in place of the statistics that it fits."""
    design, selection, plan = planned(task)
    part = part_of(design, plan.folds[0])

    def fitted(rows: Design, fold: Fold) -> dict:
        return as_json(rows, *fit_statistics(rows, fold, task=task))

    return audit_training(
        bars(),
        selection.features,
        partial(task.label, horizon=1),
        part.design,
        part.fold,
        fit or fitted,
        horizon=1,
        random=np.random.default_rng(0),
    )


def as_json(design: Design, scaler: RobustScaler, transform: TargetTransform) -> dict:
    return {"scaling": scaler.as_json(design.names), "target": transform.as_json()}


def with_label(**how: int) -> Task:
    return replace(RANK, label=lambda bars, *, horizon: _label(bars, **how))


def refused(audit: Audit, why: str) -> bool:
    """Whether a forecast that would otherwise be skill is suspicious for this audit, and says why."""
    evidence = full_evidence(audit=audit.brief())
    verdict = verdict_of(forecast_with(0.04), evidence)
    return verdict.verdict == "suspicious" and why in verdict.sentence


def test_the_same_forecast_is_skill_where_the_audit_finds_nothing() -> None:
    audit = audited(RANK)
    assert audit.passed
    assert verdict_of(forecast_with(0.04), full_evidence(audit=audit.brief())).verdict == "skill"


@pytest.mark.parametrize("name", LABELS)
def test_a_wrong_label_is_suspicious(name: str) -> None:
    assert refused(audited(with_label(**LABELS[name])), "label not after known-at")


def test_a_label_that_ends_with_its_bar_does_not_reach_training() -> None:
    with pytest.raises(DataError, match="a label must end after its row is known"):
        planned(with_label(ahead=1, end=0))


@pytest.mark.parametrize("part", ["all", "train and validation"])
def test_statistics_of_other_rows_are_suspicious(part: str) -> None:
    def of_other_rows(design: Design, fold: Fold) -> dict:
        rows = slice(None) if part == "all" else slice(0, fold.validation.stop)
        return as_json(design, RobustScaler.fit(design.x_NF[rows]), RANK.fit(design.return_N[rows]))

    assert refused(audited(RANK, fit=of_other_rows), "statistic moved by other rows")


def test_later_rows_copied_under_earlier_times_end_as_suspicious(tmp_path: Path) -> None:
    frame = random_bar_frame(1600, seed=3, breaks=BREAKS)
    columns = [name for name in frame.columns if name != "time"]
    copied = [pl.concat([frame[name][:200], frame[name][1000:1060], frame[name][260:]]) for name in columns]
    settings = SETTINGS.replace(audit="warn", features=("original",))
    run = pipeline.train_on_bars(
        bars_of(frame.with_columns(copied)), settings=settings, out=tmp_path / "run", reporter=SILENT
    )
    assert run.verdict.verdict == "suspicious"
    assert "bars out of order" in run.verdict.sentence


class MergedByDay(Merged):
    """The usual mistake: the close of a day joined to every minute of that day."""

    def again(self, bars: Bars, frame: pl.DataFrame) -> Bars:
        days = frame.select(pl.col("known_at").dt.date().alias("day"), "vix_close")
        joined = bars.frame.drop("vix_close", strict=False).with_columns(day=pl.col("time").dt.date())
        return replace(bars, frame=joined.join(days, on="day", how="left").drop("day"))


@pytest.mark.parametrize("kind", [Merged, MergedByDay])
def test_a_merge_that_knows_the_day_before_it_is_over_stops_the_run(kind: type[Merged], tmp_path: Path) -> None:
    (tmp_path / "vix.csv").write_text(
        "DATE,CLOSE\n2023-12-29,14\n2024-01-01,15\n2024-01-02,16\n2024-01-03,17\n2024-01-04,18\n"
    )
    loaded = load_frame(random_bar_frame(1600, seed=3, breaks=BREAKS).drop("vix_close"), ReadOptions())
    merged = kind(before=loaded.bars, series=read_vix(tmp_path / "vix.csv"))

    def train() -> Run:
        return pipeline.train_on_bars(
            merged.again(loaded.bars, merged.series.frame),
            settings=SETTINGS.replace(features=("price_range", "vix_log")),
            out=tmp_path / "run",
            reporter=SILENT,
            loaded=replace(loaded, merged=(merged,)),
        )

    if kind is MergedByDay:
        with pytest.raises(LeakError, match="merged column 'vix_close' value before it was known"):
            train()
    else:
        tried = json.loads((train().folder / "audit.json").read_text())["tried"]
        assert tried["moments of vix_close"] == 3
