"""``tailproof predict``: forecasts of new bars."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tailproof.cli.printing import show
from tailproof.cli.settings_options import chosen, parted, takes_settings
from tailproof.settings.series_settings import parted_series


@takes_settings("reading", "vix", "series")
def predict(
    run: Path,
    data: Path,
    /,
    *,
    out: Path,
    vix: Path | None = None,
    overwrite: Annotated[bool, Parameter(negative=())] = False,
    trust_code: Annotated[bool, Parameter(negative=())] = False,
    feature_file: Path | None = None,
    **flags: Any,
) -> None:
    """Forecast new bars with a finished run; files are read as in that run, unless options say otherwise.

    Parameters
    ----------
    run
        Folder of a finished run.
    data
        Bars as for train, of the same length, with history before those to be forecast.
    out
        CSV or Parquet file to write, by its ending.
    vix
        VIX closes, for a run that was trained with them.
    overwrite
        Replace the file at --out; an input file is never replaced.
    trust_code
        Execute the feature file in the run folder, a program by the run's author. Read it first.
    feature_file
        Your own copy of that feature file, instead of --trust-code.
    """
    from tailproof import prediction

    reading, of_vix = parted(chosen(flags), prefix="vix")
    with_, _ = parted_series(reading.pop("with", None))
    forecasts, model = prediction.predict(
        run,
        data,
        out=out,
        vix=vix,
        with_=with_,
        reading=reading,
        vix_reading={f"vix_{name}": value for name, value in of_vix.items()},
        overwrite=overwrite,
        trust_code=trust_code,
        feature_file=feature_file,
    )
    for note in forecasts.notes:
        show(note)
    last = forecasts.frame.row(-1, named=True)
    show(
        f"Last bar, known at {last['known_at']:%Y-%m-%d %H:%M} UTC: prediction {last['prediction']:.4f}, "
        f"return {last['predicted_return']:+.2e}"
    )
    show(f"The run's verdict: {model.sentence}")
    show(f"Forecasts: {out}")
