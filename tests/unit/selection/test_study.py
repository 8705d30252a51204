"""The whole study on bars whose signal is known: the carriers come first; without a signal nothing stands out."""

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tailproof.bars.load import bars_from_frame
from tailproof.bars.simulate import planted_driver, simulate
from tailproof.core.errors import ConfigError
from tailproof.core.records import Bars
from tailproof.features import PRESETS, select_features
from tailproof.selection import Study, feature_study
from tailproof.selection.outcome import MAX_SHOWN, table_lines
from tailproof.settings.train_settings import TrainSettings

NAMES = ("close_change_pct", "price_mom_3d", "price_mom_5d", "rocp_20", "vwap_gap", "price_range", "volatility_20",
         "volume_ratio_20", "day_sin_1", "vix_log", "close_location", "autocorr_1_20")  # fmt: skip
ROWS = 138_000


FEW_ROWS = 40_000
"""Enough where no feature has to stand out."""


@lru_cache
def simulated(ic: float, seed: int = 0, rows: int = ROWS) -> Bars:
    frame = simulate(rows=rows, ic=ic, seed=seed)
    frame = frame.with_columns(pl.col("volume").cast(pl.Float64), driver=planted_driver(frame))
    return bars_from_frame(frame.with_row_index("line", offset=2), source="simulated bars")


def study(bars: Bars, out: Path, *, population: bool = False, names: tuple[str, ...] = NAMES) -> Study:
    settings = TrainSettings(
        features=names, split="holdout", epochs=1, batch_size=64, members=2, engine="torch", warmup_steps=100
    )
    return feature_study.select_on_bars(
        bars, settings=settings, out=out, most=5, folds=3, population=population, log=lambda line: None
    )


def test_the_carriers_of_a_planted_signal_come_first(tmp_path: Path) -> None:
    outcome = study(simulated(0.04), tmp_path)
    assert outcome.chosen[0] == "price_mom_5d"
    assert not {"day_sin_1", "vix_log", "volume_ratio_20", "price_range"} & set(outcome.chosen)
    text = (tmp_path / "features.txt").read_text()
    assert text.splitlines()[2].startswith("price_mom_5d  # picked first: t -")
    assert "# vix_log  # dropped: rank IC" in text
    data = json.loads((tmp_path / "study.json").read_text())["data"]
    assert data.startswith("simulated bars, 2015-01-0")
    assert f"training rows of {data}, in" in (tmp_path / "study.html").read_text()
    names = [
        feature.name
        for feature in select_features(simulated(0.0, rows=FEW_ROWS), [str(tmp_path / "features.txt")]).features
    ]
    assert tuple(names) == outcome.chosen


@pytest.mark.parametrize("seed", [1, 2])
def test_without_a_signal_no_feature_stands_out(seed: int, tmp_path: Path) -> None:
    outcome = study(simulated(0.0, seed), tmp_path)
    assert outcome.chosen == ()
    assert outcome.sentence().startswith("No feature stands out")
    with pytest.raises(ConfigError, match="holds no name"):
        select_features(simulated(0.0, rows=FEW_ROWS), [str(tmp_path / "features.txt")])


def test_a_twin_is_dropped_for_its_twin(tmp_path: Path) -> None:
    outcome = study(simulated(0.06), tmp_path, names=("price_mom_5d", "ma_5", "rocp_10", "price_range"))
    reasons = dict(zip(outcome.names, outcome.choice.reason_F, strict=True))
    assert outcome.chosen[0] in ("price_mom_5d", "ma_5")
    assert "rocp_10" not in outcome.chosen
    assert "beside the picked it adds nothing" in reasons["rocp_10"]


@pytest.mark.slow
def test_the_population_loses_its_skill_without_the_carrier(tmp_path: Path) -> None:
    outcome = study(simulated(0.08), tmp_path, population=True)
    carrier = outcome.names.index("price_mom_5d")
    assert outcome.importance_F[carrier] == pytest.approx(outcome.importance_F.max())
    assert outcome.importance_F[carrier] > 0.5 * outcome.population_ic_K.mean() > 0.0


