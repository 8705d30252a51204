"""Forecasts a bar file with a run folder, into a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tailproof.bars import load_with_series, series_sources
from tailproof.bars.merge.series_sources import VIX
from tailproof.core.errors import ConfigError
from tailproof.core.records import Bars
from tailproof.core.surface import setting
from tailproof.prediction.forecast import Forecasts, forecast_bars
from tailproof.prediction.trained import TrainedModel, read_trained
from tailproof.settings.read_options import read_options
from tailproof.settings.section import checked_settings
from tailproof.settings.series_settings import SeriesSettings, parted_series, series_files
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
    with_: Mapping[str, Any] = AS_BEFORE,
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
        with_: the other series of the run, as for ``read_new_bars``.
        reading: settings of ``ReadOptions`` by name, where this file is another kind of file than the run's.
        vix_reading: settings of ``VixSettings`` by name, likewise for the VIX file.
        overwrite: replace a file at ``out``; one that is read is never replaced.
        trust_code: see ``read_trained``.
        feature_file: see ``read_trained``.

    Raises:
        InputError: the run, the bars or the settings cannot be used.
    """
    target = None if out is None else _forecast_file(out, overwrite=overwrite, inputs=(data, vix, *series_files(with_)))
    model = read_trained(run, trust_code=trust_code, feature_file=feature_file)
    bars = read_new_bars(model, data, vix=vix, with_=with_, reading=reading, vix_reading=vix_reading)
    forecasts = forecast_bars(model, bars, threads=model.threads)
    if target is not None:
        target.write(_content(forecasts.frame, target.path.suffix))
    return forecasts, model


def read_new_bars(
    model: TrainedModel,
    data: Path | Any,
    *,
    vix: Path | Any | None = None,
    with_: Mapping[str, Any] = AS_BEFORE,
    reading: Mapping[str, Any] = AS_BEFORE,
    vix_reading: Mapping[str, Any] = AS_BEFORE,
) -> Bars:
    """Bars, read and joined with the series of the run as those that the model was trained on, but for what is given.

    Args:
        model: of the run.
        data: bars, as for ``train``.
        vix: VIX closes, for a run that was trained with them.
        with_: the other series of the run by name: files, frames or options of reading.
        reading: settings of ``ReadOptions`` by name, where this file is another kind of file than the run's.

    Raises:
        InputError: the bars, a series or the settings cannot be used, or a series of the run is missing.
    """
    options = read_options(model.reading, reading)
    series_options, frames = parted_series(with_)
    series_options, frames, vix = _vix_by_its_name(model, series_options, frames, vix)
    series = _series_of_the_run(model, series_options, frames)
    when = checked_settings(VixSettings, {**dict(model.vix), **vix_reading})
    sources = series_sources(series, when, options, vix=vix, frames=frames)
    return load_with_series(data, options, sources)[0]


def _vix_by_its_name(
    model: TrainedModel, series_options: dict[str, Any], frames: dict[str, Any], vix: Path | Any | None
) -> tuple[dict[str, Any], dict[str, Any], Path | Any | None]:
    """The VIX as the run had it: by --vix, or as one of its series; either spelling will do."""
    own = VIX in model.series.with_
    if own and vix is not None and VIX not in series_options:
        options, others = parted_series({VIX: vix})
        return {**series_options, **options}, {**frames, **others}, None
    if not own and vix is None and (VIX in frames or "file" in series_options.get(VIX, {})):
        data = frames[VIX] if VIX in frames else Path(series_options[VIX]["file"])
        series_options, frames = (
            {name: each[name] for name in each if name != VIX} for each in (series_options, frames)
        )
        return series_options, frames, data
    return series_options, frames, vix


def _series_of_the_run(
    model: TrainedModel, series_options: Mapping[str, Any], frames: Mapping[str, Any]
) -> SeriesSettings:
    """The series of a run with the files given for them now.

    Raises:
        ConfigError: one of them is missing, or another is given.
    """
    own = model.series.without_files()
    others = sorted(set(series_options) - set(own))
    if others:
        trained = f"its series: {', '.join(own)}" if own else "it has no other series"
        raise ConfigError(f"{model.run} was trained without {', '.join(others)} ({trained}). Leave them out.")
    missing = [name for name in own if name not in frames and series_options.get(name, {}).get("file") is None]
    if missing:
        missing_options = " ".join(setting("with", f"{name}=FILE") for name in missing)
        raise ConfigError(f"{model.run} was trained with {', '.join(own)} beside the bars. Give {missing_options}.")
    return checked_settings(
        SeriesSettings, {"with": {name: {**own[name], **series_options.get(name, {})} for name in own}}
    )


def _forecast_file(out: Path, *, overwrite: bool, inputs: Sequence[Path | None]) -> OutFile:
    if out.suffix not in (".csv", ".parquet"):
        raise ConfigError(f"{setting('out')} must end in .csv or .parquet, got {out.name}. Give it such an ending.")
    return out_file(out, overwrite=overwrite, inputs=inputs)


def _content(frame: pl.DataFrame, ending: str) -> bytes:
    if ending == ".parquet":
        return parquet_bytes(frame)
    return frame.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.fZ").encode()
