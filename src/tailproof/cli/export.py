"""``tailproof export``: a run's model for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tailproof.cli.printing import show
from tailproof.cli.settings_options import chosen, takes_settings
from tailproof.settings.series_settings import parted_series


@takes_settings("series")
def export(
    run: Path,
    /,
    *,
    onnx: Path,
    check_on: Path | None = None,
    vix: Path | None = None,
    overwrite: Annotated[bool, Parameter(negative=())] = False,
    trust_code: Annotated[bool, Parameter(negative=())] = False,
    feature_file: Path | None = None,
    **flags: Any,
) -> None:
    """Write a finished run's model as one ONNX graph: unscaled features in, forecasts out.

    Parameters
    ----------
    run
        Folder of a finished run.
    onnx
        File to write; it ends in .onnx. Needs the extra onnx.
    check_on
        Bars like those of the run: the graph's output is compared with predict on each, and with the run's own
        predictions where the shipped model made them.
    vix
        VIX closes to merge with those bars, for a run that was trained with them.
    overwrite
        Replace a file of that name.
    trust_code
        Execute the feature file in the run folder, a program by the run's author. Read it first.
    feature_file
        Your own copy of that feature file, instead of --trust-code.
    """
    from tailproof.prediction.exporting import export_onnx

    exported = export_onnx(
        run,
        onnx,
        overwrite=overwrite,
        bars=check_on,
        vix=vix,
        with_=parted_series(chosen(flags).get("with"))[0],
        trust_code=trust_code,
        feature_file=feature_file,
    )
    from tailproof.prediction.exporting.export_lines import export_lines  # needs onnx, which an export refuses to lack

    for line in export_lines(exported, onnx):
        show(line)
