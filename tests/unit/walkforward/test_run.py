"""The whole protocol on small data, fold by fold: what is pooled, and what a warm start may know."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.core.design import build_design
from tailproof.core.errors import ConfigError
from tailproof.core.fit import Fit, Parameters
from tailproof.core.records import CombinatorialFold, Design, Fold
from tailproof.engines.lanes import LanesEngine
from tailproof.evaluation import STACK, fit_gradient_boosting, spearman, stacked
from tailproof.features import compute, select_features
from tailproof.runs.fold_set_up import fold_set_up
from tailproof.settings.train_settings import TrainSettings
from tailproof.tasks import RankTransform, forward_return
from tailproof.walkforward import FoldBaselines, FoldResult, FoldTraining, Plan, PooledForecasts, make_plan, run_folds
from tailproof.walkforward.fold_baselines import FitTrees
from tailproof.walkforward.plan import MAX_TREE_FITS

ENGINE = LanesEngine(threads=1)
BREAKS = tuple(range(100, 1200, 100))
SETTINGS = TrainSettings(
    epochs=2,
    warmup_steps=10,
    members=2,
    placebos=2,
    linear_path=False,
    baselines=False,
    unit="sessions",
    horizon=3,
)


def plan_of(design: Design, settings: TrainSettings, *, max_tree_fits: int = MAX_TREE_FITS) -> Plan:
    return make_plan(
        design,
        split=settings.split,
        evaluation=settings.evaluation,
        population=settings.population,
        max_tree_fits=max_tree_fits,
    )


def make_design() -> Design:
    bars = bars_of(random_bar_frame(1200, breaks=BREAKS))
    features = compute(bars, select_features(bars, ["original"]).features)
    return build_design(bars, features, forward_return(bars, horizon=3))


DESIGN = make_design()


class Protocol:
    """A run with everything that passed by."""

    def __init__(
        self,
        design: Design,
        *,
        max_tree_fits: int = MAX_TREE_FITS,
        fit_trees: FitTrees = fit_gradient_boosting,
        **changes: Any,
    ) -> None:
        settings = SETTINGS.replace(**changes)
        self.plan: Plan = plan_of(design, settings, max_tree_fits=max_tree_fits)
        self.trainings: dict[int, FoldTraining] = {}
        self.fits: dict[int, Fit] = {}
        self.results: list[FoldResult] = []
        self.judged, self.shipped = self._run(design, settings, fit_trees)

    def _run(self, design: Design, settings: TrainSettings, fit_trees: FitTrees) -> tuple[PooledForecasts, Fit]:
        def fit_fold(training: FoldTraining, number: int) -> Fit:
            self.trainings[number] = training
            self.fits[number] = ENGINE.fit(training.job, on_event=lambda event: None)
            return self.fits[number]

        set_up = fold_set_up(design, settings)
        baselines = FoldBaselines(
            seed=0,
            tree_fit_every=self.plan.tree_fit_every,
            stack=settings.evaluation.ensemble == "stack",
            fit_trees=fit_trees,
        )
        return run_folds(
            design,
            self.plan,
            set_up=set_up,
            shipped=set_up(self.plan.shipped),
            engine=ENGINE,
            fit_fold=fit_fold,
            on_fold=lambda number, done: self.results.append(done.result),
            population=settings.population,
            horizon=settings.task.horizon,
            baselines=baselines if settings.evaluation.baselines else None,
        )


@pytest.fixture(scope="module")
def combinatorial() -> Protocol:
    return Protocol(DESIGN, split="combinatorial", groups=4, test_groups=2, embargo="5", baselines=True)


def test_a_combinatorial_split_forecasts_every_row_by_every_path(combinatorial: Protocol) -> None:
    judged = combinatorial.judged
    assert len(combinatorial.results) == math.comb(4, 2)
    assert judged.row_N.tolist() == list(range(len(DESIGN)))
    assert np.unique(judged.fold_N).tolist() == [1, 2, 3, 4]
    for row in (0, 400, len(DESIGN) - 1):
        forecasts = [
            result.forecasts.mean_R[np.flatnonzero(result.row_R == row)[0]]
            for result in combinatorial.results
            if row in result.row_R
        ]
        assert len(forecasts) == 3
        assert judged.forecast.prediction_N[row] == pytest.approx(np.mean(forecasts), abs=1e-15)
    assert len(judged.evidence.path_rank_ics) == 3


def test_paths_are_backtests_of_all_rows(combinatorial: Protocol) -> None:
    """The first path: each group as forecast by the first fold that tests it."""
    first = np.full(len(DESIGN), np.nan)
    for result in reversed(combinatorial.results):
        first[result.row_R] = result.forecasts.mean_R
    assert combinatorial.judged.evidence.path_rank_ics[0] == spearman(first, DESIGN.return_N)


def test_a_combinatorial_fold_trains_on_clean_rows_of_both_sides(combinatorial: Protocol) -> None:
    sides = set()
    for number, fold in enumerate(combinatorial.plan.folds, start=1):
        assert isinstance(fold, CombinatorialFold)
        training = combinatorial.trainings[number]
        part, job = training.part, training.job
        train_N, choose_N, test_N = (
            part.row_N[rows.start : rows.stop] for rows in (job.train, job.validation, part.fold.test)
        )
        known_N, end_N = DESIGN.known_at_N, DESIGN.label_end_N
        for some_N, other_N in ((train_N, test_N), (choose_N, test_N), (train_N, choose_N)):
            overlap = np.maximum(known_N[some_N][:, None], known_N[other_N]) < np.minimum(
                end_N[some_N][:, None], end_N[other_N]
            )
            assert not overlap.any()
        sides |= {bool(train_N.min() < test_N.min()), bool(train_N.max() > test_N.max())}
        np.testing.assert_array_equal(job.x_NF, training.scaler.transform(DESIGN.x_NF[part.row_N]))
        np.testing.assert_array_equal(training.target_N, training.transform.transform(DESIGN.return_N[part.row_N]))
        shifted_N = DESIGN.return_N[combinatorial.plan.placebo_row_KN[1][part.row_N]]
        own = RankTransform.fit(shifted_N[: len(job.train)])
        np.testing.assert_array_equal(job.y_NT[:, 2], own.transform(shifted_N).astype(np.float32))
        assert np.median(DESIGN.x_NF[train_N], axis=0) == pytest.approx(training.scaler.median_F)
    assert sides == {True, False}, "some folds train before, some after what they test"


def test_the_members_that_are_shipped_are_those_of_the_latest_window(combinatorial: Protocol) -> None:
    assert isinstance(combinatorial.plan.shipped, Fold)
    assert combinatorial.plan.shipped.validation.stop == len(DESIGN)
    assert combinatorial.shipped is combinatorial.fits[0]
    assert len(combinatorial.shipped.best_epoch_M) == 2


WARM = {"refit_every": 1, "warm_start": True, "warm_epochs": 1, "window": "rolling", "train_fraction": 0.5}


def test_every_session_is_a_fold_that_starts_from_the_one_before() -> None:
    run = Protocol(DESIGN, **WARM)
    assert [np.unique(DESIGN.session_N[result.row_R]).tolist() for result in run.results] == [[s] for s in range(6, 12)]
    assert [len(run.fits[number].history) for number in range(1, 7)] == [2, 1, 1, 1, 1, 1]
    assert run.trainings[1].job.start is None
    for number in range(2, 7):
        _same(run.trainings[number].job.start, run.fits[number - 1].best_parameters)
    _same(run.trainings[0].job.start, {name: value[:2] for name, value in run.fits[6].best_parameters.items()})
    assert len({run.trainings[number].job.seed for number in range(1, 7)}) == 6, "batches in the same order again"


def test_folds_that_are_set_up_ahead_are_those_set_up_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = Protocol(DESIGN, **WARM)
    monkeypatch.setattr("tailproof.walkforward.run.MAX_VALUES_AHEAD", 0)
    in_turn = Protocol(DESIGN, **WARM)
    np.testing.assert_array_equal(ahead.judged.forecast.prediction_N, in_turn.judged.forecast.prediction_N)
    for number in range(7):
        _same(ahead.fits[number].final_parameters, in_turn.fits[number].final_parameters)


def test_results_keep_no_window_in_memory() -> None:
    for result in Protocol(DESIGN, **WARM, baselines=True).results:
        arrays = [result.row_R, result.path_R, result.target_R, result.predicted_return_R, result.forecasts.member_MR]
        for array in [*arrays, result.forecasts.placebo_KR, *result.baselines.values()]:
            assert array.base is None or array.base.nbytes == array.nbytes, "a view of a whole window"


@pytest.mark.parametrize("window", ["rolling", "expanding"])
def test_warm_parameters_depend_only_on_rows_before_their_test(window: str) -> None:
    """Everything from the test of the third fold on is replaced: no bit of the first three folds' members moves."""
    changes = {**WARM, "window": window, "placebos": 0}
    own = Protocol(DESIGN, **changes)
    start = own.results[2].row_R[0]
    random = np.random.default_rng(0)
    later_N = np.arange(len(DESIGN)) >= start
    wild = replace(
        DESIGN,
        x_NF=np.where(later_N[:, None], random.normal(size=DESIGN.x_NF.shape), DESIGN.x_NF).astype(np.float32),
        return_N=np.where(later_N, random.normal(size=len(DESIGN)), DESIGN.return_N),
    )
    other = Protocol(wild, **changes)
    for number in (1, 2, 3):
        _same(own.fits[number].best_parameters, other.fits[number].best_parameters)
        _same(own.fits[number].final_parameters, other.fits[number].final_parameters)
    for name, value in own.fits[5].best_parameters.items():  # the session itself chooses in the fourth fold
        assert not np.array_equal(value, other.fits[5].best_parameters[name]), f"{name}: the test could not have failed"


