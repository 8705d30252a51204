"""``tailproof select``: from bars to a choice of features, on training rows only. It is put together from the parts of
the training pipeline, so that what is studied is what would be trained on."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from tailproof import bars as bars_stage
from tailproof import pipeline
from tailproof.artifacts import Journal
from tailproof.artifacts.atomic import write_atomic
from tailproof.core.fit import Event
from tailproof.core.randomness import generator
from tailproof.core.records import Bars
from tailproof.core.settings import TrainSettings
from tailproof.engines.choose import choose_engine
from tailproof.evaluation.groups import group_numbers
from tailproof.pipeline import Prepared, Say
from tailproof.scaling import RobustScaler
from tailproof.selecting import Study, features_list, study_features, table_rows
from tailproof.selecting.outcome import table_lines
from tailproof.selecting.permutation import Predict
from tailproof.selecting.plot import study_html
from tailproof.selecting.study import Learn
from tailproof.splits import walk_forward
from tailproof.targets import fit_transform


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
    bars = bars_stage.load_bars(data, timezone=settings.timezone, session_gap=settings.session_gap_duration)
    if vix is not None:
        bars = bars_stage.merge_known(bars, bars_stage.read_vix(vix, timezone=settings.timezone), age=True)
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
    prepared = pipeline.prepare(bars, settings, Journal(say))
    design, train = prepared.design, prepared.fold.train
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
        learn=_learner(prepared, settings) if population else None,
    )
    for line in (*table_lines(study), *_population_line(study), study.sentence()):
        say(line)
    _write(study, out)
    say(f"Written to {out}: features.txt (for train --features), study.csv, study.json, study.html")
    return study


def _learner(prepared: Prepared, settings: TrainSettings) -> Learn:
    """Trains the population of the settings on a fold's training rows, scaled and ranked on those rows alone."""
    engine = choose_engine(
        prepared.job, name=settings.engine, device=settings.device, threads=settings.threads or None
    ).engine
    design = prepared.design

    def learn(rows: range) -> Predict:
        part = slice(rows.start, rows.stop)
        scaler = RobustScaler.fit(design.x_NF[part])
        transform = fit_transform(settings.target, design.return_N[part])
        job = replace(
            prepared.job,
            x_NF=scaler.transform(design.x_NF[part]),
            y_NT=transform.transform(design.return_N[part])[:, None].astype(np.float32),
            train=range(len(rows)),
            validation=range(len(rows), len(rows)),
        )
        fit = engine.fit(job, on_event=_ignore)

        def predict(x_NF: np.ndarray) -> np.ndarray:
            output_MNO = engine.predict(job.spec, fit.final_parameters, scaler.transform(x_NF))
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
