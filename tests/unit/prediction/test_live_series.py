"""A run with other series: its forecasts come back from the raw files, and bar by bar with updates, to the bit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.support.bars import random_bar_frame

import tailproof
from tailproof.cli import main
from tailproof.core.errors import ConfigError, DataError
from tailproof.core.records import Bars, JoinedSeries
from tailproof.prediction import LiveForecaster, read_new_bars, read_trained
from tailproof.storage.json_file import read_json

ROWS, KNOWN = 700, 675
QUICK = (
    *("--features", "default", "nq:lead_1", "cpi:level", "cpi:age", "--epochs", "1", "--members", "2", "--engine"),
    *("lanes", "--threads", "1", "--placebos", "0", "--no-baselines", "--split", "holdout", "--quiet"),
)


def write(folder: Path) -> None:
    """Bars, another instrument with minutes left out, and releases with vintages."""
    random_bar_frame(ROWS, breaks=(300,)).drop("vix_close").write_csv(folder / "bars.csv")
    row = pl.int_range(pl.len())
    nq = random_bar_frame(ROWS, seed=4, breaks=(300,)).drop("vix_close").filter(row % 13 != 5)
    nq.write_csv(folder / "NQ.csv")
    start = datetime(2024, 1, 2, 14, 30)
    random = np.random.default_rng(0)
    rows = [(start + timedelta(days=at - 60), start + timedelta(hours=at - 40), random.normal()) for at in range(55)]
    rows += [(rows[at][0], rows[at][1] + timedelta(minutes=90), random.normal()) for at in range(38, 52, 2)]
    frame = pl.DataFrame(rows, schema=["date", "released", "cpi"], orient="row")
    frame.write_csv(folder / "cpi.csv", datetime_format="%Y-%m-%d %H:%M")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("project")
    write(path)
    with_ = ("--with", f"nq={path / 'NQ.csv'}", "--with", f"cpi={path / 'cpi.csv'}", "--with", "cpi.stale-after=3d")
    main(["train", str(path / "bars.csv"), *with_, "--out", str(path / "run"), *QUICK])
    return path


def files(folder: Path) -> dict[str, Path]:
    return {"nq": folder / "NQ.csv", "cpi": folder / "cpi.csv"}


def test_predict_from_the_raw_files_gives_the_runs_own_forecasts(folder: Path, tmp_path: Path) -> None:
    with_ = [part for name, path in files(folder).items() for part in ("--with", f"{name}={path}")]
    out = tmp_path / "forecasts.parquet"
    main(["predict", str(folder / "run"), str(folder / "bars.csv"), *with_, "--out", str(out)])
    own = pl.read_parquet(folder / "run" / "predictions.parquet")
    forecasts = pl.read_parquet(out).filter(pl.col("known_at").is_in(own["known_at"].implode()))
    assert forecasts["prediction"].to_list() == own["prediction"].to_list()
    assert own.height > 100


def test_the_run_says_what_was_joined(folder: Path) -> None:
    config = read_json(folder / "run" / "training_config.json")
    assert config["settings"]["with"]["cpi"] == {"file": str(folder / "cpi.csv"), "stale_after": "3d"}
    assert set(config["series"]) == {"nq", "cpi"}
    assert {"source", "rows", "sha256 of NQ.csv"} == set(config["series"]["nq"])
    log = (folder / "run" / "training_log.txt").read_text()
    assert "in its column 'released'" in log
    assert "nq_close matched to" in log
    assert "at the median bar" in log
    audit = read_json(folder / "run" / "audit.json")
    assert {"moments of nq_close", "moments of cpi"} <= set(audit["tried"])


def test_a_missing_series_is_asked_for_by_name(folder: Path) -> None:
    model = read_trained(folder / "run")
    with pytest.raises(ConfigError, match=r"was trained with nq, cpi.*Give with_=\{\"cpi\": FILE\}"):
        read_new_bars(model, folder / "bars.csv", with_={"nq": folder / "NQ.csv"})
    with pytest.raises(ConfigError, match="was trained without zn"):
        read_new_bars(model, folder / "bars.csv", with_={**files(folder), "zn": folder / "NQ.csv"})


def until(series: JoinedSeries, moment: datetime) -> JoinedSeries:
    def known(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(pl.col("known_at") <= moment)

    assert series.published is not None
    return replace(series, rows=replace(series.rows, frame=known(series.rows.frame)), published=known(series.published))


def begun(folder: Path) -> tuple[LiveForecaster, Bars]:
    """A forecaster that has seen the first KNOWN bars, and all bars."""
    bars = read_new_bars(model := read_trained(folder / "run"), folder / "bars.csv", with_=files(folder))
    moment = bars.frame["known_at"][KNOWN - 1]
    series = {name: until(one, moment) for name, one in bars.series.items()}
    return LiveForecaster(model, replace(bars, frame=bars.frame.head(KNOWN), series=series)), bars


def test_bars_and_updates_one_by_one_are_forecast_as_the_files_are(folder: Path) -> None:
    forecaster, bars = begun(folder)
    whole = tailproof.open_run(folder / "run").predict(folder / "bars.csv", with_=files(folder))
    expected = dict(whole.select("known_at", "prediction").iter_rows())
    seen = bars.frame["known_at"][KNOWN - 1]
    for row in bars.frame.tail(ROWS - KNOWN).iter_rows(named=True):
        for name in ("nq", "cpi"):
            published = bars.series[name].published
            assert published is not None
            news = published.filter((pl.col("known_at") > seen) & (pl.col("known_at") <= row["known_at"]))
            for one in news.iter_rows(named=True):
                if name == "nq":
                    forecaster.update("nq", one)
                else:
                    forecaster.update("cpi", one["cpi"], one["known_at"], time=one["time"])
        seen = row["known_at"]
        forecast = forecaster.add({name: row[name] for name in ("time", "open", "high", "low", "close", "volume")})
        assert forecast.prediction == expected.get(row["known_at"])
        assert forecast.stale == ()


def test_a_series_without_news_is_marked_and_a_wrong_update_is_refused(folder: Path) -> None:
    forecaster, bars = begun(folder)
    row = bars.frame.row(KNOWN, named=True)
    later = {name: row[name] for name in ("open", "high", "low", "close", "volume")}
    forecast = forecaster.add({**later, "time": row["time"] + timedelta(days=5)})
    assert forecast.stale == ("cpi",)  # bars are carried on for ten days, releases of this run for three
    with pytest.raises(ConfigError, match="series must be one of nq, cpi, got 'zn'"):
        forecaster.update("zn", 1.0)
    with pytest.raises(DataError, match="cpi: an update must give cpi and when it was known"):
        forecaster.update("cpi", 1.0)
    with pytest.raises(DataError, match="must not be known before the last one"):
        forecaster.update("cpi", 1.0, row["time"] - timedelta(days=9))
    with pytest.raises(DataError, match="nq: an update must be a finished bar"):
        forecaster.update("nq", 1.0)