def test_placebos_change_no_bit_of_warm_members() -> None:
    alone, beside = Protocol(DESIGN, **WARM, placebos=0), Protocol(DESIGN, **WARM)
    np.testing.assert_array_equal(alone.judged.forecast.prediction_N, beside.judged.forecast.prediction_N)
    assert len(beside.judged.evidence.placebo_rank_ics) == 2


@pytest.mark.parametrize("split", ["walk-forward", "combinatorial"])
def test_a_split_without_validation_rows_is_not_judged_on_them(split: str) -> None:
    plan = plan_of(DESIGN, SETTINGS.replace(validation_fraction=0.0, split=split, folds=2))
    assert not plan.judged_on_validation
    assert not plan.shipped.judged_on_validation


@pytest.mark.parametrize("split", ["holdout", "combinatorial"])
def test_a_warm_start_without_a_fold_before_is_refused(split: str) -> None:
    with pytest.raises(ConfigError, match=f"follow one another in time, got split={split}"):
        plan_of(DESIGN, SETTINGS.replace(warm_start=True, split=split))


def test_trees_of_an_earlier_fold_forecast_in_between_and_know_nothing_later() -> None:
    fitted: list[int] = []

    def fit(x_NF: np.ndarray, target_N: np.ndarray, **_: Any) -> Any:
        fitted.append(len(x_NF))
        return lambda later_x_NF: np.full(len(later_x_NF), float(len(fitted)))

    how: dict[str, Any] = {"max_tree_fits": 3, "fit_trees": fit, "baselines": True}
    run = Protocol(DESIGN, **{**WARM, "window": "expanding", **how})
    assert [result.baselines["LightGBM"][0] for result in run.results] == [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]
    assert fitted == [len(run.trainings[number].job.train) for number in (1, 3, 5)]
    whole = Protocol(DESIGN, split="combinatorial", groups=4, test_groups=2, **how)
    assert len(fitted) == 3 + len(whole.results), "a combinatorial fold tests what others train on"


