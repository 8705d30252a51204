"""bars and forecasts from outside → verdict → files: no training, so that nothing is known of how they were made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tailproof import report
from tailproof.bars.loaded import Loaded
from tailproof.core.counted import counted
from tailproof.core.design import build_design
from tailproof.core.errors import DataError
from tailproof.core.events import LogLine, Reporter, texts
from tailproof.core.feature_values import FeatureValues
from tailproof.core.records import Bars, Forecast
from tailproof.core.surface import setting, worded
from tailproof.core.verdict import Verdict
from tailproof.evaluation import LAST_RETURN, REVERSAL, Evidence, judge, spearman
from tailproof.evaluation.baselines import last_return_forecast
from tailproof.objectives import Objective, best_constant, huber_objective
from tailproof.pipeline import PRINT
from tailproof.referee.given_forecasts import GivenForecasts
from tailproof.runs.finished_run import StoredRun
from tailproof.runs.open_run import open_run
from tailproof.runs.pace import DEFAULT_PACE
from tailproof.runs.result_files import write_forecasts
from tailproof.runs.run_costs import run_costs
from tailproof.runs.run_identity import RunIdentity
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage.files import config_record
from tailproof.tasks import forward_return
from tailproof.walkforward import CostEvaluation, placebo_rows, resampled_groups, trial_of

TARGET = "raw"
"""Forecasts from outside are returns, or at least have their sign: the target is the return itself."""
SHIFTS = 199
"""Shifting forecasts costs nothing, so there are more of them than of trained placebos."""
MIN_EARLIER = 100
"""Rows before the first forecast from which a constant and a line on the last return can be fitted."""
OWN_SCALE = (
    "the constant is zero, and returns are scaled by the deviation of the judged rows themselves, which nobody knew "
    "before. That touches loss and skill alone, no rank, sign or cost"
)
NO_RETURN = 10.0
"""Forecasts that spread over more than so many times the spread of returns are no forecasts of a return."""


def judge_forecasts(
    bars: Bars,
    forecasts: GivenForecasts,
    *,
    settings: TrainSettings,
    out: Path,
    neutral: float = 0.0,
    overwrite: bool = False,
    reporter: Reporter = PRINT,
    loaded: Loaded | None = None,
) -> StoredRun:
    """Judge forecasts as they stand: interval, baselines, one bar late, costs and the ledger of trials.

    Nobody can know when and from what they were made. So there is no placebo of a training: the same forecasts, shifted
    against the returns by whole sessions, give the p-value, and the strongest verdict is skill of these forecasts, if
    they were made before their time.

    Known when: a forecast counts from the end of its bar and is traded at the next bar's open.

    Args:
        bars: the bars that the forecasts are about.
        forecasts: the forecasts.
        settings: evaluation, costs and seed; the others have no effect.
        out: the run folder to make. It holds the forecasts, the verdict and the report.
        neutral: the prediction that says neither up nor down, such as 0.5 of a probability to rise.
        overwrite: replace a run at ``out``.
        reporter: receives every event.
        loaded: what reading the bars from a file reported.

    Raises:
        DataError: no forecast has a return to be judged by.
        InputError: the settings or the folder cannot be used.
    """
    settings = settings.replace(target=TARGET, horizon=forecasts.horizon)
    objective = huber_objective(huber_delta=settings.optimisation.huber_delta)
    verbose = settings.running.verbose
    with open_run(out, resume=False, overwrite=overwrite, reporter=reporter, pace=DEFAULT_PACE, verbose=verbose) as run:
        rows = _labelled_forecasts(bars, forecasts, objective, neutral=neutral)
        run.log(*_summary(bars, forecasts, rows))
        run.begin(_identity(bars, forecasts, settings, neutral=neutral))
        costs = run_costs(bars, rows.forecast, settings, run=run, out=out)
        verdict = _verdict(rows, objective, costs, settings)
        write_forecasts(run.folder, rows.forecast, verdict, loaded, fold_N=np.ones(len(rows.forecast.bar_N), np.int64))
        run.log(*report.result_table(verdict, name="forecasts"))
        run.conclude(verdict)
        run.folder.write_json("report_data.json", {"equity": costs.equity()})
        for name, content in report.report_files(run.folder.path, name=run.folder.final.resolve().name).items():
            run.folder.write_bytes(name, content)
        run.finish(costs.trial, verdict)
    return StoredRun(folder=out)


@dataclass(frozen=True, kw_only=True)
class _LabelledForecasts:
    """The forecasts that have a return, in standard deviations of the return as their targets are."""

    forecast: Forecast
    baselines: dict[str, np.ndarray]
    constant: float
    without_label: int
    """Forecasts whose return is not known, or would cross a gap."""
    earlier: int
    """Rows whose label had ended before the first forecast."""
    notes: tuple[str, ...]


def _labelled_forecasts(
    bars: Bars, forecasts: GivenForecasts, objective: Objective, *, neutral: float
) -> _LabelledForecasts:
    labels = forward_return(bars, horizon=forecasts.horizon)
    design = build_design(bars, FeatureValues.gather((), (), bars=len(bars)), labels)
    has_label_N = np.isin(forecasts.bar_N, design.bar_N)
    if not has_label_N.any():
        raise DataError(
            f"{forecasts.source}: no forecast has a return to be judged by: {forecasts.horizon} bars later its segment "
            "has ended. Give bars that go on after the forecasts, or a shorter horizon."
        )
    row_N = np.searchsorted(design.bar_N, forecasts.bar_N[has_label_N])
    earlier_E = np.flatnonzero(design.label_end_N <= design.known_at_N[row_N[0]])
    enough = len(earlier_E) >= MIN_EARLIER
    scale = float(np.std(design.return_N[earlier_E if enough else row_N]))
    if not scale > 0.0:
        raise DataError(f"{forecasts.source}: the returns of the judged bars never vary, so nothing can be forecast.")
    return_N = forecasts.prediction_N[has_label_N] - neutral
    last_N = design.last_return_N / scale
    baselines = {REVERSAL: -last_N[row_N]}
    constant = 0.0
    if enough:
        target_E = design.return_N[earlier_E] / scale
        constant = best_constant(objective, target_E)
        baselines[LAST_RETURN] = last_return_forecast(last_N[earlier_E], target_E, last_N[row_N])
    return _LabelledForecasts(
        forecast=Forecast.of_rows(
            design,
            row_N,
            prediction_N=return_N / scale,
            predicted_return_N=return_N,
            target_N=design.return_N[row_N] / scale,
        ),
        baselines=baselines,
        constant=constant,
        without_label=int(np.count_nonzero(~has_label_N)),
        earlier=len(earlier_E) if enough else 0,
        notes=(
            *_notes(return_N, design.return_N[row_N], neutral=neutral),
            *(() if enough else (f"Fewer than {MIN_EARLIER} bars lie before the first forecast: {OWN_SCALE}.",)),
        ),
    )


def _verdict(rows: _LabelledForecasts, objective: Objective, costs: CostEvaluation, settings: TrainSettings) -> Verdict:
    forecast, seed = rows.forecast, settings.population.seed
    group_N, _ = resampled_groups(forecast.session_N, forecast.known_at_N)
    count = max(SHIFTS, settings.evaluation.placebos) if settings.evaluation.placebos else 0
    evidence = Evidence(
        baselines=rows.baselines if settings.evaluation.baselines else {},
        placebo_rank_ics=tuple(
            spearman(forecast.prediction_N, forecast.return_N[source_N])
            for source_N in placebo_rows(group_N, count=count, seed=seed)
        ),
        expected_ic=settings.evaluation.expect_ic,
        made_elsewhere=True,
        horizon=settings.task.horizon,
        costs=costs.costs,
        trials=costs.trials,
        notes=rows.notes,
    )
    return judge(
        forecast,
        objective=objective,
        constant=rows.constant,
        zero_return_target=0.0,
        group_N=group_N,
        judged_on_validation=False,
        evidence=evidence,
        seed=seed,
    )


def _notes(return_N: np.ndarray, realised_N: np.ndarray, *, neutral: float) -> tuple[str, ...]:
    """What the reader must know of the numbers that were given."""
    notes = ["These forecasts were made elsewhere: nobody can say here from what, or whether before their time."]
    if return_N.min() > 0.0 or return_N.max() < 0.0:
        notes.append(
            f"Every prediction lies {'above' if return_N.min() > 0.0 else 'below'} {neutral:g}, so the rule never "
            f"changes its side. Give {worded(setting('neutral'))} where another number means neither up nor "
            "down, such as 0.5."
        )
    spread, usual = float(np.std(return_N)), float(np.std(realised_N))
    if usual > 0.0 and spread > NO_RETURN * usual:
        notes.append(
            f"The predictions spread over {spread:.3g}, the returns over {usual:.3g}: these are no forecasts of the "
            "return, so their loss and skill against the constant say nothing. Rank IC and costs need only the order "
            "and the sign."
        )
    return tuple(notes)


def _summary(bars: Bars, forecasts: GivenForecasts, rows: _LabelledForecasts) -> list[LogLine]:
    forecast = rows.forecast
    first, last = forecast.known_at_N[[0, -1]].astype("datetime64[ns]").astype("datetime64[m]")
    lost = f"; {rows.without_label:,} have no return inside their segment" if rows.without_label else ""
    known = (
        f"The constant and the line on the last return are fitted on {rows.earlier:,} earlier bars."
        if rows.earlier
        else "Too few bars lie before the first forecast to fit anything."
    )
    return [
        *report.bars_summary(bars),
        *texts(
            [
                f"Forecasts: {forecasts.source}, {len(forecast.bar_N):,} of {len(forecasts.bar_N):,} judged, "
                f"{first} to {last} UTC, {counted(forecasts.horizon, 'bar')} ahead{lost}",
                f"  {known}",
                *(f"  {note}" for note in rows.notes),
            ]
        ),
    ]


def _identity(bars: Bars, forecasts: GivenForecasts, settings: TrainSettings, *, neutral: float) -> RunIdentity:
    named = {"forecasts": forecasts.source, "forecasts_digest": forecasts.digest, "neutral": neutral}
    trial = trial_of(bars, {**settings.deciding(), **named})
    config = config_record(
        settings.options("json"),
        None,
        engine="none",
        engine_choice=f"Forecasts: {forecasts.source}",
        bars=bars,
        fingerprint=trial.data,
    )
    return RunIdentity(
        source=bars.source,
        trial=trial,
        make_fingerprint=dict,  # judged in one go: nothing is kept on the way
        config={**config, **named},
        own_features=None,
        model_steps=0,
    )
