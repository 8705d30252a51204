"""Forecasts from outside are judged as they stand, and refused where they cannot be meant."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

import tailproof
from tailproof.cli import main
from tailproof.core.errors import ConfigError, DataError, RunFolderError
from tailproof.core.surface import speaking_of_options
from tailproof.referee.given_forecasts import read_forecasts
from tailproof.report import SILENT
from tailproof.settings.read_options import ReadOptions
from tailproof.storage import verify

FRAME = random_bar_frame(2400, breaks=tuple(range(60, 2400, 60)))
BARS = bars_of(FRAME)
RETURN = FRAME["close"].pct_change().shift(-1).fill_null(0.0).to_numpy()
NOISE = np.random.default_rng(0).normal(size=len(FRAME)) * RETURN.std()


def forecasts(*, share: float = 0.0) -> pl.DataFrame:
    """A forecast for each bar: noise, with a share of what will happen."""
    return FRAME.select("time", prediction=pl.Series(share * RETURN + NOISE))


def read(forecasts: pl.DataFrame | Path, *, horizon: int | None = 1) -> np.ndarray:
    return read_forecasts(forecasts, BARS, reading=ReadOptions(), horizon=horizon).bar_N


@pytest.mark.parametrize(("share", "word"), [(0.0, "no evidence"), (0.12, "skill"), (5.0, "suspicious")])
def test_the_word_follows_what_the_forecasts_know(share: float, word: str, tmp_path: Path) -> None:
    run = tailproof.judge(
        FRAME, forecasts=forecasts(share=share)[600:], horizon=1, expect_ic=0.3, out=tmp_path / "run", reporter=SILENT
    )
    verdict = run.verdict
    assert verdict.verdict == word
    if word == "skill":
        assert verdict.sentence.startswith("Skill of these forecasts, if they were made before their time: rank IC")
        assert "better than the same forecasts at other times (p = 0.0" in verdict.sentence
    assert verdict.audit is None
    assert set(vars(verdict.baselines)) == {"constant", "zero", "last return", "reversal"}
    assert len(verdict.rank_ic.placebos) == 29  # of 30 sessions
    assert verdict.costs.days > 1
    verify(run.folder)
    assert run.report().stat().st_size > 10_000
    with pytest.raises(RunFolderError, match="holds the verdict on the frame of forecasts and no model"):
        run.predict(FRAME)
    (trial,) = map(json.loads, (tmp_path / "trials.jsonl").read_text().splitlines())
    assert trial["config"]["forecasts"] == "the frame of forecasts"


def test_a_forecast_is_named_by_the_start_of_its_bar_or_by_its_end(tmp_path: Path) -> None:
    by_start = forecasts()[100:110]
    by_end = by_start.with_columns(known_at=pl.col("time").dt.offset_by("1m"), time=pl.lit(None))
    text = by_end.select(pl.col("known_at").dt.to_string("%Y-%m-%dT%H:%M:%SZ"), "prediction", horizon=3)
    text.write_csv(tmp_path / "f.csv")
    by_end.drop("time").write_parquet(tmp_path / "f.parquet")
    expected = list(range(100, 110))
    assert read(by_start).tolist() == expected
    assert read(by_end).tolist() == expected
    assert read(by_end.to_pandas()).tolist() == expected
    assert read(by_start.reverse()).tolist() == expected
    assert read(tmp_path / "f.parquet").tolist() == expected
    listed = read_forecasts(tmp_path / "f.csv", BARS, reading=ReadOptions(), horizon=None)
    assert (listed.bar_N.tolist(), listed.horizon) == (expected, 3)
    np.testing.assert_allclose(listed.prediction_N, by_start["prediction"])


def test_local_times_are_read_as_the_bars_are_and_messages_speak_of_arguments(tmp_path: Path) -> None:
    """New York's clocks repeat an hour: 2024-11-03 01:00 stands twice, and advice to say in which order is obeyed."""
    time = pl.datetime_range(datetime(2024, 11, 3, 4), datetime(2024, 11, 3, 8), "1m", eager=True, time_zone="UTC")
    bars = bars_of(random_bar_frame(len(time)).with_columns(time=time))
    clock = time.dt.convert_time_zone("America/New_York").dt.replace_time_zone(None)
    local = pl.DataFrame({"time": clock, "prediction": 0.1})
    local.write_csv(tmp_path / "local.csv")
    zone = {"timezone": "America/New_York"}
    for source in (local, tmp_path / "local.csv"):
        with pytest.raises(DataError, match=r'daylight saving repeats it.*; ambiguous="order", or earliest or latest'):
            read_forecasts(source, bars, reading=ReadOptions(**zone), horizon=1)
        in_order = read_forecasts(source, bars, reading=ReadOptions(**zone, ambiguous="order"), horizon=1)
        assert in_order.bar_N.tolist() == list(range(len(time)))
    early = local[:60].with_columns(pl.col("time").dt.offset_by("-1d"))
    with pytest.raises(DataError, match="Times without an offset are read in UTC: give timezone where that is wrong"):
        tailproof.judge(bars, forecasts=early, horizon=1, out=tmp_path / "run", reporter=SILENT)
    local_csv, bars_csv = tmp_path / "early.csv", tmp_path / "bars.csv"
    early.write_csv(local_csv)
    FRAME.write_csv(bars_csv)
    with speaking_of_options():
        with pytest.raises(DataError) as refused:
            tailproof.judge(bars_csv, forecasts=local_csv, horizon=1, out=tmp_path / "run", reporter=SILENT)
        assert "give --tz where that is wrong" in str(refused.value)


