"""bars → design → plan → audit → folds of an outside model → verdict → files: ``train`` with another contestant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tailproof import report
from tailproof.audit import Audit
from tailproof.audit.run_audit import audit_lines
from tailproof.bars import Merged
from tailproof.bars.loaded import Loaded
from tailproof.core.counted import counted
from tailproof.core.errors import ConfigError
from tailproof.core.events import LogLine, Reporter, headed
from tailproof.core.records import Bars
from tailproof.core.surface import key
from tailproof.core.verdict import AuditBrief
from tailproof.engines.distributed import FitPool
from tailproof.pipeline import PRINT
from tailproof.referee.estimator_engine import EstimatorEngine
from tailproof.referee.examination import recalled, rehearse
from tailproof.referee.fit_progress import FitProgress
from tailproof.referee.outside_model import OutsideModel
from tailproof.runs.finished_run import Run
from tailproof.runs.fold_runner import train_folds
from tailproof.runs.open_run import open_run
from tailproof.runs.own_inputs import NO_OWN_INPUTS, OwnInputs
from tailproof.runs.pace import DEFAULT_PACE, Pace
from tailproof.runs.prepared_run import PreparedRun, prepare_run
from tailproof.runs.result_files import JudgedRun, write_judgement, write_report
from tailproof.runs.run_costs import run_costs
from tailproof.runs.run_fingerprint import run_fingerprint
from tailproof.runs.run_identity import RunIdentity
from tailproof.runs.unaudited_features import judge_run
from tailproof.settings.train_settings import TrainSettings
from tailproof.statistics.drift import drift_lines
from tailproof.storage.files import config_record
from tailproof.walkforward import Plan, trial_of


def judge_model(
    bars: Bars,
    model: OutsideModel,
    *,
    settings: TrainSettings,
    out: Path,
    overwrite: bool = False,
    resume: bool = False,
    reporter: Reporter = PRINT,
    pace: Pace = DEFAULT_PACE,
    loaded: Loaded | None = None,
    pool: FitPool | None = None,
    merged: Sequence[Merged] = (),
    own: OwnInputs = NO_OWN_INPUTS,
) -> Run:
    """Judge a model by the walk-forward, the placebos, the baselines and the costs by which networks are judged.

    It is fitted anew for every fold and every placebo, on the training rows alone (validation rows choose the best
    epoch of a torch module and are shown to no other model), on the features and targets that a network is given,
    scaled by the training rows. It is fitted once more on the first fold before all others, to say how long all will
    take and whether its forecasts look ahead, and once after them, to see whether it remembers.

    Args:
        bars: to learn from and be tested on.
        model: the model to judge.
        settings: how it is judged; those of networks and their optimisation have no effect.
        out: the run folder to make. It holds forecasts, verdict and report, and no model.
        overwrite: replace a run at ``out``.
        resume: continue after the last fold that was stored.
        reporter: receives every event.
        pace: how often the run keeps itself.
        loaded: what reading the bars from a file reported.
        pool: processes that share the fits of a fold; None makes all of them here.
        merged: without ``loaded``, how series were joined to the bars.
        own: features, label and splits of the caller's own.

    Raises:
        InputError: the data, the settings, the model or the folder cannot be used.
        WorkerError: a process of the pool has failed, or is gone.
    """
    settings = _for_a_model(settings)
    verbose = settings.running.verbose
    with open_run(out, resume=resume, overwrite=overwrite, reporter=reporter, pace=pace, verbose=verbose) as run:
        ready = prepare_run(bars, settings, own)
        plan = ready.plan
        run.log(*_summary(ready, model))
        audit = ready.audit(merged if loaded is None else loaded.merged)
        run.log(*audit_lines(audit), *headed(plan.notes))
        seed, on_leak, shared = settings.population.seed, settings.evaluation.audit, pool is not None
        rehearsal = rehearse(model, ready, on_leak=on_leak, seed=seed, shared=shared)
        workers = 1 if pool is None else pool.fit_workers
        progress = FitProgress(plan, rehearsal, workers=workers, log=run.log, pace=pace)
        run.log(*([] if pool is None else [pool.describe_fits()]), progress.announcement)
        run.log(*rehearsal.notes, *rehearsal.findings)
        engine = EstimatorEngine(model, pool=pool, on_fit=progress.fit_done)
        run.begin(_identity(ready, engine, model))
        progress.resume(len(run.done))
        pooled, fit = train_folds(ready, engine=engine, run=run)
        notes, findings = recalled(model, ready, rehearsal)
        run.log(*notes, *findings)
        costs = run_costs(bars, pooled.forecast, settings, run=run, out=out)
        brief = _brief(audit, (*rehearsal.findings, *findings))
        verdict = judge_run(ready, pooled, costs, audit=brief, engine=engine, run=run)
        judged = JudgedRun(ready=ready, pooled=pooled, costs=costs, verdict=verdict, audit=audit, loaded=loaded)
        write_judgement(run.folder, judged)
        run.log(*headed(drift_lines(judged.drift)), *report.result_table(verdict, name="model"))
        run.conclude(verdict)
        write_report(run.folder, judged)
        run.finish(costs.trial, verdict)
    return Run(folder=out, verdict=verdict, fit=fit)


def _for_a_model(settings: TrainSettings) -> TrainSettings:
    if settings.split.warm_start:
        raise ConfigError(
            f"{key('warm_start')} continues from a network's weights, but the model is not one. Leave it out."
        )
    if settings.evaluation.ensemble == "stack":
        raise ConfigError("ensemble=stack weighs the network of train, but the model is not one. Leave it out.")
    return settings.replace(members=1, embedding="none", linear_path=False, interactions=False, shrink=False)


def _brief(audit: Audit | None, findings: tuple[str, ...]) -> AuditBrief | None:
    """The audit of the features, with what was found of the model itself."""
    brief = None if audit is None else audit.brief()
    if brief is None or not findings:
        return brief
    return replace(brief, passed=False, notes=(*findings, *(brief.notes if not brief.passed else ())))


def _fits(plan: Plan) -> int:
    """How often the model is fitted: on each fold to its targets and every placebo's, and on the latest window."""
    return len(plan.folds) * (1 + len(plan.placebo_row_KN)) + plan.ships_its_own


