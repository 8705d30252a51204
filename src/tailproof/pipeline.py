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
from tailproof.arrays.ranges import as_slice
from tailproof.audit import Audit
from tailproof.audit.run_audit import audit_lines, audit_run
from tailproof.bars.reading import Loaded
from tailproof.core.design import build_design
from tailproof.core.errors import InputError
from tailproof.core.fit import Fit
from tailproof.core.records import Bars, Design, Fold
from tailproof.core.verdict import Verdict
from tailproof.engines.distributed import Crew, SpreadEngine
from tailproof.engines.interface import Engine
from tailproof.engines.select import choose_engine
from tailproof.evaluation import judge
from tailproof.evaluation.drift_by_month import Drift, drift_lines, drift_of_run
from tailproof.features.selection import Selection
from tailproof.runs.checkpointer import Keeper, beginning, engine_to_take
from tailproof.runs.fold_runner import FoldByFold
from tailproof.runs.journal import Journal
from tailproof.runs.preload_modules import import_ahead
from tailproof.runs.result_files import write_report, write_results
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage import ledger, refuse_taken
from tailproof.storage.files import (
    config_record,
)
from tailproof.storage.ledger import RESUMED, STOPPED
from tailproof.storage.run_folder import OWN_FEATURES
from tailproof.tasks import forward_return
from tailproof.walkforward import (
    CostEvaluation,
    FoldBaselines,
    FoldTraining,
    Plan,
    PooledForecasts,
    SetUpFold,
    evaluate_costs,
    fold_training,
    make_plan,
    run_folds,
    trial_of,
)

if TYPE_CHECKING:
    from tailproof.report.plots import RunPlots

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
    plan = make_plan(design, split=settings.split, evaluation=settings.evaluation, population=settings.population)
    set_up = fold_set_up(design, settings)
    shipped = set_up(plan.shipped, placebo_row_KN=() if plan.ships_its_own else plan.placebo_row_KN)
    journal.say_all(*_summary(bars, selection.notes, design, plan, shipped, settings))
    audit = audit_run(
        bars,
        selection.features,
        design,
        plan,
        task=settings.task,
        on_leak=settings.evaluation.audit,
        seed=settings.population.seed,
        merged=None if loaded is None else loaded.merged,
    )
    journal.say_all(*audit_lines(audit))
    choice = choose_engine(
        shipped.job,
        name=engine_to_take(settings.running.engine, out, resume=resume),
        device=settings.running.device,
        threads=settings.running.threads or (None if crew is None else crew.threads),
    )
    engine: Engine = choice.engine if crew is None else SpreadEngine(choice.engine, crew)
    workers = () if crew is None else (crew.describe(choice.engine, shipped.job),)
    journal.say_all(choice.reason, *workers, *plan.notes)
    trial = replace(trial_of(bars, settings.deciding()), run=out.resolve().name)
    # Read now: it may lie in the run to be replaced.
    own_path = settings.features.feature_file
    own_file = None if own_path is None else own_path.read_bytes()
    keeper = Keeper(lambda: beginning(bars, design, settings, engine, shipped.job, data=trial.data))
    folder = keeper.open(out, journal=journal, resume=resume, overwrite=overwrite)
    remembered = {"source": bars.source, **({RESUMED: keeper.stops} if keeper.stops else {})}
    try:
        if not keeper.stops:
            begun = config_record(
                settings.options("json"),
                shipped.job.spec,
                engine=engine.name,
                engine_choice=choice.reason,
                bars=bars,
                fingerprint=trial.data,
            )
            folder.write_json("training_config.json", begun)
            if own_file is not None:
                folder.write_bytes(OWN_FEATURES, own_file)
            journal.record(
                "run",
                {
                    "name": out.name,
                    "model_steps": plan.model_steps(settings.optimisation, members=settings.population.members),
                    **begun,
                },
            )
        folds = FoldByFold(
            design=design,
            plan=plan,
            population=settings.population,
            verbose=settings.running.verbose,
            shipped=shipped,
            engine=engine,
            journal=journal,
            keeper=keeper,
        )
        judged, fit = run_folds(
            design,
            plan,
            set_up=set_up,
            shipped=shipped,
            engine=engine,
            fit_fold=folds.fit,
            on_fold=folds.end,
            population=settings.population,
            horizon=settings.task.horizon,
            baselines=fold_baselines(plan, settings),
            done=keeper.done,
        )
        paid = evaluate_costs(bars, design, judged, costs=settings.costs, trial=trial, known=ledger.read(out.parent))
        verdict = _judge(judged, plan, shipped, audit, paid, seed=settings.population.seed)
        write_results(folder, design, shipped, fit, judged, verdict, audit, loaded)
        drift = _drift(design, plan, judged)
        folder.write_json("drift.json", {"months": [asdict(each) for each in drift]})
        journal.say_all(*drift_lines(drift))
        journal.say_all(*report.result_table(verdict), f"Run folder: {out}", verdict.sentence)
        journal.record("verdict", verdict.brief())
        write_report(folder, bars, selection.notes, shipped, judged, paid)
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
    late = ["scipy.special"] if settings.running.engine == "lanes" else ["scipy.special", "torch", "torch._dynamo"]
    return [*late, "arch.bootstrap"] if settings.evaluation.baselines else late


