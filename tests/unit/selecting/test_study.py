"""The whole study on bars whose signal is known: the carriers come first; without a signal nothing stands out."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tailproof import feature_study
from tailproof.bars.load import bars_from_frame
from tailproof.bars.simulate import planted_driver, simulate
from tailproof.core.errors import ConfigError
from tailproof.core.records import Bars
from tailproof.core.settings import TrainSettings
from tailproof.features import select_features
from tailproof.selecting import Study

NAMES = ("close_change_pct", "price_mom_3d", "price_mom_5d", "rocp_20", "vwap_gap", "price_range", "volatility_20",
         "volume_ratio_20", "day_sin_1", "vix_log", "close_location", "autocorr_1_20")  # fmt: skip
ROWS = 138_000


def simulated(ic: float, seed: int = 0) -> Bars:
    frame = simulate(rows=ROWS, ic=ic, seed=seed)
    frame = frame.with_columns(pl.col("volume").cast(pl.Float64), driver=planted_driver(frame))
    return bars_from_frame(frame.with_row_index("line", offset=2), source="simulated bars")


def study(bars: Bars, out: Path, *, population: bool = False, names: tuple[str, ...] = NAMES) -> Study:
    settings = TrainSettings(
        features=names, split="holdout", epochs=1, batch_size=64, members=2, engine="torch", warmup_steps=100
    )
    return feature_study.select_on_bars(
        bars, settings=settings, out=out, most=5, folds=3, population=population, say=lambda line: None
    )


def test_the_carriers_of_a_planted_signal_come_first(tmp_path: Path) -> None:
    found = study(simulated(0.04), tmp_path)
    assert found.chosen[0] == "price_mom_5d"
    assert not {"day_sin_1", "vix_log", "volume_ratio_20", "price_range"} & set(found.chosen)
    text = (tmp_path / "features.txt").read_text()
    assert text.splitlines()[2].startswith("price_mom_5d  # picked first: t -")
    assert "# vix_log  # dropped: rank IC" in text
    names = [feature.name for feature in select_features(simulated(0.0), [str(tmp_path / "features.txt")]).features]
    assert tuple(names) == found.chosen


@pytest.mark.parametrize("seed", [1, 2])
def test_without_a_signal_no_feature_stands_out(seed: int, tmp_path: Path) -> None:
    found = study(simulated(0.0, seed), tmp_path)
    assert found.chosen == ()
    assert found.sentence().startswith("No feature stands out")
    with pytest.raises(ConfigError, match="names none"):
        select_features(simulated(0.0), [str(tmp_path / "features.txt")])


def test_a_twin_is_dropped_for_its_twin(tmp_path: Path) -> None:
    found = study(simulated(0.06), tmp_path, names=("price_mom_5d", "ma_5", "rocp_10", "price_range"))
    reasons = dict(zip(found.names, found.choice.reason_F, strict=True))
    assert found.chosen[0] in ("price_mom_5d", "ma_5")
    assert "rocp_10" not in found.chosen
    assert "beside the picked it adds nothing" in reasons["rocp_10"]


@pytest.mark.slow
def test_the_population_loses_its_skill_without_the_carrier(tmp_path: Path) -> None:
    found = study(simulated(0.08), tmp_path, population=True)
    carrier = found.names.index("price_mom_5d")
    assert found.importance_F[carrier] == pytest.approx(found.importance_F.max())
    assert found.importance_F[carrier] > 0.5 * found.population_ic_K.mean() > 0.0


def test_rows_after_the_training_part_change_nothing(tmp_path: Path) -> None:
    bars = simulated(0.04)
    later = pl.int_range(pl.len()) >= int(0.75 * ROWS)
    wild = bars.frame.with_columns(
        pl.when(later).then(pl.col(name) * 1.7).otherwise(name).alias(name) for name in ("open", "high", "low", "close")
    )
    first = study(bars, tmp_path / "a")
    second = study(Bars(frame=wild, bar_length=bars.bar_length, source=bars.source), tmp_path / "b")
    assert (tmp_path / "a" / "study.csv").read_bytes() == (tmp_path / "b" / "study.csv").read_bytes()
    np.testing.assert_array_equal(first.alone.ic_F, second.alone.ic_F)


def test_real_minutes_give_a_readable_table(shared_data: Path, tmp_path: Path) -> None:
    said: list[str] = []
    feature_study.select(
        shared_data / "es_1min_2013_2020.csv",
        vix=shared_data / "vix_daily_1990_2026.csv",
        settings=TrainSettings(features=("default", "price_mom_5s")),
        out=tmp_path,
        most=5,
        folds=3,
        population=False,
        say=said.append,
    )
    text = "\n".join(said)
    assert "'price_mom_5s' left out: it is known at only" in text
    assert "equal stretches of rows take their place" in text
    assert "rank IC       95 % interval" in text
    page = (tmp_path / "study.html").read_text()
    assert "close_location" in page
    assert "<script" in page
