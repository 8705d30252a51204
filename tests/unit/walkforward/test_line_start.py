"""A fold may begin at ridge's line and end as bold as its validation rows allow; no test row has a part in either."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.arrays.ranges import as_slice
from tailproof.core.design import build_design
from tailproof.core.records import Design, Fold
from tailproof.engines.lanes import LanesEngine
from tailproof.evaluation.baselines.ridge import fit_ridge
from tailproof.features import compute, select_features
from tailproof.models.draw_to_line import share_by_rows
from tailproof.objectives import NO_SHRINKAGE
from tailproof.population import PopulationForecasts
from tailproof.runs.fold_set_up import fold_set_up
from tailproof.settings.train_settings import TrainSettings
from tailproof.tasks import forward_return
from tailproof.walkforward import FoldTraining, fold_shrinkage

ENGINE = LanesEngine(threads=1)
FOLD = Fold(train=range(600), validation=range(600, 800), test=range(800, 1000), purged=0)
SETTINGS = TrainSettings(epochs=2, warmup_steps=10, members=2, linear_path=True, shrink=True)
SHIFTED = np.roll(np.arange(1100), 137).astype(np.int32)


def make_design() -> Design:
    bars = bars_of(random_bar_frame(1200, breaks=(400, 800)))
    features = compute(bars, select_features(bars, ["original"]).features)
    return build_design(bars, features, forward_return(bars, horizon=1))


DESIGN = make_design()


def set_up(design: Design = DESIGN, settings: TrainSettings = SETTINGS, fold: Fold = FOLD) -> FoldTraining:
    return fold_set_up(design, settings)(fold, placebo_row_KN=(SHIFTED[: len(design.return_N)] % len(design.return_N),))


def begun(training: FoldTraining, rows: range) -> PopulationForecasts:
    """Forecasts before the first step."""
    start = training.job.start
    assert start is not None
    return training.layout.forecast(ENGINE, training.job.spec, start, training.job.x_NF[as_slice(rows)])


def test_every_member_begins_at_the_ridge_of_its_own_target() -> None:
    training = set_up()
    train, validation, test = (as_slice(rows) for rows in (FOLD.train, FOLD.validation, FOLD.test))
    x_NF, forecasts = training.job.x_NF, begun(training, FOLD.test)
    for column, forecast_R in enumerate((forecasts.mean_R, forecasts.placebo_KR[0])):
        y_N = training.job.y_NT[:, column].astype(np.float64)
        line = fit_ridge(x_NF[train], y_N[train], later_x_NF=x_NF[validation], later_target_N=y_N[validation])
        # The sigmoid bends a line by the third power of its distance from 1/2, here at most (4 * 0.1)^3 / 48.
        np.testing.assert_allclose(forecast_R, line.forecast(x_NF[test]), atol=2e-3)
    assert np.std(forecasts.mean_R) > 0.0
    assert np.abs(forecasts.mean_R - forecasts.placebo_KR[0]).max() > 1e-3


def test_no_test_row_moves_the_start_or_the_shrinkage() -> None:
    changed_return_N = DESIGN.return_N.copy()
    changed_return_N[FOLD.test.start :] *= -3.0
    one, other = set_up(), set_up(replace(DESIGN, return_N=changed_return_N))
    assert one.job.start is not None
    assert other.job.start is not None
    real = one.layout.select(role="real")
    for name, value in one.job.start.items():
        assert value[real].tobytes() == other.job.start[name][real].tobytes(), name
    shrinkages = [fold_shrinkage(ENGINE, each, each.layout, one.job.start)[0] for each in (one, other)]
    assert shrinkages[0] == shrinkages[1]


def test_a_fold_keeps_a_share_of_what_training_changed() -> None:
    training = set_up(settings=SETTINGS.replace(hidden_share=0.25))
    fit = ENGINE.fit(training.job, on_event=lambda event: None)
    drawn, start = training.drawn_to_line(fit), training.job.start
    assert start is not None
    name = "0.shortcut.weight"
    np.testing.assert_allclose(
        drawn.best_parameters[name], start[name] + 0.25 * (fit.best_parameters[name] - start[name]), atol=1e-7
    )
    assert np.abs(fit.best_parameters[name] - start[name]).max() > 1e-4
    assert drawn.final_parameters is fit.final_parameters
    whole = set_up(settings=SETTINGS.replace(hidden_share=1.0))
    assert whole.drawn_to_line(fit) is fit


def test_the_share_grows_with_the_training_rows_unless_one_is_given() -> None:
    assert {share_by_rows(rows) for rows in (1, 60_000, 214_285)} == {0.3}
    assert share_by_rows(400_000) == pytest.approx(4 / 9)
    assert set_up().hidden_share == 0.3
    assert set_up(settings=SETTINGS.replace(hidden_share=0.25)).hidden_share == 0.25


def test_the_shrinkage_is_fitted_for_each_placebo_apart() -> None:
    training = set_up()
    fit = ENGINE.fit(training.job, on_event=lambda event: None)
    real, placebos = fold_shrinkage(ENGINE, training, training.layout, fit.best_parameters)
    assert len(placebos) == 1
    assert 0.05 <= real.slope <= 1.0
    forecasts = training.layout.forecast(
        ENGINE, training.job.spec, fit.best_parameters, training.job.x_NF[as_slice(FOLD.test)]
    )
    shrunk = forecasts.shrunk(real, placebos)
    np.testing.assert_allclose(
        shrunk.mean_R, training.constant + real.slope * (forecasts.mean_R - training.constant), atol=1e-6
    )
    np.testing.assert_allclose(shrunk.placebo_KR[0], placebos[0].apply(forecasts.placebo_KR[0]))


@pytest.mark.parametrize("fold", [replace(FOLD, validation=range(600, 600)), replace(FOLD, validation=FOLD.test)])
def test_nothing_is_shrunk_without_rows_that_are_free_to_choose_on(fold: Fold) -> None:
    training = set_up(fold=fold)
    assert training.job.start is not None
    real, placebos = fold_shrinkage(ENGINE, training, training.layout, training.job.start)
    assert real == NO_SHRINKAGE
    assert placebos == (NO_SHRINKAGE,)


def test_without_being_asked_for_nothing_changes() -> None:
    training = set_up(settings=TrainSettings(epochs=1, members=1, linear_path=False, shrink=False))
    assert training.job.start is None
    assert not training.shrink
    assert training.hidden_share == 1.0
