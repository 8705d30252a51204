"""A whole run gives the same forecasts with either engine."""

from pathlib import Path

import numpy as np
import polars as pl
from tests.support.bars import bars_of, random_bar_frame

from tailproof import pipeline
from tailproof.models.network import NETWORK, StoredNetwork
from tailproof.report import SILENT
from tailproof.settings.train_settings import TrainSettings


def test_both_engines_forecast_alike(tmp_path: Path) -> None:
    bars = bars_of(random_bar_frame(900, breaks=(300, 600), interaction=1.6))
    columns = []
    for engine in ("lanes", "torch"):
        settings = TrainSettings(
            epochs=2, warmup_steps=20, members=2, placebos=1, folds=2, dropout_rate=0.0, engine=engine
        )
        run = pipeline.train_on_bars(bars, settings=settings, out=tmp_path / engine, reporter=SILENT)
        assert len(StoredNetwork.read(run.folder / NETWORK).interactions)
        columns.append(pl.read_parquet(run.folder / "predictions.parquet")["prediction"].to_numpy())
    assert np.ptp(columns[0]) > 0.01
    np.testing.assert_allclose(columns[0], columns[1], atol=1e-5)
