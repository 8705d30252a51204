"""The one file that knows the order of the stages: files → bars → features and targets → split → scaling → engine →
evaluation → artifacts. Reading ``train_on_bars`` is reading the system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tailproof import bars as bars_stage
from tailproof import features as features_stage
from tailproof import report
from tailproof.artifacts import Journal, RunFolder, amend, refuse_taken
from tailproof.artifacts.atomic import write_atomic
from tailproof.artifacts.files import (
    config_record,
    feature_statistics,
    member_files,
    population_bytes,
    predictions_bytes,
)
from tailproof.core.design import build_design
from tailproof.core.errors import InputError
from tailproof.core.fit import Event, Fit, Parameters
from tailproof.core.randomness import counter_key
from tailproof.core.records import Bars, Design, Fold, Forecast
from tailproof.core.settings import TrainSettings
from tailproof.core.verdict import Verdict
from tailproof.engines.choose import choose_engine
from tailproof.engines.protocol import Engine, Member, Optimisation, TrainingJob
from tailproof.evaluation import judge
from tailproof.evaluation.groups import group_numbers
from tailproof.nets.spec import NetSpec, robust_financial_net
from tailproof.objectives import Objective, best_constant, row_losses
from tailproof.scaling import RobustScaler
from tailproof.splits import chronological
from tailproof.targets import fit_transform, forward_return
from tailproof.targets.transform import TargetTransform

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Run:
    """A finished training run."""

    folder: Path
    verdict: Verdict
    fit: Fit


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Everything that exists before the first step of training, none of it fitted on later rows."""

    design: Design
    fold: Fold
    scaler: RobustScaler
    transform: TargetTransform
    target_N: np.ndarray
    objective: Objective
    constant: float
    job: TrainingJob
    notes: tuple[str, ...]
    """Sentences on the choice of features."""


def train(
    data: Path,
    *,
    settings: TrainSettings,
    out: Path,
    vix: Path | None = None,
    overwrite: bool = False,
    say: Say = print,
) -> Run:
    """Train on a bar file: the main job.

    Args:
        data: CSV or Parquet file of OHLCV bars, labelled by bar start.
        settings: what to train and how.
        out: the run folder to make.
        vix: file of VIX closes to merge, daily or intraday.
        overwrite: replace a finished run at ``out``.
        say: is given every line meant for the screen.

    Raises:
        InputError: the data, the settings or the folder cannot be used; no run folder is left behind.
        TrainingError: training was stopped by its guards; the folder holds the log, but no manifest.
    """
    refuse_taken(out, overwrite=overwrite)
    bars = bars_stage.load_bars(data, timezone=settings.timezone, session_gap=settings.session_gap_duration)
    if vix is not None:
        bars = bars_stage.merge_known(bars, bars_stage.read_vix(vix, timezone=settings.timezone))
    return train_on_bars(bars, settings=settings, out=out, overwrite=overwrite, say=say)


def train_on_bars(bars: Bars, *, settings: TrainSettings, out: Path, overwrite: bool = False, say: Say = print) -> Run:
    """Train on bars that are already in memory; see ``train``."""
    refuse_taken(out, overwrite=overwrite)
    journal = Journal(say)
    prepared = prepare(bars, settings, journal)
    choice = choose_engine(prepared.job, name=settings.engine, device=settings.device, threads=settings.threads or None)
    engine = choice.engine
    journal.say(choice.reason)
    folder = RunFolder.create(out, overwrite=overwrite)
    try:
        journal.open(folder)
        folder.write_json(
            "training_config.json", config_record(settings, prepared.job.spec, engine=engine.name, source=bars.source)
        )
        fit = fit_population(engine, prepared, settings, journal)
        forecasts = forecast_parts(engine, prepared, fit)
        verdict = judge_test(bars, forecasts["test"], prepared)
        write_artifacts(folder, prepared, fit, forecasts, verdict)
        for line in (*report.result_table(verdict), verdict.sentence):
            journal.say(line)
        journal.say(f"Run folder: {out}")
        write_report(folder, bars, prepared)
        folder.finish()
    except InputError:
        folder.discard()
        raise
    return Run(folder=out, verdict=verdict, fit=fit)


