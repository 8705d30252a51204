"""``tailproof select``: which features matter, and which are redundant."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tailproof.cli.settings_options import ALL, chosen, takes_settings
from tailproof.settings.train_settings import load_settings

DEFAULTS = {"features": ("wide",)}
"""A study looks at all features, where a run trains on few."""


@takes_settings(*ALL, defaults=DEFAULTS)
def select(
    data: Path,
    /,
    *,
    vix: Path | None = None,
    out: Path | None = None,
    most: int = 10,
    study_folds: int = 4,
    population: Annotated[bool, Parameter(negative="--no-population")] = True,
    config: Path | None = None,
    overwrite: Annotated[bool, Parameter(negative=())] = False,
    **flags: Any,
) -> None:
    """Study features on purged folds of the training rows and choose the few that matter.

    Writes a table, a plot and a list that train --features takes. What train would be judged by is not read.

    Parameters
    ----------
    data
        OHLCV bars, labelled by bar start: CSV or Parquet, columns named in any case.
    vix
        VIX closes to merge, daily or intraday: each is seen only from when it was published.
    out
        Folder for the study; by default runs/select-NAME-TIME.
    most
        Features to choose at most.
    study_folds
        Walk-forward folds inside the training rows.
    population
        Train networks on each fold and see what they lose without each cluster of features.
    config
        TOML file with the keys of the options below; options on the command line win.
    overwrite
        Replace an earlier study in that folder.
    """
    from tailproof.cli.train import default_folder
    from tailproof.selection import feature_study

    values = chosen(flags)
    settings = load_settings(config, {**DEFAULTS, **values} if config is None else values)
    feature_study.select(
        data,
        settings=settings,
        out=out or default_folder(f"select-{data.stem}"),
        most=most,
        folds=study_folds,
        population=population,
        vix=vix,
        overwrite=overwrite,
    )