@pytest.mark.parametrize(
    ("frame", "horizon", "message"),
    [
        (forecasts().drop("prediction"), 1, "must have a column 'prediction' of numbers"),
        (forecasts().with_columns(prediction=pl.lit("up")), 1, "must have a column 'prediction' of numbers"),
        (
            forecasts().with_columns(pl.col("prediction") / 0.0),
            1,
            "2,400 predictions not finite: (inf|-inf) in row",
        ),
        (forecasts().vstack(forecasts()[:1]), 1, "1 time repeated, first 2024-01-02 14:30 UTC in row 2401"),
        (forecasts().with_columns(pl.col("time").dt.offset_by("30s")), 1, "none of 2,400 forecasts is about"),
        (forecasts()[::-1].with_columns(pl.col("time").dt.offset_by("10m")), 1, "times are no start of a bar"),
        (forecasts(), None, "nobody says how far ahead the forecasts look. Give horizon, or"),
        (forecasts().with_columns(horizon=pl.int_range(pl.len())), None, "must have one horizon, got 0.0, 1.0"),
        (forecasts().with_columns(horizon=1.5), None, "a whole number of bars from 1, got 1.5"),
        (forecasts().with_columns(horizon=5), 1, "says 5 bars, but horizon says 1"),
    ],
)
def test_what_cannot_be_meant_is_refused(frame: pl.DataFrame, horizon: int | None, message: str) -> None:
    with pytest.raises((DataError, ConfigError), match=message):
        read(frame, horizon=horizon)


def test_forecasts_without_a_return_or_on_one_side_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no forecast has a return to be judged by"):
        tailproof.judge(FRAME, forecasts=forecasts()[-1:], horizon=1, out=tmp_path / "far", reporter=SILENT)
    assert not (tmp_path / "far").exists()
    shifted = forecasts().with_columns(pl.col("prediction") + 0.5)
    run = tailproof.judge(FRAME, forecasts=shifted, horizon=1, out=tmp_path / "shifted", reporter=SILENT)
    assert any(
        "Every prediction lies above 0, so the rule never changes its side" in note for note in run.verdict.notes
    )
    right = tailproof.judge(FRAME, forecasts=shifted, neutral=0.5, horizon=1, out=tmp_path / "right", reporter=SILENT)
    assert right.verdict.costs.share_short > 0.4


def test_a_scale_from_the_judged_rows_is_said(tmp_path: Path) -> None:
    early = tailproof.judge(FRAME, forecasts=forecasts(), horizon=1, out=tmp_path / "early", reporter=SILENT)
    assert any("scaled by the deviation of the judged rows themselves" in note for note in early.verdict.notes)
    late = tailproof.judge(FRAME, forecasts=forecasts()[600:], horizon=1, out=tmp_path / "late", reporter=SILENT)
    assert not any("deviation of the judged rows" in note for note in late.verdict.notes)


def test_the_command_judges_forecasts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    FRAME.write_csv(tmp_path / "bars.csv")
    forecasts()[300:].write_parquet(tmp_path / "f.parquet")
    common = ["judge", "--forecasts", str(tmp_path / "f.parquet"), "--bars", str(tmp_path / "bars.csv"), "--quiet"]
    main([*common, "--horizon", "2", "--out", str(tmp_path / "run")])
    assert capsys.readouterr().out.startswith("No evidence of skill: rank IC")
    for extra, message in (
        ([], "nobody says how far ahead"),
        (["--horizon", "1", "--resume", "--out", str(tmp_path / "again")], "nothing to resume. Give --overwrite"),
        (
            ["--model", "my.py:make"],
            "needs --model, to be fitted and judged, or --forecasts, to be judged as they stand; got both",
        ),
    ):
        with pytest.raises(SystemExit, match="2"):
            main([*common, *extra])
        assert message in capsys.readouterr().err
