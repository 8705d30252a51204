"""``tailproof select``: which features matter, and which say the same."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tailproof.cli.settings_options import setting_parameters
from tailproof.core.settings import load_settings


def select(
    data: Path,
    /,
    *,
    vix: Path | None = None,
    out: Path | None = None,
    most: int = 10,
    inner_folds: int = 4,
    population: Annotated[bool, Parameter(negative="--no-population")] = True,
    config: Path | None = None,
    **given: Any,
) -> None:
    """Study features on purged folds of the training rows and choose the few that matter.

    Writes a table, a plot and a list that train --features takes. Rows after the training part are not read.

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
    inner_folds
        Walk-forward folds inside the training rows.
    population
        Train networks on each fold and see what they lose without each cluster of features.
    config
        TOML file with the keys of the options below; what is given on the command line wins.
    """
    from tailproof import feature_study
    from tailproof.cli.train import default_folder

    values = {name: value for name, value in given.items() if value is not None}
    settings = load_settings(config, {"features": ("wide",), **values} if config is None else values)
    feature_study.select(
        data,
        settings=settings,
        out=out or default_folder(f"select-{data.stem}"),
        most=most,
        folds=inner_folds,
        population=population,
        vix=vix,
    )


def _with_settings() -> inspect.Signature:
    signature = inspect.signature(select, eval_str=True)
    own = [parameter for parameter in signature.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
    return signature.replace(parameters=[*own, *setting_parameters()])


select.__signature__ = _with_settings()  # type: ignore[attr-defined]