def _line_in_the_first_feature(*_: Any, **__: Any) -> Any:
    """Trees that take no time to fit, so that forecasts and weights differ from fold to fold."""
    return lambda later_x_NF: 0.5 + 0.01 * later_x_NF[:, 0].astype(np.float64)


STACK_RUN: dict[str, Any] = {
    "folds": 2,
    "epochs": 1,
    "placebos": 0,
    "baselines": True,
    "validation_fraction": 0.3,
    "fit_trees": _line_in_the_first_feature,
}


def test_a_stack_is_the_weighted_mean_and_changes_no_other_bit() -> None:
    plain, run = Protocol(DESIGN, **STACK_RUN), Protocol(DESIGN, **STACK_RUN, ensemble="stack")
    for without, result in zip(plain.results, run.results, strict=True):
        assert without.stack_weights == {}
        np.testing.assert_array_equal(without.forecasts.member_MR, result.forecasts.member_MR)
        assert list(result.baselines) == [*without.baselines, STACK]
        for name, forecast_R in without.baselines.items():
            np.testing.assert_array_equal(forecast_R, result.baselines[name])
        parts = {"network": result.forecasts.mean_R, **without.baselines}
        np.testing.assert_array_equal(result.baselines[STACK], stacked(result.stack_weights, parts))
    assert plain.judged.evidence.notes == ()
    assert run.judged.evidence.notes[0].startswith("The stack is network 0.")
    assert STACK in run.judged.evidence.baselines


def test_the_weights_of_a_stack_are_fitted_on_no_row_that_is_tested() -> None:
    """Everything from the first test on is replaced: the first fold's weights stay; other validation rows move them."""
    how = {**STACK_RUN, "ensemble": "stack"}
    own = Protocol(DESIGN, **how)

    def with_wild_rows(start: int) -> Protocol:
        random, later_N = np.random.default_rng(0), np.arange(len(DESIGN)) >= start
        return_N = np.where(later_N, random.normal(size=len(DESIGN)), DESIGN.return_N)
        x_NF = np.where(later_N[:, None], random.normal(size=DESIGN.x_NF.shape), DESIGN.x_NF).astype(np.float32)
        return Protocol(replace(DESIGN, return_N=return_N, x_NF=x_NF), **how)

    first = own.plan.folds[0]
    assert isinstance(first, Fold)
    later = with_wild_rows(first.test.start)
    assert later.results[0].stack_weights == own.results[0].stack_weights
    assert not np.array_equal(later.results[0].baselines[STACK], own.results[0].baselines[STACK])
    assert with_wild_rows(first.validation.start).results[0].stack_weights != own.results[0].stack_weights


def test_rows_that_are_judged_choose_no_weights() -> None:
    run = Protocol(DESIGN, **{**STACK_RUN, "ensemble": "stack", "split": "holdout", "train_fraction": 0.7})
    assert run.plan.judged_on_validation
    assert set(run.results[0].stack_weights.values()) == {1 / 3}


def _same(own: Parameters | None, other: Parameters) -> None:
    assert own is not None
    for name, value in own.items():
        np.testing.assert_array_equal(value, other[name])
