import numpy as np
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.core.design import build_design
from tailproof.core.fit import EpochRecord, GuardEvent
from tailproof.core.records import Design, Fold
from tailproof.engines.lanes import LanesEngine
from tailproof.features import compute, select_features
from tailproof.settings.network_settings import NetworkSettings
from tailproof.settings.optimisation_settings import OptimisationSettings
from tailproof.settings.population_settings import PopulationSettings
from tailproof.tasks import TASKS, RankTransform, forward_return
from tailproof.walkforward import fold_training, real_events

SECTIONS = {
    "task": TASKS["rank"],
    "network": NetworkSettings(),
    "optimisation": OptimisationSettings(epochs=2, warmup_steps=10),
    "population": PopulationSettings(members=3),
    "log_interval": 1000,
}
FOLD = Fold(train=range(0, 500), validation=range(500, 600), test=range(600, 800), purged=0)
ENGINE = LanesEngine(threads=1)


def make_design() -> Design:
    bars = bars_of(random_bar_frame(900, breaks=(300, 600)))
    return build_design(
        bars, compute(bars, select_features(bars, ["default"]).features), forward_return(bars, horizon=1)
    )


DESIGN = make_design()
SHIFTED = [np.roll(np.arange(len(DESIGN)), shift) for shift in (100, 300)]


def test_placebos_change_no_bit_of_the_real_members() -> None:
    forecasts = []
    for placebos in ([], SHIFTED):
        training = fold_training(DESIGN, FOLD, placebo_row_KN=placebos, **SECTIONS)
        fit = ENGINE.fit(training.job, on_event=lambda event: None)
        forecasts.append(
            training.layout.forecast(
                ENGINE,
                training.job.spec,
                fit.best_parameters,
                training.job.x_NF[FOLD.test.start : FOLD.test.stop],
            )
        )
    np.testing.assert_array_equal(forecasts[0].member_MR, forecasts[1].member_MR)
    assert forecasts[0].placebo_KR.shape == (0, 200)
    assert forecasts[1].placebo_KR.shape == (2, 200)
    assert not np.allclose(forecasts[1].placebo_KR[0], forecasts[1].mean_R)


def test_a_placebo_learns_the_shifted_target_with_the_same_seeds() -> None:
    training = fold_training(DESIGN, FOLD, placebo_row_KN=SHIFTED, **SECTIONS)
    job = training.job
    assert [member.target for member in job.members] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert len({member.seed for member in job.members}) == 3
    shifted_N = DESIGN.return_N[SHIFTED[1][:800]]
    own = RankTransform.fit(shifted_N[:500])
    np.testing.assert_array_equal(job.y_NT[:, 2], own.transform(shifted_N).astype(np.float32))


def test_placebos_have_no_level_to_learn_just_as_the_real_targets_have_none() -> None:
    """Ranked among the real training returns, a placebo's targets would have a mean of their own."""
    job = fold_training(DESIGN, FOLD, placebo_row_KN=SHIFTED, **SECTIONS).job
    assert job.y_NT[:500].mean(axis=0, dtype=np.float64) == pytest.approx([0.5, 0.5, 0.5], abs=1e-6)


def test_what_is_fitted_depends_on_the_training_rows_alone() -> None:
    changed = Design(**{**vars(DESIGN), "x_NF": DESIGN.x_NF.copy(), "return_N": DESIGN.return_N.copy()})
    changed.x_NF[500:] *= 7.0
    changed.return_N[500:] += 0.01
    first, second = (fold_training(design, FOLD, **SECTIONS) for design in (DESIGN, changed))
    np.testing.assert_array_equal(first.scaler.median_F, second.scaler.median_F)
    np.testing.assert_array_equal(
        first.transform.transform(DESIGN.return_N), second.transform.transform(DESIGN.return_N)
    )
    assert (first.constant, first.zero_return_target) == (second.constant, second.zero_return_target)


def test_events_and_fit_of_the_real_members_alone() -> None:
    training = fold_training(DESIGN, FOLD, placebo_row_KN=SHIFTED, **SECTIONS)
    seen: list = []
    fit = ENGINE.fit(training.job, on_event=real_events(seen.append, training))
    assert [len(event.train_loss_M) for event in seen if isinstance(event, EpochRecord)] == [3, 3]
    late = fold_training(
        DESIGN, Fold(train=range(100, 500), validation=range(0), test=range(500, 600), purged=0), **SECTIONS
    )
    guard = GuardEvent(member=0, epoch=1, step=1, rows=(0, 399), reason="loss not finite")
    real_events(seen.append, late)(guard)
    assert seen[-1].rows == (100, 499), "rows of the design, not of the fold's part"
    assert {len(value) for value in training.layout.fit_of(fit, role="real").best_parameters.values()} == {3}