def test_rows_after_the_training_part_change_nothing(tmp_path: Path) -> None:
    bars = simulated(0.04, rows=FEW_ROWS)
    later = pl.int_range(pl.len()) >= int(0.75 * FEW_ROWS)
    wild = bars.frame.with_columns(
        pl.when(later).then(pl.col(name) * 1.7).otherwise(name).alias(name) for name in ("open", "high", "low", "close")
    )
    first = study(bars, tmp_path / "a")
    second = study(Bars(frame=wild, bar_length=bars.bar_length, source=bars.source), tmp_path / "b")
    assert (tmp_path / "a" / "study.csv").read_bytes() == (tmp_path / "b" / "study.csv").read_bytes()
    np.testing.assert_array_equal(first.alone.ic_F, second.alone.ic_F)


def test_the_table_shows_the_picked_first_then_as_many_as_asked_for_and_counts_the_rest(tmp_path: Path) -> None:
    outcome = study(simulated(0.06), tmp_path, names=("price_range", "price_mom_5d", "ma_5", "rocp_10"))
    lines = table_lines(outcome, most=2)
    shown = max(2, len(outcome.chosen))
    assert lines[0].split()[:3] == ["feature", "rank", "IC"]
    assert "lost IC" not in lines[0], "no population was trained"
    assert lines[1].split()[:2] == ["1", outcome.chosen[0]]
    assert lines[1 + shown].startswith(f"    {4 - shown} more, with |t| up to ")
    assert any(line.startswith("t: of sessions, ") for line in lines)
    assert f"{outcome.chosen[0]}: picked first: t " in "\n".join(lines)
    assert len(table_lines(outcome)) == 1 + 4 + 1 + len(outcome.chosen)


@pytest.mark.parametrize(("most", "folds", "message"), [(0, 3, "most=0"), (5, 0, "study-folds=0")])
def test_nothing_cannot_be_asked_for(most: int, folds: int, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"must be at least 1, got {message}"):
        feature_study.select_on_bars(
            simulated(0.0, rows=FEW_ROWS),
            settings=TrainSettings(),
            out=tmp_path,
            most=most,
            folds=folds,
            population=False,
        )


def test_a_feature_that_never_changes_is_dropped_for_it(tmp_path: Path) -> None:
    bars = simulated(0.06)
    still = Bars(frame=bars.frame.with_columns(vix_close=pl.lit(15.0)), bar_length=bars.bar_length, source=bars.source)
    outcome = study(still, tmp_path, names=("price_mom_5d", "vix_log"))
    assert outcome.chosen == ("price_mom_5d",)
    assert outcome.choice.reason_F[1] == "dropped: it never changes on the training rows"


def test_real_hours_give_a_readable_table(shared_data: Path, tmp_path: Path) -> None:
    """SPY: with ``wide`` most features reach further back than its seven bars a day, and are counted in one line."""
    lines: list[str] = []
    outcome = feature_study.select(
        shared_data / "spy_1h_1998_2021.csv",
        vix=shared_data / "vix_daily_1990_2026.csv",
        settings=TrainSettings(features=("wide",), timezone="America/New_York", session_gap="5h"),
        out=tmp_path,
        most=5,
        folds=3,
        population=False,
        log=lines.append,
    )
    left = [line for line in lines if "left out" in line]
    assert len(left) == 1
    assert left[0].startswith(f"{len(PRESETS['wide']) - len(outcome.names)} features left out: known at fewer than 80%")
    table = lines[next(place for place, line in enumerate(lines) if line.split()[:1] == ["feature"]) :]
    assert max(len(line) for line in table[: MAX_SHOWN + 1]) <= 120
    assert f"{len(outcome.names) - MAX_SHOWN} more, with |t| up to " in table[MAX_SHOWN + 1]
    assert outcome.chosen[:1] == ("session_return",)
    listed = [line for line in (tmp_path / "features.txt").read_text().splitlines() if not line.startswith("#")]
    assert tuple(line.split()[0] for line in listed) == outcome.chosen


def test_real_minutes_give_a_readable_table(shared_data: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    feature_study.select(
        shared_data / "es_1min_2013_2020.csv",
        vix=shared_data / "vix_daily_1990_2026.csv",
        settings=TrainSettings(features=("default", "price_mom_5s")),
        out=tmp_path,
        most=5,
        folds=3,
        population=False,
        log=lines.append,
    )
    text = "\n".join(lines)
    assert "'price_mom_5s' left out: it is known at only" in text
    assert "equal stretches of rows take their place" in text
    assert "rank IC       95 % interval" in text
    page = (tmp_path / "study.html").read_text()
    assert "close_location" in page
    assert "<script" in page
