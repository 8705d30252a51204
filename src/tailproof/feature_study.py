"""``tailproof select``: from bars to a choice of features, on training rows only. It is put together from the parts of
the training pipeline, so that what is studied is what would be trained on."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np

from tailproof import pipeline
from tailproof.artifacts.atomic import write_atomic
from tailproof.core.fit import Event
from tailproof.core.randomness import generator
from tailproof.core.records import Bars, Design, Fold
from tailproof.core.settings import TrainSettings
from tailproof.engines.choose import choose_engine
from tailproof.evaluation.groups import group_numbers
from tailproof.pipeline import Say
from tailproof.protocol import Plan, fold_training, make_plan
from tailproof.selecting import Study, features_list, study_features, table_rows
from tailproof.selecting.outcome import table_lines
from tailproof.selecting.permutation import Predict
from tailproof.selecting.plot import study_html
from tailproof.selecting.study import Learn
from tailproof.splits import walk_forward


def select(
    data: Path,
    *,
    settings: TrainSettings,
    out: Path,
    most: int,
    folds: int,
    population: bool,
    vix: Path | None = None,
    say: Say = print,
) -> Study:
    """Study the features of a bar file and write the choice into the folder ``out``; see ``select_on_bars``."""
    bars, _ = pipeline.read_bars(data, settings, vix=vix, age=True)
    return select_on_bars(
        bars, settings=settings, out=out, most=most, folds=folds, population=population, say=say
    )  # fmt: skip


def select_on_bars(
    bars: Bars, *, settings: TrainSettings, out: Path, most: int, folds: int, population: bool, say: Say = print
) -> Study:
    """Study features on the training rows and write ``features.txt``, ``study.csv``, ``study.json``, ``study.html``.

    Args:
        bars: what is studied; rows after the training part give nothing but their place in the split.
        settings: as for training: which features, which target, how a population is trained.
        out: folder for the four files.
        most: features to choose at most.
        folds: walk-forward folds inside the training rows.
        population: train a population on each fold, for permutation importance.
        say: is given every line meant for the screen.
    """
    design, _ = pipeline.features_and_labels(bars, settings)
    plan = make_plan(design, settings)
    train = plan.folds[0].train
    part = slice(train.start, train.stop)
    inner = walk_forward(
        design.known_at_N[part],
        design.label_end_N[part],
        design.session_N[part],
        folds=folds,
        unit="months" if bars.daily else "sessions",
        validation_fraction=0.0,
    )
    study = study_features(
        design,
        train,
        inner,
        group_numbers(design.session_N, design.known_at_N, daily=bars.daily),
        most=most,
        random=generator(settings.seed, "select"),
        learn=_learner(design, plan, settings) if population else None,
    )
    for line in (*table_lines(study), *_population_line(study), study.sentence()):
        say(line)
    _write(study, out)
    say(f"Written to {out}: features.txt (for train --features), study.csv, study.json, study.html")
    return study


def _learner(design: Design, plan: Plan, settings: TrainSettings) -> Learn:
    """Trains the population of the settings on a fold's training rows, scaled and ranked on those rows alone."""
    job = fold_training(design, plan.folds[0], settings).job
    engine = choose_engine(job, name=settings.engine, device=settings.device, threads=settings.threads or None).engine

    def learn(rows: range) -> Predict:
        later = range(rows.stop, rows.stop)
        fold = Fold(train=rows, validation=later, test=later, purged=0)
        training = fold_training(design, fold, settings)
        fit = engine.fit(training.job, on_event=_ignore)

        def predict(x_NF: np.ndarray) -> np.ndarray:
            output_MNO = engine.predict(training.job.spec, fit.final_parameters, training.scaler.transform(x_NF))
            return np.asarray(output_MNO[:, :, 0].mean(axis=0, dtype=np.float64))

        return predict

    return learn


def _ignore(event: Event) -> None:
    """A fold's progress is not shown."""
    del event


def _population_line(study: Study) -> list[str]:
    if not len(study.population_ic_K):
        return []
    each = ", ".join(f"{ic:+.4f}" for ic in study.population_ic_K)
    return [f"Rank IC of the population on held-out rows, fold by fold: {each}. Agreement of the folds' rankings "
            f"(Kendall's W): {study.concordance:.2f}."]  # fmt: skip


def _write(study: Study, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    rows = table_rows(study)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    record = {"sentence": study.sentence(), "chosen": study.chosen, "concordance": study.concordance,
              "population_ic": study.population_ic_K.tolist(), "features": rows}  # fmt: skip
    files = {
        "features.txt": features_list(study),
        "study.csv": text.getvalue(),
        "study.json": json.dumps(record, indent=1),
        "study.html": study_html(study),
    }
    for name, content in files.items():
        write_atomic(out / name, content.encode())
