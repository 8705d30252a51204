"""A fold's interactions stand beside its networks: fitted on training rows, for each target column apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.arrays.ranges import as_slice
from tailproof.core.design import build_design
from tailproof.core.records import Design, Fold
from tailproof.engines.lanes import LanesEngine
from tailproof.features import compute, select_features
from tailproof.models.fit_interactions import fit_interactions
from tailproof.models.interactions import NO_INTERACTIONS
from tailproof.objectives import row_losses
from tailproof.runs.fold_set_up import fold_set_up
from tailproof.settings.train_settings import TrainSettings
from tailproof.tasks import forward_return
from tailproof.walkforward import FoldTraining, fold_shrinkage, forecast_test

ENGINE = LanesEngine(threads=1)
FOLD = Fold(train=range(700), validation=range(700, 850), test=range(850, 1000), purged=0)
SETTINGS = TrainSettings(epochs=1, warmup_steps=10, members=2)


def make_design() -> Design:
    """Bars whose next return is higher where the first feature is far from its middle, on either side."""
    bars = bars_of(random_bar_frame(1200, breaks=(400, 800)))
    design = build_design(
        bars, compute(bars, select_features(bars, ["original"]).features), forward_return(bars, horizon=1)
    )
    distance_N = np.abs(design.x_NF[:, 0] - np.median(design.x_NF[:, 0]))
    distance_N /= np.median(distance_N)
    return replace(design, return_N=design.return_N + 3e-4 * np.minimum(distance_N, 3.0))


DESIGN = make_design()
ROLLED = ((np.arange(len(DESIGN)) + 137) % len(DESIGN)).astype(np.int32)


def set_up(design: Design = DESIGN, settings: TrainSettings = SETTINGS) -> FoldTraining:
    return fold_set_up(design, settings)(FOLD, placebo_row_KN=(ROLLED,))


@pytest.fixture(scope="module")
def training() -> FoldTraining:
    return set_up()


def test_they_are_fitted_on_the_training_rows_of_their_own_target(training: FoldTraining) -> None:
    alone = set_up(settings=SETTINGS.replace(interactions=False))
    train = as_slice(FOLD.train)
    assert training.interactions == fit_interactions(alone.job.x_NF[train], alone.job.y_NT[train])
    assert len(training.interactions[0])
    assert training.interactions[0] != training.interactions[1]
    assert alone.interactions == (NO_INTERACTIONS, NO_INTERACTIONS)


def test_no_later_row_moves_them(training: FoldTraining) -> None:
    later = FOLD.train.stop
    changed = replace(DESIGN, return_N=DESIGN.return_N.copy(), x_NF=DESIGN.x_NF.copy())
    changed.return_N[later:] *= -3.0
    changed.x_NF[later:] *= 2.0
    assert set_up(changed).interactions[0] == training.interactions[0]


def test_the_networks_are_trained_on_what_they_leave(training: FoldTraining) -> None:
    alone = set_up(settings=SETTINGS.replace(interactions=False))
    for column, terms in enumerate(training.interactions):
        left_N = alone.job.y_NT[:, column] - terms.apply(training.job.x_NF)
        np.testing.assert_array_equal(training.job.y_NT[:, column], left_N)
        np.testing.assert_allclose(
            training.target_of(column, FOLD.test), alone.job.y_NT[as_slice(FOLD.test), column], atol=1e-7
        )
    assert training.constant == alone.constant


def test_forecasts_are_what_networks_and_interactions_say(training: FoldTraining) -> None:
    fit = ENGINE.fit(training.job, on_event=lambda event: None)
    x_RF = training.job.x_NF[as_slice(FOLD.test)]
    bare = training.layout.forecast(ENGINE, training.job.spec, fit.best_parameters, x_RF)
    whole = training.forecast(ENGINE, training.layout, fit.best_parameters, x_RF)
    real, placebo = training.interactions
    np.testing.assert_array_equal(whole.member_MR, bare.member_MR + real.apply(x_RF))
    np.testing.assert_array_equal(whole.placebo_KR[0], bare.placebo_KR[0] + placebo.apply(x_RF))
    judged, shrinkage = forecast_test(ENGINE, training, fit)
    np.testing.assert_array_equal(judged.member_MR, shrinkage.apply(whole.member_MR))


def test_the_losses_that_training_shows_are_those_of_the_whole_forecast(training: FoldTraining) -> None:
    fit = ENGINE.fit(training.job, on_event=lambda event: None)
    rows = FOLD.validation
    x_RF, target_R = training.job.x_NF[as_slice(rows)], training.target_N[as_slice(rows)]
    forecasts = training.forecast(ENGINE, training.layout, fit.final_parameters, x_RF)
    shown_M = fit.history[-1].validation_loss_M
    assert shown_M is not None
    for member, forecast_R in enumerate(forecasts.member_MR):
        loss = float(row_losses(training.job.objective, forecast_R, target_R).mean())
        assert loss == pytest.approx(float(shown_M[member]), rel=1e-5)


def test_the_shrinkage_of_a_placebo_is_fitted_to_its_whole_target(training: FoldTraining) -> None:
    """A placebo of the real rows is the real thing: it must be shrunk as that is."""
    same = fold_set_up(DESIGN, SETTINGS)(FOLD, placebo_row_KN=(np.arange(len(DESIGN), dtype=np.int32),))
    fit = ENGINE.fit(same.job, on_event=lambda event: None)
    real, (placebo,) = fold_shrinkage(ENGINE, same, same.layout, fit.best_parameters)
    assert real.slope == placebo.slope
    assert real.center == pytest.approx(placebo.center, abs=1e-6)
    assert same.interactions[0] == same.interactions[1] == training.interactions[0]
