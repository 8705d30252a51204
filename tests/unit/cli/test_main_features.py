"""``tailproof features``, ``check --audit`` and ``select`` on the command line, and the list that ``train`` takes."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tailproof.bars.simulate import simulate
from tailproof.cli import main
from tailproof.features import CATALOGUE, PRESETS

Screen = pytest.CaptureFixture[str]
QUICK = ("--split", "holdout", "--epochs", "1", "--members", "2", "--engine", "lanes", "--threads", "1", "--quiet")


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Minutes with a planted signal, and beside them the VIX of each day, which the bars do not hold."""
    path = tmp_path_factory.mktemp("bars") / "bars.csv"
    frame = simulate(rows=14 * 1380, ic=0.08, seed=0)
    frame.drop("vix_close").write_csv(path)
    days = frame.group_by(pl.col("time").dt.date().alias("DATE"), maintain_order=True).agg(CLOSE=pl.last("vix_close"))
    days.write_csv(path.with_name("vix.csv"))
    return path


def test_everything_is_listed_with_all_that_must_be_said(capsys: Screen) -> None:
    main(["features", "--formulas"])
    screen = capsys.readouterr().out
    assert f"{len(CATALOGUE)} features. Presets: original (5), default (11), wide ({len(PRESETS['wide'])})." in screen
    assert len(PRESETS["wide"]) >= 120
    for feature in CATALOGUE.values():
        assert f"  {feature.name} " in screen
        assert f"      {feature.formula}\n      {feature.source}; known {feature.known}\n" in screen
    assert (
        "vwap                         19 bars                  high, low, close, volume; a level: prefer vwap_gap"
        in screen
    )
    assert "closing_half_hour            0 bars                   the time" in screen


def test_what_a_joined_series_offers_is_listed_by_its_name(capsys: Screen) -> None:
    main(["features"])
    screen = capsys.readouterr().out
    for name in ("NAME:beta_60", "NAME:lead_1", "NAME:surprise", "NAME:age"):
        assert f"  {name} " in screen
    main(["features", "nq:rsi_14", "cpi:surprise", "nq:lead_1", "--formulas"])
    screen = capsys.readouterr().out
    assert "[on the bars of nq]" in screen
    assert "3 features." in screen


def test_the_audit_passes_and_tells_what_it_tried(bars: Path, capsys: Screen) -> None:
    vix = str(bars.with_name("vix.csv"))
    main(["check", str(bars), "--audit", "--vix", vix, "--features", "default", "vix_age", "price_mom_3s_x5"])
    screen = capsys.readouterr().out
    assert "Causality audit: passed in " in screen
    assert "20 moments of vix_close; 13 features; " in screen


def test_the_audit_names_a_leak_once_and_ends_with_two(bars: Path, tmp_path: Path, capsys: Screen) -> None:
    own = tmp_path / "own.py"
    own.write_text(
        "import polars as pl\ndef peek(frame):\n    return pl.col('close').shift(-1) / pl.col('close') - 1\n"
    )
    with pytest.raises(SystemExit) as stop:
        main(["check", str(bars), "--audit", "--feature-file", str(own)])
    assert stop.value.code == 2
    printed = capsys.readouterr()
    assert "Causality audit: 1 FOUND" in printed.out
    assert (printed.out + printed.err).count("'peek' sees later bars at bar ") == 1


def test_what_select_writes_is_what_train_takes(bars: Path, tmp_path: Path, capsys: Screen) -> None:
    out = tmp_path / "study"
    names = ["price_mom_5d", "ma_5", "price_range", "volume_ratio_20", "day_sin_1"]
    main(["select", str(bars), "--features", *names, "--out", str(out), *QUICK[:-1], "--train-fraction", "0.7"])
    screen = capsys.readouterr().out
    assert "lost IC: what the population loses without the whole cluster" in screen
    assert "Rank IC of the population on held-out rows, fold by fold: " in screen
    chosen = json.loads((out / "study.json").read_text())["chosen"]
    assert chosen
    assert chosen[0] in ("price_mom_5d", "ma_5")
    run = tmp_path / "run"
    main(["train", str(bars), "--features", str(out / "features.txt"), "--out", str(run), "--placebos", "0", *QUICK])
    assert list(json.loads((run / "feature_statistics.json").read_text())["scaling"]["features"]) == chosen
