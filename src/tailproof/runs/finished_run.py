"""The interface of a finished run: its verdict, its forecasts, new forecasts, and its pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, overload

import polars as pl

from tailproof import report
from tailproof.core.errors import ConfigError
from tailproof.core.fit import Fit
from tailproof.core.verdict import Verdict
from tailproof.report.reporting import report_run
from tailproof.runs.compare_runs import Comparison, compare_runs, compared
from tailproof.runs.fold_scores import fold_scores
from tailproof.settings.series_settings import file_or_frame
from tailproof.storage.readable import rows_of_run

if TYPE_CHECKING:
    from tailproof.prediction.live import LiveForecaster
    from tailproof.report.plots import RunPlots


class RunResults:
    """The interface of a finished run's folder; the base of ``Run`` and ``StoredRun``."""

    folder: Path

    @property
    def plot(self) -> RunPlots:
        """The figures of the report as plotly figures: ``run.plot.deciles()``, ``run.plot.names()``."""
        return report.run_plots(self.folder)

    @property
    def forecasts(self) -> pl.DataFrame:
        """Every test row: when its forecast was known, the forecast, the return that came, and its fold."""
        return rows_of_run(self.folder / "predictions.parquet").collect()

    @property
    def baselines(self) -> pl.DataFrame:
        """What the constant and every baseline forecast for the rows of ``forecasts``, in units of the target."""
        return rows_of_run(self.folder / "baselines.parquet").collect()

    @property
    def scores(self) -> pl.DataFrame:
        """Per fold, validation loss and skill beside the test's rank IC.

        Tune on the validation columns: whoever picks settings by the test column has no test left.
        """
        return fold_scores(self.folder)

    def predict(
        self,
        data: Any,
        *,
        vix: Any = None,
        with_: Mapping[str, Any] | None = None,
        trust_code: bool = False,
        **reading: Any,
    ) -> pl.DataFrame:
        """Forecasts of new bars by the shipped members: ``tailproof predict``.

        Args:
            data: a file (str or Path) or a frame of bars, with history enough before those to be forecast.
            vix: VIX closes (a file or a frame), for a run that was trained with them.
            with_: the other series of the run by name, each a file or a frame.
            trust_code: execute the run's own file of features, where it has one.
            reading: how the file is read, by the names of options, where it is another kind of file than the run's.

        Raises:
            InputError: the run holds no network, or the bars cannot be used.
        """
        from tailproof.prediction.forecast import forecast_bars
        from tailproof.prediction.predict import read_new_bars
        from tailproof.prediction.trained import read_trained

        model = read_trained(self.folder, trust_code=trust_code)
        bars = read_new_bars(model, data, vix=file_or_frame(vix), with_=with_ or {}, reading=reading)
        return forecast_bars(model, bars, threads=model.threads).frame

    def live(
        self,
        history: Any,
        *,
        vix: Any = None,
        with_: Mapping[str, Any] | None = None,
        trust_code: bool = False,
    ) -> LiveForecaster:
        """Forecasts bars one by one as they end, after the bars of ``history`` (as ``data`` of ``predict``)."""
        from tailproof.prediction.live import LiveForecaster
        from tailproof.prediction.predict import read_new_bars
        from tailproof.prediction.trained import read_trained

        model = read_trained(self.folder, trust_code=trust_code)
        bars = read_new_bars(model, history, vix=file_or_frame(vix), with_=with_ or {})
        return LiveForecaster(model, bars)

    def report(self, out: Path | str | None = None, *, overwrite: bool = False) -> Path:
        """The page of the run: the one in its folder, or written to ``out``."""
        if out is None:
            return self.folder / "report.html"
        return report_run(self.folder, out=Path(out), overwrite=overwrite)[0]

    @overload
    def compare(self, *others: RunResults | Path | str, out: None = None, overwrite: bool = False) -> Comparison: ...

    @overload
    def compare(self, *others: RunResults | Path | str, out: Path | str, overwrite: bool = False) -> Path: ...

    def compare(
        self, *others: RunResults | Path | str, out: Path | str | None = None, overwrite: bool = False
    ) -> Comparison | Path:
        """This run beside others, each less this one: a ``Comparison``, or with ``out`` the page written there.

        Args:
            others: finished runs, or their folders.
            out: HTML file to write; nothing is written where it is None.
            overwrite: replace a file at ``out``.

        Raises:
            ConfigError: no other run is given, or a file is at ``out`` and ``overwrite`` is False.
            RunFolderError: a folder is no finished run, or a file has changed since it ended.
        """
        folders = [self.folder, *map(folder_of, others)]
        return compared(folders) if out is None else compare_runs(folders, out=Path(out), overwrite=overwrite)

    def _repr_html_(self) -> str:
        return report.summary_html(self.folder)


def folder_of(run: Any) -> Path:
    """The folder of a run, or the path that stands for one.

    Raises:
        ConfigError: it is neither.
    """
    if isinstance(run, RunResults):
        return run.folder
    if isinstance(run, str | Path):
        return Path(run)
    raise ConfigError(f"a run is given by its folder (str or Path) or as open_run gives it, got {type(run).__name__}.")


@dataclass(frozen=True, kw_only=True)
class Run(RunResults):
    """A run that has just finished."""

    folder: Path
    verdict: Verdict = field(repr=False)
    fit: Fit = field(repr=False)
    """Training records of the shipped members."""

    def __str__(self) -> str:
        return f"{self.folder}: {self.verdict.sentence}"


class StoredRecord(SimpleNamespace):
    """An object of verdict.json by attributes; it prints its sentence alone where it has one."""

    def __repr__(self) -> str:
        return f"Verdict({self.sentence!r})" if hasattr(self, "sentence") else super().__repr__()


@dataclass(frozen=True, kw_only=True)
class StoredRun(RunResults):
    """A finished run that is read from its folder."""

    folder: Path

    @cached_property
    def verdict(self) -> Any:
        """verdict.json by attributes, such as ``verdict.sentence`` and ``verdict.rank_ic.value``."""
        text = (self.folder / "verdict.json").read_text(encoding="utf-8")
        return json.loads(text, object_hook=lambda values: StoredRecord(**values))

    def __str__(self) -> str:
        return f"{self.folder}: {self.verdict.sentence}"
