"""A study of the features of bars on the training rows of a run: ``tailproof select``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from tailproof import pipeline
from tailproof.arrays.ranges import as_slice
from tailproof.arrays.times import as_datetimes
from tailproof.audit import audit_features, refuse_leaks
from tailproof.core.errors import ConfigError
from tailproof.core.fit import Event
from tailproof.core.randomness import generator
from tailproof.core.records import Bars, Design, Fold
from tailproof.runs.fold_set_up import fold_set_up
from tailproof.runs.training_engine import training_engine
from tailproof.selection import Study, study_features
from tailproof.selection.outcome import table_lines
from tailproof.selection.study import Learn
from tailproof.selection.study_files import study_files, write_study
from tailproof.settings.evaluation_settings import EvaluationSettings
from tailproof.settings.running_settings import RunningSettings
from tailproof.settings.train_settings import TrainSettings
from tailproof.splits import walk_forward
from tailproof.statistics.permutation import Predict
from tailproof.tasks import TASKS
from tailproof.walkforward import SetUpFold, bars_to_design, make_plan

MIN_GROUPS, STRETCHES = 20, 40


def select(
    data: Path,
    *,
    settings: TrainSettings,
    out: Path,
    most: int,
    folds: int,
    population: bool,
    vix: Path | None = None,
    overwrite: bool = False,
    log: Callable[[str], None] = print,
) -> Study:
    """Study the features of a bar file and write the choice into the folder ``out``; see ``select_on_bars``."""
    study_files(out, overwrite=overwrite)
    bars, _ = pipeline.read_bars(data, settings=settings, vix=vix)
    return select_on_bars(
        bars, settings=settings, out=out, most=most, folds=folds, population=population, overwrite=overwrite, log=log
    )


def select_on_bars(
    bars: Bars,
    *,
    settings: TrainSettings,
    out: Path,
    most: int,
    folds: int,
    population: bool,
    overwrite: bool = False,
    log: Callable[[str], None] = print,
) -> Study:
    """Study features on the training rows and write ``features.txt``, ``study.csv``, ``study.json``, ``study.html``.

    The training rows are those of the first fold on which ``train`` with the same settings would be judged: nothing
    that it is judged by is read.

    Args:
        bars: the bars to study.
        settings: as for training: which features, which target, how a population is trained, how it would be judged.
        out: folder for the four files.
        most: features to choose at most.
        folds: walk-forward folds inside the training rows.
        population: train a population on each fold, for permutation importance.
        overwrite: replace the files of an earlier study there.
        log: is called with every line for the screen.

    Raises:
        ConfigError: settings with which nothing can be chosen, or an earlier study is in the folder.
        LeakError: a feature sees later bars.
    """
    files = study_files(out, overwrite=overwrite)
    _check_settings(settings, most=most, folds=folds)
    task = TASKS[settings.task.target]
    design, selection = bars_to_design(
        bars, settings.features, task=task, horizon=settings.task.horizon, leave_out_seldom_known=True
    )
    train, session_N = _training_rows(design, settings)
    audit = audit_features(
        bars,
        selection.features,
        partial(task.label, horizon=settings.task.horizon),
        horizon=settings.task.horizon,
        random=generator(settings.population.seed, "audit"),
    )
    refuse_leaks(audit)
    lines = (*bars.notes, *selection.notes, *audit.lines())
    for line in (*lines, f"{len(design.names)} features on {len(train):,} training rows of {len(design):,}."):
        log(line)
    group_N = _groups(session_N, train, log)
    inner = _inner_folds(design, train, group_N, folds=folds)
    study = study_features(
        design,
        train,
        inner,
        group_N,
        most=most,
        random=generator(settings.population.seed, "select"),
        learn=_learner(inner[0], fold_set_up(design, settings), settings.running, log) if population else None,
    )
    for line in (*table_lines(study), *_population_line(study), study.sentence()):
        log(line)
    first, last = as_datetimes(design.known_at_N[[train.start, train.stop - 1]]).astype("datetime64[D]")
    write_study(study, files, data=f"{Path(bars.source).name}, {first} to {last}")
    log(f"Written to {out}: features.txt (for train --features), study.csv, study.json, study.html")
    return study


def _check_settings(settings: TrainSettings, *, most: int, folds: int) -> None:
    for option, value in (("most", most), ("study-folds", folds)):
        if value < 1:
            raise ConfigError(f"{option} must be at least 1, got {option}={value}. Set --{option}.")
    if settings.split.kind == "combinatorial":
        raise ConfigError(
            "select reads the rows that train before the first test, but split=combinatorial tests every row. "
            "Set split=walk-forward or holdout."
        )


def _training_rows(design: Design, settings: TrainSettings) -> tuple[range, np.ndarray]:
    """The rows that train before the first test of a run, and the session (or month) of every row."""
    plan = make_plan(
        design,
        split=settings.split,
        evaluation=EvaluationSettings(placebos=0, baselines=False),
        population=settings.population,
    )
    first = plan.folds[0]
    assert isinstance(first, Fold)
    return first.train, plan.group_N


def _inner_folds(design: Design, train: range, group_N: np.ndarray, *, folds: int) -> Sequence[Fold]:
    """Walk-forward folds inside the training rows."""
    rows = as_slice(train)
    return walk_forward(
        design.known_at_N[rows],
        design.label_end_N[rows],
        group_N[rows],
        folds=folds,
        unit="sessions",
        validation_fraction=0.0,
    )


def _groups(group_N: np.ndarray, train: range, log: Callable[[str], None]) -> np.ndarray:
    """The sessions (or months) of the rows, or forty equal stretches where there are too few to resample."""
    count = len(np.unique(group_N[train.start : train.stop]))
    if count >= MIN_GROUPS:
        return group_N
    log(
        f"Only {count} sessions to resample: {STRETCHES} equal stretches of rows take their place, so read t with care."
    )
    return np.arange(len(group_N)) // max(len(train) // STRETCHES, 1)


def _learner(first: Fold, set_up: SetUpFold, running: RunningSettings, log: Callable[[str], None]) -> Learn:
    """Trains the population of the settings on a fold's training rows, scaled and ranked on those rows alone."""
    job = set_up(first).job
    choice = training_engine(job, running, stored=None, workers=None)
    engine = choice.engine
    log(choice.reason)

    def learn(rows: range) -> Predict:
        nothing = range(rows.stop, rows.stop)
        training = set_up(replace(first, train=rows, validation=nothing, test=nothing))
        fit = engine.fit(training.job, on_event=_ignore)

        def predict(x_NF: np.ndarray) -> np.ndarray:
            scaled_NF = training.scaler.transform(x_NF)
            return training.forecast(engine, training.layout, fit.final_parameters, scaled_NF).mean_R

        return predict

    return learn


def _ignore(event: Event) -> None:
    """A fold's progress is not shown."""
    del event


def _population_line(study: Study) -> list[str]:
    if not len(study.population_ic_K):
        return []
    each = ", ".join(f"{ic:+.4f}" for ic in study.population_ic_K)
    return [
        f"Rank IC of the population on held-out rows, fold by fold: {each}. Agreement of the folds' rankings "
        f"(Kendall's W): {study.concordance:.2f}."
    ]