def read_bars(data: Path, *, settings: TrainSettings, vix: Path | None) -> tuple[Bars, Loaded]:
    """Bars with the VIX and its age merged in where a file of it is given, and what reading the file reported."""
    return bars_stage.load_with_vix(
        data,
        bars_stage.ReadSettings.of(settings.reading),
        vix=vix,
        vix_timezone=settings.vix.vix_timezone,
        lag=settings.vix.lag,
        stale_after=settings.vix.stale_after,
    )


def fold_set_up(design: Design, settings: TrainSettings) -> SetUpFold:
    """What prepares the training of each fold of a design."""
    return partial(
        fold_training,
        design,
        task=settings.task,
        network=settings.network,
        optimisation=settings.optimisation,
        population=settings.population,
        log_interval=settings.running.log_interval,
    )


def fold_baselines(plan: Plan, settings: TrainSettings) -> FoldBaselines | None:
    """The baselines that stand beside the forecasts, where any do."""
    if not settings.evaluation.baselines:
        return None
    return FoldBaselines(seed=settings.population.seed, tree_fit_every=plan.tree_fit_every)


def features_and_labels(bars: Bars, settings: TrainSettings) -> tuple[Design, Selection]:
    """Bars → features and targets, joined row by row.

    Of the preset ``wide`` those are left out, and named, that are unknown at so many bars that they would cost
    all others their rows: on short data most look-backs of sessions.
    """
    own = features_stage.own_features(settings.features.feature_file, bars)
    selection = features_stage.select_features(bars, settings.features.names, own=own)
    values = features_stage.feature_values(bars, selection.features)
    if "wide" in settings.features.names:
        selection = features_stage.leave_out_seldom_known(selection, values)
        values = values.select([feature.name for feature in selection.features])
    return build_design(bars, values, forward_return(bars, horizon=settings.task.horizon)), selection


def _summary(
    bars: Bars, notes: tuple[str, ...], design: Design, plan: Plan, shipped: FoldTraining, settings: TrainSettings
) -> list[str]:
    rows = as_slice(shipped.fold.train)
    return [
        *report.data_summary(bars, notes, design, plan.folds, plan.shipped, shipped.scaler.rested(design.names)),
        *report.target_summary(shipped.part.design.return_N[rows], shipped.target_N[rows]),
        *report.model_summary(shipped.job.spec, settings.optimisation, settings.population, window=shipped.job.window),
    ]


def _judge(
    judged: PooledForecasts,
    plan: Plan,
    shipped: FoldTraining,
    audit: Audit | None,
    paid: CostEvaluation,
    *,
    seed: int,
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
        seed=seed,
    )


def _drift(design: Design, plan: Plan, judged: PooledForecasts) -> tuple[Drift, ...]:
    """Whether what was judged still looked like what was trained on."""
    forecast, first = judged.forecast, plan.folds[0]
    train = first.train if isinstance(first, Fold) else plan.shipped.train
    first_judged = int(np.count_nonzero(judged.fold_N == 1))
    return drift_of_run(design, train, forecast.prediction_N, forecast.known_at_N, first_judged=first_judged)
