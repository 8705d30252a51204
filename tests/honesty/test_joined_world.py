"""ES with four other series by one command: NQ's signal is found, and predict gives the run's own forecasts again."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.worlds.joined_series import write_joined_series

from tailproof.cli import main
from tailproof.storage.json_file import read_json

SMALL = ("--engine", "lanes", "--epochs", "1", "--members", "2", "--split", "holdout", "--expect-ic", "0.3", "--quiet")


@pytest.mark.slow
def test_what_only_the_last_bar_of_nq_says_is_found_and_predicted_from_the_raw_files(tmp_path: Path) -> None:
    files = write_joined_series(tmp_path, days=120, share=0.3)
    with_ = [part for name, path in files.items() for part in ("--with", f"{name}={path}")]
    run, bars = tmp_path / "run", tmp_path / "ES.csv"
    main(["train", str(bars), *with_, "--out", str(run), *SMALL])
    verdict = read_json(run / "verdict.json")
    assert verdict["verdict"] == "skill"
    assert verdict["rank_ic"]["value"] > 0.1
    assert verdict["baselines"]["ridge"]["rank_ic"] > 0.1
    assert abs(verdict["baselines"]["last return"]["rank_ic"]) < 0.05
    main(["predict", str(run), str(bars), *with_, "--out", str(tmp_path / "forecasts.parquet")])
    own = pl.read_parquet(run / "predictions.parquet")
    forecasts = pl.read_parquet(tmp_path / "forecasts.parquet").filter(
        pl.col("known_at").is_in(own["known_at"].implode())
    )
    assert forecasts["prediction"].to_list() == own["prediction"].to_list()
    assert own.height > 500