def prepare(bars: Bars, settings: TrainSettings, journal: Journal) -> Prepared:
    """Bars → features and targets → split → scaling; statistics are fitted on the fold's training rows only."""
    selection = features_stage.select_features(bars, settings.features)
    features = features_stage.compute(bars, selection.features)
    design = build_design(bars, features, forward_return(bars, horizon=settings.horizon))
    fold = chronological(
        design.known_at_N,
        design.label_end_N,
        train_fraction=settings.train_fraction,
        validation_fraction=settings.validation_fraction,
    )
    train_rows = slice(fold.train.start, fold.train.stop)
    scaler = RobustScaler.fit(design.x_NF[train_rows])
    transform = fit_transform(settings.target, design.return_N[train_rows])
    target_N = transform.transform(design.return_N)
    objective = Objective(loss="huber", delta=settings.huber_delta)
    spec = robust_financial_net(
        inputs=len(design.names),
        hidden_dims=settings.hidden_dims,
        dropout_rate=settings.dropout_rate,
        input_norm=settings.input_norm,
        residual_blocks=settings.residual_blocks,
        sigmoid=transform.bounded,
    )
    job = _job(settings, spec, objective, scaler.transform(design.x_NF), target_N, fold)
    lines = [
        *report.data_summary(bars, selection.notes, design, fold, scaler.rested(design.names)),
        *report.target_summary(design.return_N[train_rows], target_N[train_rows]),
        *report.model_summary(spec, settings),
    ]
    for line in lines:
        journal.say(line)
    return Prepared(
        design=design,
        fold=fold,
        scaler=scaler,
        transform=transform,
        target_N=target_N,
        objective=objective,
        constant=best_constant(objective, target_N[train_rows]),
        job=job,
        notes=selection.notes,
    )


def fit_population(engine: Engine, prepared: Prepared, settings: TrainSettings, journal: Journal) -> Fit:
    """Train, with progress going to the screen, the log and metrics.jsonl."""
    fold = prepared.fold
    progress = report.Progress(
        constant_train_loss=_constant_loss(prepared, fold.train),
        constant_validation_loss=_constant_loss(prepared, fold.validation) if len(fold.validation) else None,
        epochs=settings.epochs,
        members=settings.members,
        verbose=settings.verbose,
    )

    def on_event(event: Event) -> None:
        journal.record(*report.event_record(event))
        for line in progress.lines(event):
            journal.say(line)

    return engine.fit(prepared.job, on_event=on_event)


def forecast_parts(engine: Engine, prepared: Prepared, fit: Fit) -> dict[str, Forecast]:
    """Forecasts of the best parameters for the validation and the test rows; the test rows are touched here first."""
    parts = {"validation": prepared.fold.validation, "test": prepared.fold.test}
    if prepared.fold.judged_on_validation:
        del parts["validation"]
    return {name: _forecast(engine, prepared, fit, rows) for name, rows in parts.items() if len(rows)}


def judge_test(bars: Bars, forecast: Forecast, prepared: Prepared) -> Verdict:
    """The verdict on the test rows."""
    return judge(
        forecast,
        objective=prepared.objective,
        constant=prepared.constant,
        neutral=float(prepared.transform.transform(np.zeros(1))[0]),
        group_N=group_numbers(forecast.session_N, forecast.known_at_N, daily=bars.daily),
        judged_on_validation=prepared.fold.judged_on_validation,
    )


