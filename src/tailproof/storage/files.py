"""The content of each file of a run folder."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from safetensors.numpy import save as save_safetensors

from tailproof.arrays.ranges import as_slice
from tailproof.arrays.times import as_datetimes
from tailproof.core.fit import Parameters
from tailproof.core.records import Bars, Design, Fold, Forecast
from tailproof.models.spec import NetSpec
from tailproof.settings.section import option_name
from tailproof.statistics.drift import reference_bins
from tailproof.storage.environment import describe_environment
from tailproof.storage.state_dict import state_dict_bytes


def config_record(
    options: Mapping[str, Any],
    spec: NetSpec | None,
    *,
    engine: str,
    engine_choice: str,
    bars: Bars,
    fingerprint: str,
    engine_used: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """training_config.json: the settings, the data, the resulting network, and the machine.

    ``options`` are the plain values of all options by their names with underscores. ``engine_choice`` says why that
    engine runs, and on which instruction set or device; ``engine_used`` is what a resumed run goes on with.
    ``fingerprint`` is that of the ledger: equal for equal times
    and closes, whatever the file is called. ``spec`` is None for a run without a network.
    ``series`` are the files that other series came from, and their hashes.
    """
    network = (
        {} if spec is None else {"layers": spec.describe(), "inputs": spec.inputs, "parameters": spec.parameter_count}
    )
    return {
        "settings": {option_name(key): value for key, value in options.items()},
        "data": bars.source,
        "bar_seconds": bars.bar_length.total_seconds(),
        "data_fingerprint": fingerprint,
        "series": {name: dict(series.fingerprint) for name, series in bars.series.items()},
        **({"network": network} if network else {}),
        "engine": engine,
        "engine_choice": engine_choice,
        **({} if engine_used is None else {"engine_used": engine_used}),
        "environment": describe_environment(),
    }


def feature_statistics(
    design: Design, fold: Fold, *, scaling: dict[str, Any], target: dict[str, Any]
) -> dict[str, Any]:
    """feature_statistics.json: everything fitted on the training rows, and which rows those were.

    ``drift_bins`` are the inner edges of ten bins that hold a tenth of the training rows each (fewer where values
    repeat; a value that holds a twentieth of them has a bin of its own), and the share of these rows in each, for
    comparing later rows with them. ``seen_to`` is the end of the last label that trained or chose the best epoch: only
    forecasts of later bars prove anything.
    """
    train = as_slice(fold.train)
    bins = {name: one.as_json() for name, one in reference_bins(design.names, design.x_NF[train]).items()}
    seen_to = as_datetimes(design.label_end_N[max(fold.train.stop, fold.validation.stop) - 1])
    first, last = as_datetimes(design.known_at_N[train][[0, -1]])
    return {
        "names": list(design.names),
        "fitted_on": {"rows": len(fold.train), "first_known_at": f"{first}Z", "last_known_at": f"{last}Z"},
        "seen_to": f"{seen_to}Z",
        "scaling": scaling,
        "target": target,
        "drift_bins": bins,
    }


def member_files(parameters: Parameters, *, member: int) -> dict[str, bytes]:
    """One member's parameters by file suffix: ``.pth`` (a plain state dict) and ``.safetensors``."""
    one = {name: np.ascontiguousarray(value[member]) for name, value in parameters.items()}
    return {".pth": state_dict_bytes(one), ".safetensors": save_safetensors(one)}


def population_bytes(parameters: Parameters) -> bytes:
    """All members' parameters, stacked on a leading axis, as safetensors."""
    return save_safetensors({name: np.ascontiguousarray(value) for name, value in parameters.items()})


def predictions_bytes(forecast: Forecast, *, fold_N: np.ndarray) -> bytes:
    """predictions.parquet: one row per test row, in time order, each forecast by a fold that never saw it."""
    frame = pl.DataFrame(
        {
            "known_at": as_datetimes(forecast.known_at_N),
            "label_end": as_datetimes(forecast.label_end_N),
            "session": forecast.session_N,
            "part": ["test"] * len(fold_N),
            "fold": fold_N,
            "prediction": forecast.prediction_N,
            "predicted_return": forecast.predicted_return_N,
            "target": forecast.target_N,
            "forward_return": forecast.return_N,
        }
    )
    return parquet_bytes(frame.with_columns(pl.col("known_at", "label_end").dt.replace_time_zone("UTC")))


def baselines_bytes(known_at_N: np.ndarray, forecasts: Mapping[str, np.ndarray]) -> bytes:
    """baselines.parquet: the rows of predictions.parquet, with a column for each baseline in units of the target."""
    frame = pl.DataFrame({"known_at": as_datetimes(known_at_N), **forecasts})
    return parquet_bytes(frame.with_columns(pl.col("known_at").dt.replace_time_zone("UTC")))


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """A frame as a Parquet file."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()
