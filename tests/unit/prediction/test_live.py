"""Bars that come one by one are forecast as the file that they make would be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame
from tests.worlds.eventful_bars import eventful_bars

from tailproof import pipeline
from tailproof.core.errors import ConfigError, DataError
from tailproof.core.records import Bars
from tailproof.prediction import LiveForecast, LiveForecaster, TrainedModel, forecast_bars, read_trained
from tailproof.report import SILENT
from tailproof.settings.train_settings import TrainSettings

FRAME = random_bar_frame(900, breaks=(300, 600), interaction=1.6)
BARS = bars_of(FRAME)
SETTINGS = TrainSettings(
    epochs=2,
    warmup_steps=10,
    members=3,
    split="holdout",
    placebos=0,
    baselines=False,
    linear_path=True,
    shrink=True,
)


def trained(out: Path, bars: Bars = BARS, **changes: object) -> TrainedModel:
    settings = SETTINGS.replace(**changes)
    folder = pipeline.train_on_bars(bars, settings=settings, out=out, reporter=SILENT).folder
    return read_trained(folder, trust_code=True)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    return trained(tmp_path_factory.mktemp("run") / "run")


def live(model: TrainedModel, bars: Bars, *, start: int, stop: int) -> Iterator[LiveForecast]:
    forecaster = LiveForecaster(model, replace(bars, frame=bars.frame.head(start)))
    return (forecaster.add(row) for row in bars.frame.slice(start, stop - start).iter_rows(named=True))


def test_every_bar_is_forecast_to_the_bit_and_the_others_say_what_is_unknown(model: TrainedModel) -> None:
    assert len(model.network.interactions)
    whole = {row["known_at"]: row for row in forecast_bars(model, BARS).frame.iter_rows(named=True)}
    forecasts = list(live(model, BARS, start=250, stop=900))
    assert [each.known_at for each in forecasts] == BARS.frame["known_at"].tail(650).to_list()
    for each in forecasts:
        expected = whole.get(each.known_at)
        assert (expected is None) == bool(each.unknown)
        for name in ("prediction", "spread", "predicted_return"):
            assert getattr(each, name) == (None if expected is None else expected[name])
    assert 5 < sum(bool(each.unknown) for each in forecasts) < 50


def test_bars_behind_an_embedding_are_forecast_to_the_bit(tmp_path: Path) -> None:
    model = trained(tmp_path / "run", embedding="piecewise-linear")
    expected = dict(forecast_bars(model, BARS).frame.select("known_at", "prediction").iter_rows())
    forecasts = list(live(model, BARS, start=880, stop=900))
    assert [each.prediction for each in forecasts] == [expected[each.known_at] for each in forecasts]


def differences(model: TrainedModel, *, starts: tuple[int, ...]) -> list[float]:
    """From the forecasts of all eventful bars at once, of 30 bars after each start; which bars have one is the same."""
    bars, apart = eventful_bars(), []
    expected = dict(forecast_bars(model, bars).frame.select("known_at", "prediction").iter_rows())
    for start in starts:
        for each in live(model, bars, start=start, stop=start + 30):
            assert (each.prediction is None) == (each.known_at not in expected)
            if each.prediction is not None:
                apart.append(abs(each.prediction - expected[each.known_at]))
    return apart


def test_recursive_averages_move_a_forecast_by_less_than_a_millionth(tmp_path: Path) -> None:
    model = trained(tmp_path / "run", eventful_bars(), features=("rsi_14", "macd_hist"), epochs=1, audit="off")
    apart = differences(model, starts=(6000, 8000, 12_345, 20_000))
    assert len(apart) > 80
    assert max(apart) < 1e-6


def test_features_of_sessions_and_longer_bars_are_streamed_too(tmp_path: Path) -> None:
    model = trained(tmp_path / "run", eventful_bars(), features=("wide",), epochs=1, audit="off")
    assert len(model.names) > 100
    apart = differences(model, starts=(5, 6000, 12_345))
    assert len(apart) > 40
    assert max(apart) < 1e-6


def test_no_more_history_is_kept_than_features_read(model: TrainedModel) -> None:
    forecaster = LiveForecaster(model, replace(BARS, frame=BARS.frame.head(899)))
    assert len(forecaster.history) == 21
    forecaster.add(BARS.frame.row(899, named=True))
    assert len(forecaster.history) == 21
    assert "vix_close" in forecaster.history.frame.columns


def test_a_bar_that_is_refused_is_not_taken(model: TrainedModel) -> None:
    forecaster = LiveForecaster(model, replace(BARS, frame=BARS.frame.head(899)))
    bar = BARS.frame.row(899, named=True)
    with pytest.raises(DataError, match="'close' is not finite"):
        forecaster.add(bar | {"close": float("inf")})
    assert forecaster.add(bar).prediction == forecast_bars(model, BARS).frame["prediction"][-1]
    with pytest.raises(DataError, match="time is not after that of the bar before"):
        forecaster.add(bar)


def test_a_merged_value_that_is_not_known_leaves_the_bar_without_a_forecast(model: TrainedModel) -> None:
    forecaster = LiveForecaster(model, replace(BARS, frame=BARS.frame.head(899)))
    forecast = forecaster.add(BARS.frame.row(899, named=True) | {"vix_close": None})
    assert (forecast.prediction, forecast.unknown) == (None, ("vix_log",))


def test_a_feature_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    model = trained(tmp_path / "run", features=("close_change_pct", "vix_log"))
    forecaster = LiveForecaster(model, replace(BARS, frame=BARS.frame.head(899)))
    with pytest.raises(DataError, match="vix_log"):
        forecaster.add(BARS.frame.row(899, named=True) | {"vix_close": 0.0})


def test_own_features_are_streamed_once_they_declare_their_look_back(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    body = "import polars as pl\nfrom tailproof.features import Feature\n\n"
    file.write_text(body + "def body(frame):\n    'Close less open.'\n    return pl.col('close') - pl.col('open')\n")
    with pytest.raises(ConfigError, match="body: how far back it reads must be declared"):
        LiveForecaster(trained(tmp_path / "run", feature_file=file, features=("body",)), BARS)
    declared = "expression=pl.col('close').diff(2), formula='two bars', needs=('close',), look_back=2"
    file.write_text(body + f"step = Feature(name='step', {declared})\n")
    model = trained(tmp_path / "other", feature_file=file, features=("step",))
    expected = dict(forecast_bars(model, BARS).frame.select("known_at", "prediction").iter_rows())
    forecasts = {each.known_at: each.prediction for each in live(model, BARS, start=290, stop=330)}
    assert forecasts == {known_at: expected.get(known_at) for known_at in forecasts}


def test_bars_of_another_length_are_refused(model: TrainedModel) -> None:
    start = pl.datetime(2024, 1, 1, time_zone="UTC")
    hours = bars_of(FRAME.with_columns(time=start + pl.duration(hours=pl.int_range(pl.len()))))
    with pytest.raises(DataError, match="bars must be as long as those"):
        LiveForecaster(model, hours)
