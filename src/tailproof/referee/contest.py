"""Several models and the built-in network on the same rows: a run for each, and one page on all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tailproof import pipeline
from tailproof.bars import Merged
from tailproof.bars.loaded import Loaded
from tailproof.core.errors import ConfigError
from tailproof.core.events import LogLine, Reporter
from tailproof.core.randomness import generator
from tailproof.core.records import Bars
from tailproof.core.surface import key
from tailproof.engines.distributed import FitPool, WorkerPool
from tailproof.evaluation import CONSTANT, superior_ability
from tailproof.evaluation.superior_ability import REPLICATIONS
from tailproof.objectives import Objective, huber_objective, row_losses
from tailproof.referee.judge_model import judge_model
from tailproof.referee.outside_model import OutsideModel
from tailproof.runs.compare_runs import comparison
from tailproof.runs.finished_run import RunResults, StoredRun
from tailproof.runs.own_inputs import NO_OWN_INPUTS, OwnInputs
from tailproof.runs.settle import settle_finished
from tailproof.settings.train_settings import TrainSettings
from tailproof.statistics.bootstrap import MIN_GROUPS
from tailproof.statistics.groups import Groups
from tailproof.storage import refuse_taken
from tailproof.storage.manifest import MANIFEST
from tailproof.storage.out_file import out_file
from tailproof.walkforward import resampled_groups

NETWORK = "network"
"""The name of tailproof's own population among the contestants."""
LEVEL = 0.05


@dataclass(frozen=True, kw_only=True)
class Contest:
    """The runs of several models and of the built-in network on the same rows, targets and folds."""

    runs: Mapping[str, RunResults]
    """The runs by the names of their models; the built-in network first."""
    page: Path
    p_constant: float | None
    """Hansen's SPA over the losses of all contestants and baselines: p of "none beats the constant"."""
    p_network: float | None
    """The same with the network as benchmark: p of "no model beats the network". None where sessions are few."""

    def __str__(self) -> str:
        return "\n".join([f"{self.page}:", *self.lines()])

    def __repr__(self) -> str:
        return f"Contest(runs={list(self.runs)}, page={str(self.page)!r})"

    def lines(self) -> list[str]:
        """Each verdict in a sentence, and those on all together."""
        sentences = [f"{name}: {run.verdict.sentence}" for name, run in self.runs.items()]  # type: ignore[attr-defined]
        return [*sentences, *together(self.p_constant, self.p_network)]


def judge_models(
    bars: Bars,
    models: Sequence[OutsideModel],
    *,
    settings: TrainSettings,
    out: Path,
    overwrite: bool = False,
    resume: bool = False,
    reporter: Reporter = pipeline.PRINT,
    loaded: Loaded | None = None,
    merged: Sequence[Merged] = (),
    pool: FitPool | None = None,
    workers: WorkerPool | None = None,
    own: OwnInputs = NO_OWN_INPUTS,
) -> Contest:
    """Judge models, and train the built-in network, on the same rows; then compare them pair by pair and all at once.

    The best of several looks better than it is. Each is a trial in the ledger, and Hansen's test of superior predictive
    ability asks whether the best of all, baselines included, beats the constant or the network at all.

    Args:
        bars: to learn from and be tested on.
        models: what is judged beside the network.
        settings: of the network, and how all are judged.
        out: name of the runs: OUT-network and OUT-MODEL for each, and the page OUT.html.
        overwrite: replace runs and page.
        resume: continue; runs that are finished stay as they are.
        reporter: receives every event of every run.
        loaded: what reading the bars from a file reported.
        merged: without ``loaded``, how series were joined to the bars.
        pool: processes that share the fits of a fold; None makes all of them here.
        workers: processes that share the network's members; None trains all here.
        own: features, label and splits of the caller's own.

    Raises:
        InputError: the data, the settings, a model or a folder cannot be used.
    """
    if settings.split.warm_start:
        raise ConfigError(f"{key('warm_start')} continues from a network's weights, but models are none. Leave it out.")
    names = _names(models)
    folders = {name: out.parent / f"{out.name}-{name}" for name in (NETWORK, *names)}
    for folder in folders.values():
        if not (resume and (folder / MANIFEST).is_file()):
            refuse_taken(folder, overwrite=overwrite, resume=resume)
    page = out_file(out.parent / f"{out.name}.html", overwrite=overwrite or resume)
    how: dict[str, Any] = {"overwrite": overwrite, "resume": resume, "reporter": reporter, "own": own}
    how |= {"loaded": loaded, "merged": merged}
    runs: dict[str, RunResults] = {}
    for name, folder in folders.items():
        if resume and settle_finished(folder) is not None:
            runs[name] = StoredRun(folder=folder)
        elif name == NETWORK:
            runs[name] = pipeline.train_on_bars(bars, settings=settings, out=folder, workers=workers, **how)
        else:
            runs[name] = judge_model(bars, names[name], settings=settings, out=folder, pool=pool, **how)
    p_constant, p_network = _superior(runs, settings)
    notes = together(p_constant, p_network)
    page.write(comparison(list(folders.values()), notes=notes))
    for line in (*notes, f"Page: {page.path}"):
        reporter.emit(LogLine(text=line))
    return Contest(runs=runs, page=page.path, p_constant=p_constant, p_network=p_network)