def write_artifacts(
    folder: RunFolder, prepared: Prepared, fit: Fit, forecasts: dict[str, Forecast], verdict: Verdict
) -> None:
    """Everything of the run folder but the log, the metrics and the manifest."""
    for name, parameters in (("best_model", fit.best_parameters), ("final_model", fit.final_parameters)):
        for suffix, content in member_files(parameters, member=fit.best_member).items():
            folder.write_bytes(name + suffix, content)
    folder.write_bytes("population_best.safetensors", population_bytes(fit.best_parameters))
    folder.write_bytes("population_final.safetensors", population_bytes(fit.final_parameters))
    statistics = feature_statistics(
        prepared.design,
        prepared.fold,
        scaling=prepared.scaler.as_json(prepared.design.names),
        target=prepared.transform.as_json(),
    )
    folder.write_json("feature_statistics.json", statistics)
    folder.write_bytes("predictions.parquet", predictions_bytes(forecasts))
    folder.write_json("verdict.json", verdict.as_json())


def write_report(folder: RunFolder, bars: Bars, prepared: Prepared) -> None:
    """report_data.json, and from it and the other files report.md and report.html."""
    fold = prepared.fold
    facts = report.run_facts(
        bars,
        prepared.notes,
        prepared.design,
        fold,
        prepared.target_N,
        constant=prepared.constant,
        constant_train_loss=_constant_loss(prepared, fold.train),
        constant_validation_loss=_constant_loss(prepared, fold.validation) if len(fold.validation) else None,
    )
    folder.write_json("report_data.json", facts)
    for name, content in report.report_files(folder.path).items():
        folder.write_bytes(name, content)


def report_run(run: Path, *, out: Path | None = None) -> list[Path]:
    """Make the report of a finished run again; give back the files that were written.

    Args:
        run: folder of the run; its manifest is renewed.
        out: write the HTML page there instead, and leave the folder as it is.
    """
    files = report.report_files(run)
    if out is not None:
        write_atomic(out, files["report.html"])
        return [out]
    amend(run, files)
    return [run / name for name in files]


def _forecast(engine: Engine, prepared: Prepared, fit: Fit, rows: range) -> Forecast:
    part = slice(rows.start, rows.stop)
    design = prepared.design
    prediction_N = mean_prediction(engine, prepared.job.spec, fit.best_parameters, prepared.job.x_NF[part])
    return Forecast(
        prediction_N=prediction_N,
        predicted_return_N=prepared.transform.inverse(prediction_N),
        target_N=prepared.target_N[part],
        return_N=design.return_N[part],
        known_at_N=design.known_at_N[part],
        label_end_N=design.label_end_N[part],
        session_N=design.session_N[part],
    )


def mean_prediction(
    engine: Engine, spec: NetSpec, parameters: Parameters, x_NF: np.ndarray, *, rows_at_once: int = 1 << 16
) -> np.ndarray:
    """The mean of the members' first outputs (float64), in blocks so that memory does not grow with rows x members."""
    blocks = [x_NF[start : start + rows_at_once] for start in range(0, len(x_NF), rows_at_once)]
    means = [engine.predict(spec, parameters, block)[:, :, 0].mean(axis=0, dtype=np.float64) for block in blocks]
    return np.concatenate(means)


def _constant_loss(prepared: Prepared, rows: range) -> float:
    target_N = prepared.target_N[rows.start : rows.stop]
    return float(row_losses(prepared.objective, np.full(len(rows), prepared.constant), target_N).mean())


def _job(
    settings: TrainSettings, spec: NetSpec, objective: Objective, x_NF: np.ndarray, target_N: np.ndarray, fold: Fold
) -> TrainingJob:
    members = tuple(
        Member(
            seed=counter_key(settings.seed, "member", index),
            learning_rate=settings.learning_rate,
            weight_decay=settings.weight_decay,
            dropout_rate=settings.dropout_rate,
        )
        for index in range(settings.members)
    )
    optimisation = Optimisation(
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        warmup_steps=settings.warmup_steps,
        schedule=settings.schedule,
        max_grad_norm=settings.max_grad_norm,
        patience=settings.patience,
        log_interval=settings.log_interval,
    )
    return TrainingJob(
        spec=spec,
        objective=objective,
        optimisation=optimisation,
        members=members,
        seed=settings.seed,
        x_NF=x_NF,
        y_NT=target_N[:, None].astype(np.float32),
        train=fold.train,
        validation=fold.validation,
    )