def _summary(ready: PreparedRun, model: OutsideModel) -> list[LogLine]:
    design, plan, shipped = ready.design, ready.plan, ready.shipped
    zero_iqr_features = shipped.scaler.zero_iqr_features(design.names)
    return [
        *report.data_summary(ready.bars, ready.selection.notes, design, plan.folds, plan.shipped, zero_iqr_features),
        *report.target_summary(shipped.target_tails()),
        LogLine(
            text=f"Model: {model.name}, fitted {counted(_fits(plan), 'time')}: for {counted(len(plan.folds), 'fold')} "
            f"and {counted(len(plan.placebo_row_KN), 'placebo')} of each, and once more on the latest window."
        ),
    ]


def _identity(ready: PreparedRun, engine: EstimatorEngine, model: OutsideModel) -> RunIdentity:
    bars, design, settings, own = ready.bars, ready.design, ready.settings, ready.own.record
    job = ready.shipped.job
    own_path = settings.features.feature_file
    named = {"model": model.name, "model_source": model.source, **own}
    trial = trial_of(bars, {**settings.deciding(), **named})
    config = config_record(
        settings.options("json"),
        None,
        engine=engine.name,
        engine_choice=f"Model: {model.name}",
        bars=bars,
        fingerprint=trial.data,
    )
    return RunIdentity(
        source=bars.source,
        trial=trial,
        make_fingerprint=lambda: run_fingerprint(bars, design, settings, engine, job, data=trial.data, own=own),
        config={**config, **named},
        own_features=None if own_path is None else own_path.read_bytes(),
        model_steps=_fits(ready.plan),
    )
