"""Series on the command line, in a config file and from Python are the same settings."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tailproof.core.errors import ConfigError
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.series_settings import SeriesOptions, parted_series
from tailproof.settings.train_settings import TrainSettings, load_settings


def test_the_command_line_is_laid_over_the_tables_of_a_file(tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text('[with.cpi]\nfile = "cpi.csv"\nlag = "45d"\nday-first = true\n[with.nq]\nfile = "NQ.csv"\n')
    overrides = {"with": ("cpi.lag=40d", "cpi.stale-after=90d", "zn=ZN.parquet", "zn.tz=America/New_York")}
    series = load_settings(config, overrides).series.with_
    assert {name: str(options.file) for name, options in series.items()} == {
        "cpi": "cpi.csv",
        "nq": "NQ.csv",
        "zn": "ZN.parquet",
    }
    assert (series["cpi"].lag, series["cpi"].day_first, series["zn"].timezone) == ("40d", True, "America/New_York")
    assert TrainSettings(with_=overrides["with"]) == TrainSettings(**{"with": overrides["with"]})


def test_a_series_takes_the_zone_of_the_bars_unless_it_has_its_own() -> None:
    bars = ReadOptions(timezone="Asia/Tokyo")
    assert SeriesOptions(file="a.csv").reading(bars).timezone == "Asia/Tokyo"
    assert SeriesOptions(file="a.csv", timezone="UTC").reading(bars).timezone == "UTC"
    assert SeriesOptions(known_at="Released").reading(bars).columns == {"known_at": "Released"}


def test_what_is_stored_makes_the_same_series_again_and_where_a_file_lies_decides_nothing() -> None:
    settings = TrainSettings(with_=["cpi=a/cpi.csv", "cpi.lag=45d", "cpi.columns=close=Last"])
    assert TrainSettings(**settings.options("json")) == settings
    assert settings.replace(epochs=2).series == settings.series
    other = TrainSettings(with_=["cpi=b/cpi.csv", "cpi.lag=45d", "cpi.columns=close=Last"])
    assert settings.deciding() == other.deciding() != TrainSettings(with_=["cpi=a/cpi.csv"]).deciding()


def test_frames_are_parted_from_options() -> None:
    frame = pl.DataFrame({"a": [1]})
    options, frames = parted_series({"nq": frame, "cpi": {"file": frame, "lag": "45d"}, "zn": Path("zn.csv")})
    assert options == {"nq": {}, "cpi": {"lag": "45d"}, "zn": {"file": Path("zn.csv")}}
    assert set(frames) == {"nq", "cpi"}


@pytest.mark.parametrize(
    ("series", "message"),
    [
        (["cpi.lga=3"], r"'with cpi\.lga' is not a setting\. Did you mean 'lag'"),
        (["cpi.lag=soon"], r"with cpi\.lag should be auto, or a duration"),
        (["cpi.csv"], "'with cpi.csv' is not a setting"),
        (["cpi"], "should be NAME=FILE"),
        (["1x=a.csv"], "a letter first"),
    ],
)
def test_what_cannot_be_meant_is_named(series: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TrainSettings(with_=series)
