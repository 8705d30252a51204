"""Forecasts a bar file with a run folder, into a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tailproof.bars import load_with_vix
from tailproof.core.errors import ConfigError
from tailproof.core.records import Bars
from tailproof.core.surface import setting
from tailproof.prediction.forecast import Forecasts, forecast_bars
from tailproof.prediction.trained import TrainedModel, read_trained
from tailproof.settings.read_options import read_options
from tailproof.settings.section import checked_settings
from tailproof.settings.vix_settings import VixSettings
from tailproof.storage.files import parquet_bytes
from tailproof.storage.out_file import OutFile, out_file

AS_BEFORE: Mapping[str, Any] = {}


def predict(
    run: Path,
    data: Path,
    *,
    out: Path | None = None,
    vix: Path | None = None,
    reading: Mapping[str, Any] = AS_BEFORE,
    vix_reading: Mapping[str, Any] = AS_BEFORE,
    overwrite: bool = False,
    trust_code: bool = False,
    feature_file: Path | None = None,
) -> tuple[Forecasts, TrainedModel]:
    """Forecast new bars with a finished run.

    Args:
        run: folder of the run.
        data: bars, as for ``train``; history enough before those to be forecast.
        out: CSV or Parquet file to write, by its ending; None writes none.
        vix: VIX closes, for a run that was trained with them.
        reading: settings of ``ReadOptions`` by name, where this file is another kind of file than the run's.
        vix_reading: settings of ``VixSettings`` by name, likewise for the VIX file.
        overwrite: replace a file at ``out``; one that is read is never replaced.
        trust_code: see ``read_trained``.
        feature_file: see ``read_trained``.

    Raises:
        InputError: the run, the bars or the settings cannot be used.
    """
    target = None if out is None else _forecast_file(out, overwrite=overwrite, run=run, inputs=(data, vix))
    model = read_trained(run, trust_code=trust_code, feature_file=feature_file)
    bars = read_new_bars(model, data, vix=vix, reading=reading, vix_reading=vix_reading)
    forecasts = forecast_bars(model, bars, threads=model.threads)
    if target is not None:
        target.write(_content(forecasts.frame, target.path.suffix))
    return forecasts, model


def read_new_bars(
    model: TrainedModel,
    data: Path,
    *,
    vix: Path | None = None,
    reading: Mapping[str, Any] = AS_BEFORE,
    vix_reading: Mapping[str, Any] = AS_BEFORE,
) -> Bars:
    """Bars, read and merged with the VIX as those that the model was trained on, where nothing else is said.

    Raises:
        InputError: the bars or the settings cannot be used.
    """
    options = read_options(model.reading, reading)
    when = checked_settings(VixSettings, {**dict(model.vix), **vix_reading})
    bars, _ = load_with_vix(
        data,
        options,
        vix=vix,
        vix_options=when.reading(options),
        lag=when.lag,
        stale_after=when.stale_after,
    )
    return bars


def _forecast_file(out: Path, *, overwrite: bool, run: Path, inputs: Sequence[Path | None]) -> OutFile:
    if out.suffix not in (".csv", ".parquet"):
        raise ConfigError(f"{setting('out')} must end in .csv or .parquet, got {out.name}. Give it such an ending.")
    return out_file(out, overwrite=overwrite, inputs=inputs, runs=(run,))


def _content(frame: pl.DataFrame, ending: str) -> bytes:
    if ending == ".parquet":
        return parquet_bytes(frame)
    return frame.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.fZ").encode()
