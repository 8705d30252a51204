"""The one file that knows the order of the stages: bars → design → plan → audit → folds → verdict → files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tailproof import bars as bars_stage
from tailproof.audit.run_audit import audit_lines
from tailproof.bars import Merged
from tailproof.bars.loaded import Loaded
from tailproof.bars.merge.series_sources import NO_FRAMES
from tailproof.core.events import Reporter, headed
from tailproof.core.records import Bars
from tailproof.engines.candidates import refuse_without_torch
from tailproof.engines.distributed import WorkerPool
from tailproof.report import Lines, Unfailing, result_table
from tailproof.runs.estimates import time_lines
from tailproof.runs.finished_run import Run
from tailproof.runs.fold_runner import train_folds
from tailproof.runs.open_run import open_run
from tailproof.runs.own_inputs import NO_OWN_INPUTS, OwnInputs
from tailproof.runs.pace import DEFAULT_PACE, Pace
from tailproof.runs.preload_modules import preload_for_training
from tailproof.runs.prepared_run import prepare_run
from tailproof.runs.result_files import JudgedRun, write_report, write_results
from tailproof.runs.run_costs import run_costs
from tailproof.runs.run_identity import run_identity
from tailproof.runs.run_summary import run_summary
from tailproof.runs.training_engine import training_engine
from tailproof.runs.unaudited_features import judge_run
from tailproof.settings.train_settings import TrainSettings
from tailproof.statistics.drift import drift_lines
from tailproof.storage import refuse_taken
from tailproof.walkforward import warm_up_notes

PRINT = Unfailing(Lines(print))


def train(
    data: Path,
    *,
    settings: TrainSettings,
    out: Path,
    vix: Path | Any | None = None,
    frames: Mapping[str, Any] = NO_FRAMES,
    overwrite: bool = False,
    resume: bool = False,
    reporter: Reporter = PRINT,
    pace: Pace = DEFAULT_PACE,
    workers: WorkerPool | None = None,
) -> Run:
    """Train on a bar file: the main job.

    Args:
        data: CSV, Parquet or Arrow file of OHLCV bars, a folder or a pattern of them.
        settings: what to train and how.
        out: the run folder to make.
        vix: file of VIX closes to merge, daily or intraday.
        frames: series of the settings that are frames and not files, by name.
        overwrite: replace a run at ``out``.
        resume: continue the stopped run at ``out``; begin one where there is none.
        reporter: receives every event; by default lines for people are printed.
        pace: how often the run keeps itself, and how long it may be silent.
        workers: processes that share the members (``engines.distributed.open_workers``); None trains all here.

    Raises:
        InputError: the data, the settings or the folder cannot be used; no run folder is left behind, and a stopped run
            stays as it was.
        TrainingError: training was stopped by its guards; the folder holds the log, but no manifest.
        WorkerError: a process of the pool has failed; the folder holds the log, but no manifest.
    """
    refuse_taken(out, overwrite=overwrite, resume=resume)
    refuse_without_torch(settings.running.engine, settings.running.device)
    preload_for_training(engine=settings.running.engine, baselines=settings.evaluation.baselines)
    bars, loaded = read_bars(data, settings=settings, vix=vix, frames=frames)
    return train_on_bars(
        bars,
        settings=settings,
        out=out,
        overwrite=overwrite,
        resume=resume,
        reporter=reporter,
        pace=pace,
        loaded=loaded,
        workers=workers,
    )


def train_on_bars(
    bars: Bars,
    *,
    settings: TrainSettings,
    out: Path,
    overwrite: bool = False,
    resume: bool = False,
    reporter: Reporter = PRINT,
    pace: Pace = DEFAULT_PACE,
    loaded: Loaded | None = None,
    merged: Sequence[Merged] = (),
    workers: WorkerPool | None = None,
    own: OwnInputs = NO_OWN_INPUTS,
) -> Run:
    """Train on bars that are already in memory; see ``train``.

    ``loaded`` is what reading them from a file reported; without it ``merged`` says how series were joined to them.
    ``own`` are features, label and splits of the caller's own.
    """
    verbose = settings.running.verbose
    with open_run(out, resume=resume, overwrite=overwrite, reporter=reporter, pace=pace, verbose=verbose) as run:
        ready = prepare_run(bars, settings, own)
        plan, job = ready.plan, ready.shipped.job
        run.log(*run_summary(ready))
        audit = ready.audit(merged if loaded is None else loaded.merged)
        run.log(*audit_lines(audit))
        steps = plan.model_steps(settings.optimisation, members=settings.population.members)
        engine = training_engine(
            job,
            settings.running,
            stored=run.stored_engine,
            workers=workers,
            seconds_per_call=pace.seconds_per_call,
            model_steps=steps,
        )
        run.log(*engine.lines, *time_lines(engine.engine, job, model_steps=steps))
        run.log(*headed([*plan.notes, *warm_up_notes(plan, settings.optimisation)]))
        run.begin(run_identity(ready, engine))
        pooled, fit = train_folds(ready, engine=engine.engine, run=run)
        costs = run_costs(bars, pooled.forecast, settings, run=run, out=out)
        brief = None if audit is None else audit.brief()
        verdict = judge_run(ready, pooled, costs, audit=brief, engine=engine.engine, run=run)
        judged = JudgedRun(ready=ready, pooled=pooled, costs=costs, verdict=verdict, audit=audit, loaded=loaded)
        write_results(run.folder, judged, fit, engine.engine)
        run.log(*headed(drift_lines(judged.drift)), *result_table(verdict), *headed(pooled.evidence.notes))
        run.conclude(verdict)
        write_report(run.folder, judged)
        run.finish(costs.trial, verdict)
    return Run(folder=out, verdict=verdict, fit=fit)


def read_bars(
    data: Path | Any, *, settings: TrainSettings, vix: Path | Any | None = None, frames: Mapping[str, Any] = NO_FRAMES
) -> tuple[Bars, Loaded]:
    """Bars with the series of the settings and their ages joined in, and what reading the bars reported.

    Args:
        data: bars, as for ``train``.
        settings: how they are read, and which series are joined.
        vix: file of VIX closes, daily or intraday.
        frames: series that are frames and not files, by name.
    """
    sources = bars_stage.series_sources(settings.series, settings.vix, settings.reading, vix=vix, frames=frames)
    return bars_stage.load_with_series(data, settings.reading, sources)
