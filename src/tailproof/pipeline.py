"""The one file that knows the order of the stages: files → bars → features and targets → folds → scaling → engine →
evaluation → artifacts. Reading ``train_on_bars`` is reading the system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tailproof import bars as bars_stage
from tailproof import features as features_stage
from tailproof import report
from tailproof.artifacts import Journal, RunFolder, ledger, refuse_taken
from tailproof.artifacts.files import (
    config_record,
    feature_statistics,
    member_files,
    parquet_bytes,
    population_bytes,
    predictions_bytes,
)
from tailproof.artifacts.ledger import RESUMED, STOPPED
from tailproof.artifacts.run_folder import OWN_FEATURES
from tailproof.auditing import Audit
from tailproof.bars.reading import Loaded
from tailproof.core.design import build_design
from tailproof.core.errors import InputError
from tailproof.core.fit import Event, Fit
from tailproof.core.import_ahead import import_ahead
from tailproof.core.records import Bars, Design, Fold
from tailproof.core.settings import TrainSettings
from tailproof.core.verdict import Verdict
from tailproof.engines.choose import choose_engine
from tailproof.engines.protocol import Engine
from tailproof.evaluation import judge, spearman
from tailproof.evaluation.drift_by_month import Drift, drift_lines, drift_of_run
from tailproof.features.selection import Selection
from tailproof.objectives import row_losses
from tailproof.protocol import (
    FoldDone,
    FoldResult,
    FoldTraining,
    Judged,
    Paid,
    Plan,
    fold_training,
    make_plan,
    real_members,
    run_folds,
    trial_of,
    would_it_pay,
)
from tailproof.run_audit import audit_lines, audit_run
from tailproof.run_resuming import Keeper, beginning, engine_to_take
from tailproof.targets import forward_return
from tailproof.workers import Crew, SpreadEngine

if TYPE_CHECKING:
    from tailproof.report.plots import RunPlots

FOLD_LINES = 20
"""Of more folds than this, only so many are shown on the way."""

Say = Callable[[str], None]
Show = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True, kw_only=True)
class Run:
    """A finished training run."""

    folder: Path
    verdict: Verdict
    fit: Fit
    """Of the shipped members."""

    @property
    def plot(self) -> RunPlots:
        """The figures of the report as plotly figures: ``run.plot.deciles()``, ``run.plot.names()``."""
        return report.run_plots(self.folder)

    def _repr_html_(self) -> str:
        return report.summary_html(self.folder)


def train(
    data: Path,
    *,
    settings: TrainSettings,
    out: Path,
    vix: Path | None = None,
    overwrite: bool = False,
    resume: bool = False,
    say: Say = print,
    show: Show | None = None,
    crew: Crew | None = None,
) -> Run:
    """Train on a bar file: the main job.

    Args:
        data: CSV, Parquet or Arrow file of OHLCV bars, a folder or a pattern of them.
        settings: what to train and how.
        out: the run folder to make.
        vix: file of VIX closes to merge, daily or intraday.
        overwrite: replace a run at ``out``.
        resume: go on with the run at ``out`` where it was stopped; where there is none, begin.
        say: is given every line meant for the screen.
        show: is given the kind and the values of every record of metrics.jsonl.
        crew: processes that share the members between them (``workers.open_crew``); None trains all here.

    Raises:
        InputError: the data, the settings or the folder cannot be used; no run folder is left behind, and a stopped run
            stays as it was.
        TrainingError: training was stopped by its guards; the folder holds the log, but no manifest.
        WorkerError: a process of the crew has failed; the folder holds the log, but no manifest.
    """
    refuse_taken(out, overwrite=overwrite, resume=resume)
    import_ahead(*_late_imports(settings))
    bars, loaded = read_bars(data, settings=settings, vix=vix)
    return train_on_bars(
        bars,
        settings=settings,
        out=out,
        overwrite=overwrite,
        resume=resume,
        say=say,
        show=show,
        loaded=loaded,
        crew=crew,
    )


def train_on_bars(
    bars: Bars,
    *,
    settings: TrainSettings,
    out: Path,
    overwrite: bool = False,
    resume: bool = False,
    say: Say = print,
    show: Show | None = None,
    loaded: Loaded | None = None,
    crew: Crew | None = None,
) -> Run:
    """Train on bars that are already in memory; see ``train``. ``loaded`` is what reading them from a file reported."""
    refuse_taken(out, overwrite=overwrite, resume=resume)
    journal = Journal(say, show)
    design, selection = features_and_labels(bars, settings)
    plan = make_plan(design, settings)
    shipped = fold_training(
        design, plan.shipped, settings, placebo_row_KN=() if plan.ships_its_own else plan.placebo_row_KN
    )
    journal.say_all(*_summary(bars, selection.notes, design, plan, shipped, settings))
    audit = audit_run(
        bars, selection.features, design, plan, settings, merged=None if loaded is None else loaded.merged
    )
    journal.say_all(*audit_lines(audit))
    choice = choose_engine(
        shipped.job,
        name=engine_to_take(settings.engine, out, resume=resume),
        device=settings.device,
        threads=settings.threads or (None if crew is None else crew.threads),
    )
    engine: Engine = choice.engine if crew is None else SpreadEngine(choice.engine, crew)
    workers = () if crew is None else (crew.describe(choice.engine, shipped.job),)
    journal.say_all(choice.reason, *workers, *plan.notes)
    trial = replace(trial_of(bars, settings), run=out.resolve().name)
    # Read now: it may lie in the run to be replaced.
    own_file = None if settings.feature_file is None else settings.feature_file.read_bytes()
    keeper = Keeper(lambda: beginning(bars, design, settings, engine, shipped.job, data=trial.data))
    folder = keeper.open(out, journal=journal, resume=resume, overwrite=overwrite)
    remembered = {"source": bars.source, **({RESUMED: keeper.stops} if keeper.stops else {})}
    try:
        if not keeper.stops:
            begun = config_record(
                settings,
                shipped.job.spec,
                engine=engine.name,
                engine_choice=choice.reason,
                bars=bars,
                fingerprint=trial.data,
            )
            folder.write_json("training_config.json", begun)
            if own_file is not None:
                folder.write_bytes(OWN_FEATURES, own_file)
            journal.record("run", {"name": out.name, "model_steps": plan.model_steps(settings), **begun})
        judged, fit = run_folds(
            design,
            plan,
            settings,
            shipped=shipped,
            engine=engine,
            fit_fold=partial(_fit_fold, engine, plan, settings, journal, keeper),
            on_fold=partial(_end_fold, journal, keeper, design, plan, shipped),
            done=keeper.done,
        )
        paid = would_it_pay(bars, design, judged, settings, trial=trial, project=out.parent)
        verdict = _judge(judged, plan, shipped, audit, paid, settings)
        _write(folder, design, shipped, fit, judged, verdict, audit, loaded)
        drift = _drift(design, plan, judged)
        folder.write_json("drift.json", {"months": [asdict(each) for each in drift]})
        journal.say_all(*drift_lines(drift))
        journal.say_all(*report.result_table(verdict), f"Run folder: {out}", verdict.sentence)
        journal.record("verdict", verdict.brief())
        _write_report(folder, bars, selection.notes, shipped, judged, paid)
        folder.finish()
        ledger.append(out.parent, replace(paid.trial, result={**verdict.brief(), **remembered}))
    except InputError:
        folder.release() if keeper.stops else folder.discard()
        raise
    except BaseException as error:  # an interrupt too: whoever stops a run has seen how it was going
        ledger.append(out.parent, replace(trial, result={STOPPED: type(error).__name__, **remembered}))
        folder.release()
        if isinstance(error, KeyboardInterrupt):
            journal.say(keeper.last_words())
        raise
    return Run(folder=out, verdict=verdict, fit=fit)


def _late_imports(settings: TrainSettings) -> list[str]:
    """Modules that are needed late and take seconds to import: torch's optimizers import torch._dynamo when the first
    one is made; the test over all baselines is of ``arch``."""
    late = ["scipy.special"] if settings.engine == "lanes" else ["scipy.special", "torch", "torch._dynamo"]
    return [*late, "arch.bootstrap"] if settings.baselines else late


def read_bars(data: Path, *, settings: TrainSettings, vix: Path | None) -> tuple[Bars, Loaded]:
    """Bars with the VIX and its age merged in where a file of it is given, and what reading the file reported."""
    lag, stale_after = settings.vix_spans
    return bars_stage.load_with_vix(
        data,
        bars_stage.ReadSettings.of(settings),
        vix=vix,
        vix_timezone=settings.vix_timezone,
        lag=lag,
        stale_after=stale_after,
    )


def features_and_labels(bars: Bars, settings: TrainSettings) -> tuple[Design, Selection]:
    """Bars → features and targets, joined row by row.

    Of the preset ``wide`` those are left out, and named, that are unknown at so many bars that they would cost
    all others their rows: on short data most look-backs of sessions.
    """
    own = features_stage.own_features(settings.feature_file, bars)
    selection = features_stage.select_features(bars, settings.features, own=own)
    values = features_stage.feature_values(bars, selection.features)
    if "wide" in settings.features:
        selection = features_stage.leave_out_seldom_known(selection, values)
        values = values.select([feature.name for feature in selection.features])
    return build_design(bars, values, forward_return(bars, horizon=settings.horizon)), selection


def _summary(
    bars: Bars, notes: tuple[str, ...], design: Design, plan: Plan, shipped: FoldTraining, settings: TrainSettings
) -> list[str]:
    rows = slice(shipped.fold.train.start, shipped.fold.train.stop)
    return [
        *report.data_summary(bars, notes, design, plan.folds, plan.shipped, shipped.scaler.rested(design.names)),
        *report.target_summary(shipped.part.design.return_N[rows], shipped.target_N[rows]),
        *report.model_summary(shipped.job.spec, settings, window=shipped.job.window),
    ]


def _fit_fold(
    engine: Engine,
    plan: Plan,
    settings: TrainSettings,
    journal: Journal,
    keeper: Keeper,
    training: FoldTraining,
    number: int,
) -> Fit:
    """Train a fold's population; progress goes to metrics.jsonl, and of the shipped members to the screen too."""
    fold, constant_loss = training.fold, partial(_constant_loss, training)
    window = report.Window(
        fold=number,
        folds=len(plan.folds),
        epochs=training.job.optimisation.epochs,
        steps=-(-len(fold.train) // settings.batch_size),
        members=settings.members,
        networks=len(training.job.members),
        batch_size=settings.batch_size,
        constant_train_loss=constant_loss(fold.train),
        constant_validation_loss=constant_loss(fold.validation) if len(fold.validation) else None,
    )
    shown = number == 0 or not plan.ships_its_own
    progress = report.Progress(window, epoch_lines=shown or settings.verbose, interval_lines=settings.verbose)
    state, counts = keeper.state_of(number)
    if state is None:
        journal.record("fold", window.as_record())
    else:
        progress.go_on(counts)

    def on_real_event(event: Event) -> None:
        kind, values = report.event_record(event)
        journal.record(kind, {"fold": number, **values})
        journal.say_all(*progress.lines(event))

    on_real_member = real_members(on_real_event, training, members=settings.members)

    def on_event(event: Event) -> None:
        progress.count(event)
        journal.tell("progress", {"fold": number, "model_steps": progress.model_steps})
        on_real_member(event)

    return engine.fit(training.job, on_event=on_event, state=state, offer=keeper.offer(number, progress))


def _end_fold(
    journal: Journal, keeper: Keeper, design: Design, plan: Plan, shipped: FoldTraining, number: int, done: FoldDone
) -> None:
    every = -(-len(plan.folds) // FOLD_LINES)
    if plan.ships_its_own and (number % every == 0 or number == len(plan.folds)):
        journal.say(_fold_line(design, plan, shipped, number, done.result))
    keeper.fold_done(done)


def _fold_line(design: Design, plan: Plan, shipped: FoldTraining, number: int, result: FoldResult) -> str:
    rows, objective = len(result.row_R), shipped.job.objective
    constant_R = np.full(rows, result.constant)
    return report.fold_line(
        number,
        len(plan.folds),
        rows=rows,
        loss=float(row_losses(objective, result.forecasts.mean_R, result.target_R).mean()),
        constant_loss=float(row_losses(objective, constant_R, result.target_R).mean()),
        rank_ic=spearman(result.forecasts.mean_R, design.return_N[result.row_R]),
        seconds=result.seconds,
        rate=result.model_steps / result.seconds,
    )


def _constant_loss(training: FoldTraining, rows: range) -> float:
    target_N = training.target_N[rows.start : rows.stop]
    return float(row_losses(training.job.objective, np.full(len(rows), training.constant), target_N).mean())


def _judge(
    judged: Judged, plan: Plan, shipped: FoldTraining, audit: Audit | None, paid: Paid, settings: TrainSettings
) -> Verdict:
    found = None if audit is None else audit.brief()
    return judge(
        judged.forecast,
        objective=shipped.job.objective,
        constant=judged.constant_N,
        neutral=judged.neutral_N,
        group_N=judged.group_N,
        judged_on_validation=plan.judged_on_validation,
        evidence=replace(judged.evidence, audit=found, costs=paid.costs, trials=paid.trials),
        seed=settings.seed,
    )


def _drift(design: Design, plan: Plan, judged: Judged) -> tuple[Drift, ...]:
    """Whether what was judged still looked like what was trained on."""
    forecast, first = judged.forecast, plan.folds[0]
    train = first.train if isinstance(first, Fold) else plan.shipped.train
    first_judged = int(np.count_nonzero(judged.fold_N == 1))
    return drift_of_run(design, train, forecast.prediction_N, forecast.known_at_N, first_judged=first_judged)


def _write(
    folder: RunFolder,
    design: Design,
    shipped: FoldTraining,
    fit: Fit,
    judged: Judged,
    verdict: Verdict,
    audit: Audit | None,
    loaded: Loaded | None,
) -> None:
    """Everything of the run folder but the configuration, the log, the metrics and the manifest."""
    for name, parameters in (("best_model", fit.best_parameters), ("final_model", fit.final_parameters)):
        for suffix, content in member_files(parameters, member=fit.best_member).items():
            folder.write_bytes(name + suffix, content)
    folder.write_bytes("population_best.safetensors", population_bytes(fit.best_parameters))
    folder.write_bytes("population_final.safetensors", population_bytes(fit.final_parameters))
    scaling, target = shipped.scaler.as_json(design.names), shipped.transform.as_json()
    folder.write_json(
        "feature_statistics.json", feature_statistics(shipped.part.design, shipped.fold, scaling=scaling, target=target)
    )
    folder.write_bytes("predictions.parquet", predictions_bytes(judged.forecast, fold_N=judged.fold_N))
    folder.write_json("verdict.json", verdict.as_json())
    if audit is not None:
        folder.write_json("audit.json", audit.as_json())
    if loaded is not None:
        folder.write_bytes("data_quality.json", loaded.report.to_json().encode())
        if loaded.set_aside.height:
            folder.write_bytes("set_aside.parquet", parquet_bytes(loaded.set_aside))


def _write_report(
    folder: RunFolder, bars: Bars, notes: tuple[str, ...], shipped: FoldTraining, judged: Judged, paid: Paid
) -> None:
    """report_data.json, and from it and the other files report.md and report.html."""
    fold = shipped.fold
    facts = report.run_facts(
        bars,
        notes,
        shipped.part.design,
        fold,
        shipped.target_N,
        constant=shipped.constant,
        constant_train_loss=_constant_loss(shipped, fold.train),
        constant_validation_loss=_constant_loss(shipped, fold.validation) if len(fold.validation) else None,
    )
    importance = {} if judged.importance is None else judged.importance.as_json()
    folder.write_json("report_data.json", {**facts, "equity": paid.equity(), **importance})
    for name, content in report.report_files(folder.path).items():
        folder.write_bytes(name, content)
