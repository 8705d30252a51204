"""Exports a run folder as one ONNX file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tailproof.core.errors import ConfigError
from tailproof.core.extras import extra
from tailproof.core.surface import setting
from tailproof.prediction.predict import AS_BEFORE, read_new_bars
from tailproof.prediction.trained import TrainedModel, read_trained
from tailproof.settings.series_settings import series_files
from tailproof.storage.out_file import out_file
from tailproof.storage.readable import rows_of_run

if TYPE_CHECKING:
    from tailproof.prediction.exporting.check import Checked


@dataclass(frozen=True, kw_only=True)
class Exported:
    """The exported file, and its difference from the run's own forecasts."""

    model: TrainedModel
    content: bytes
    checked: Checked
    """Differences on rows made from the tenths of the training rows."""
    checked_on_bars: Checked | None
    """Differences on every bar of the given file."""
    own_rows: tuple[int, float] | None
    """The run's own test rows found among those bars: their number, and the largest difference of ``prediction``
    from predictions.parquet. None where there are none, or where other models than the shipped one forecast them."""


def export_onnx(
    run: Path,
    out: Path,
    *,
    overwrite: bool = False,
    bars: Path | None = None,
    vix: Path | None = None,
    with_: Mapping[str, Any] = AS_BEFORE,
    trust_code: bool = False,
    feature_file: Path | None = None,
) -> Exported:
    """Write a finished run's model as one ONNX graph, from unscaled features to forecasts, and check what it gives.

    The graph's input and outputs are described in ``onnx_model``. It is run before it is written: by onnxruntime where
    that is installed, else by onnx's own evaluator.

    Args:
        run: folder of the run.
        out: file to write; it must end in .onnx. Its folder is made where it is absent.
        overwrite: replace a file at ``out``.
        bars: bars to check the graph on besides made rows, read as the run's own were.
        vix: VIX closes, for a run that was trained with them; only with ``bars``.
        with_: the other series of the run, as for ``read_new_bars``; only with ``bars``.
        trust_code: see ``read_trained``.
        feature_file: see ``read_trained``.

    Raises:
        ConfigError: the path cannot be written to, the package onnx is not installed, or ``vix`` stands alone.
        RunFolderError: the run is not finished, or was changed since.
        InputError: the bars cannot be forecast.
        ExportError: the graph does not give the run's forecasts; nothing is written.
    """
    if out.suffix != ".onnx":
        raise ConfigError(
            f"{setting('onnx')} must name a file that ends in .onnx, got {out.name}. Give it such a name."
        )
    target = out_file(out, overwrite=overwrite, inputs=(bars, vix, *series_files(with_)), option="onnx")
    if bars is None and (vix is not None or with_):
        option = setting("vix", str(vix)) if vix is not None else setting("with", f"{next(iter(with_))}=FILE")
        raise ConfigError(f"{option}: only bars to check on are merged with it. Give {setting('check_on')} too.")
    _refuse_without_onnx()
    from tailproof.prediction.exporting.check import check_on_bars, check_on_made_rows, evaluator
    from tailproof.prediction.exporting.model import onnx_model

    model = read_trained(run, trust_code=trust_code, feature_file=feature_file)
    proto = onnx_model(model)
    by, evaluate = evaluator(proto)
    checked, on_bars, own_rows = check_on_made_rows(model, by, evaluate), None, None
    if bars is not None:
        on_bars, forecasts = check_on_bars(model, by, evaluate, read_new_bars(model, bars, vix=vix, with_=with_))
        own_rows = _against_own(model, forecasts)
    content = proto.SerializeToString()
    target.write(content)
    return Exported(model=model, content=content, checked=checked, checked_on_bars=on_bars, own_rows=own_rows)


def _against_own(model: TrainedModel, forecasts: pl.DataFrame) -> tuple[int, float] | None:
    if model.split.kind != "holdout":
        return None
    own = rows_of_run(model.run / "predictions.parquet").select("known_at", "prediction").collect()
    both = own.join(
        forecasts.with_columns(pl.col("known_at").cast(own.schema["known_at"])), on="known_at", suffix="_found"
    )
    if not both.height:
        return None
    return both.height, float(np.abs(both["prediction"].to_numpy() - both["prediction_found"].to_numpy()).max())


def _refuse_without_onnx() -> None:
    with extra("onnx", needed_by=setting("onnx")):
        import onnx  # noqa: F401