def together(p_constant: float | None, p_network: float | None) -> list[str]:
    """The sentences on all contestants together."""
    if p_constant is None or p_network is None:
        return ["There are too few sessions to ask whether the best of all is better than luck."]
    best = "surely beats the constant" if p_constant <= LEVEL else "does not surely beat the constant"
    rival = "surely beats the network" if p_network <= LEVEL else "does not surely beat the network"
    return [
        f"The best of all contestants and baselines {best}, picked after seeing them all (SPA, {_p(p_constant)}).",
        f"The best of the other models {rival} (SPA, {_p(p_network)}).",
    ]


def _p(value: float) -> str:
    """A p-value of the bootstrap; none of its draws reaching the figure does not make it zero.

    >>> _p(0.02), _p(0.0)
    ('p = 0.02', 'p < 0.001')
    """
    return f"p = {value:.3g}" if value > 0.0 else f"p < {1 / REPLICATIONS:g}"


def _superior(runs: Mapping[str, RunResults], settings: TrainSettings) -> tuple[float | None, float | None]:
    """p of "none beats the constant" and of "no model beats the network", from losses summed over sessions."""
    objective = huber_objective(huber_delta=settings.optimisation.huber_delta)
    frames = {name: run.forecasts for name, run in runs.items()}
    own = frames[NETWORK]
    for name, frame in frames.items():
        assert frame["known_at"].equals(own["known_at"]), f"{name} was judged on the rows of the network"
    known_at_N = own["known_at"].dt.cast_time_unit("ns").to_physical().to_numpy()
    groups = Groups.of(resampled_groups(own["session"].to_numpy(), known_at_N)[0])
    if len(groups) < MIN_GROUPS:
        return None, None
    target_N = own["target"].to_numpy()
    losses = {name: _losses(frame["prediction"], target_N, objective, groups) for name, frame in frames.items()}
    beside = runs[NETWORK].baselines.drop("known_at")
    baselines = {column.name: _losses(column, target_N, objective, groups) for column in beside}
    block = float(_statistics(runs[NETWORK]).block_length)
    others = {name: loss_G for name, loss_G in losses.items() if name != NETWORK}
    return (
        superior_ability(
            baselines.pop(CONSTANT),
            {**losses, **baselines},
            mean_block=block,
            rng=generator(settings.population.seed, "SPA of all", CONSTANT),
        ),
        superior_ability(
            losses[NETWORK],
            others,
            mean_block=block,
            rng=generator(settings.population.seed, "SPA of all", NETWORK),
        ),
    )


def _losses(prediction: pl.Series, target_N: np.ndarray, objective: Objective, groups: Groups) -> np.ndarray:
    return groups.sums(row_losses(objective, prediction.to_numpy(), target_N))


def _statistics(run: RunResults) -> Any:
    return StoredRun(folder=run.folder).verdict.statistics


def _names(models: Sequence[OutsideModel]) -> dict[str, OutsideModel]:
    """A name for the folder of each model, numbered where two are equal."""
    named: dict[str, OutsideModel] = {}
    for model in models:
        plain = re.sub(r"[^A-Za-z0-9]+", "-", model.name.replace(".py:", "-")).strip("-") or "model"
        count = sum(name == plain or re.fullmatch(rf"{plain}-\d+", name) is not None for name in (NETWORK, *named))
        named[f"{plain}-{count + 1}" if count else plain] = model
    return named
