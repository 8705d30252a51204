"""Columns that came with the file may know anything: skill that rests on them alone is suspicious."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.worlds.sparse_leaks import minutes

from tailproof import pipeline
from tailproof.audit.file_columns import unaudited_features
from tailproof.core.records import Bars
from tailproof.features import select_features
from tailproof.features.own import feature_of, with_needs
from tailproof.report import SILENT
from tailproof.runs.finished_run import Run
from tailproof.settings.train_settings import TrainSettings

SETTINGS = TrainSettings(
    epochs=1, warmup_steps=50, members=2, placebos=19, threads=1, engine="lanes", learning_rate=3e-3
)


def bars_with(alpha_N: np.ndarray, rows: int = 60_000) -> Bars:
    """Minutes without any signal, and a column that somebody put into the file."""
    bars = minutes(rows)
    return Bars(frame=bars.frame.with_columns(alpha=pl.Series(alpha_N)), bar_length=bars.bar_length, source=bars.source)


def next_returns(rows: int = 60_000) -> np.ndarray:
    close_N = minutes(rows).frame["close"].to_numpy()
    return np.append(close_N[1:] / close_N[:-1] - 1.0, 0.0)


def weak(rows: int = 60_000) -> np.ndarray:
    """Noise with a trace of the next return."""
    rank_N = np.argsort(np.argsort(next_returns(rows))) / rows - 0.5
    return 0.17 * rank_N + np.random.default_rng(1).standard_normal(rows)


def on_few_rows(rows: int = 60_000) -> np.ndarray:
    """The next return on three rows in a hundred, nothing else."""
    return np.where(np.random.default_rng(2).random(rows) < 0.03, next_returns(rows), 0.0)


def train(bars: Bars, own: str, folder: Path, *features: str, quick: bool = False) -> Run:
    file = folder / "own.py"
    file.write_text(f"import polars as pl\n{own}\n", encoding="utf-8")
    less = {"members": 1, "folds": 2} if quick else {}
    settings = SETTINGS.replace(feature_file=file, features=features, **less)
    return pipeline.train_on_bars(bars, settings=settings, out=folder / "run", reporter=SILENT)


ALPHA = "def alpha_now(frame):\n    return pl.col('alpha')"
HIDDEN = (
    "def alpha_now(frame):\n    if 'alpha' not in frame.columns: return pl.lit(0.0)\n"
    "    return pl.col('close') * 0 + pl.coalesce(pl.col('^alp.*$'))"
)


@pytest.mark.parametrize("column", [weak, pytest.param(on_few_rows, marks=pytest.mark.slow)])
def test_what_a_column_of_the_file_knows_is_not_skill(column, tmp_path: Path) -> None:
    features = ("alpha_now", "price_mom_3d", "price_range")
    verdict = train(bars_with(column()), ALPHA, tmp_path, *features, quick=column is weak).verdict
    assert verdict.rank_ic.low > 0.0, "the column knows the next return"
    assert verdict.verdict == "suspicious", verdict.sentence
    if verdict.statistics.boldest.hit_rate > 0.65:  # the rule about the boldest forecasts came first
        return
    assert "'alpha_now' reads a column that came with the file (alpha)" in verdict.sentence
    assert verdict.audit is not None
    assert verdict.audit.without_unaudited is not None
    assert verdict.audit.without_unaudited.rank_ic.low < 0.0
    stored = json.loads((tmp_path / "run" / "verdict.json").read_text())["audit"]
    assert stored["unaudited"] == {"alpha_now": ["alpha"]}


@pytest.mark.slow
def test_where_no_other_feature_is_left_the_sentence_says_so(tmp_path: Path) -> None:
    verdict = train(bars_with(weak()), ALPHA, tmp_path, "alpha_now").verdict
    assert verdict.verdict == "suspicious", verdict.sentence
    assert "no other feature is left" in verdict.sentence


def test_features_of_the_bars_alone_are_not_named() -> None:
    bars = bars_with(weak(4000), 4000)
    features = select_features(bars, ["original"]).features
    assert unaudited_features(bars, features, merged=(), random=np.random.default_rng(0)) == {}


def test_a_column_that_a_function_reads_off_the_frame_is_named() -> None:
    bars = bars_with(weak(4000), 4000)

    def hidden(frame: pl.DataFrame) -> pl.Expr:
        return pl.col("close") * float(frame["alpha"].mean() or 0.0)

    feature = with_needs(feature_of(hidden), bars)
    assert feature.needs == ("close",)
    named = unaudited_features(bars, [feature], merged=("vix_close",), random=np.random.default_rng(0))
    assert named == {"hidden": ("alpha",)}


def test_a_column_whose_source_is_known_is_not_named() -> None:
    bars = minutes(4000)
    features = select_features(bars, ["vix_log"]).features
    random = np.random.default_rng(0)
    assert unaudited_features(bars, features, merged=("vix_close",), random=random) == {}
    assert unaudited_features(bars, features, merged=(), random=random) == {"vix_log": ("vix_close",)}
