"""A fold's embedding: fitted on its training rows, begun at an additive line, and better where an input has steps."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.arrays.ranges import as_slice
from tailproof.core.errors import ConfigError
from tailproof.core.records import Design, Fold
from tailproof.engines.lanes import LanesEngine
from tailproof.evaluation import spearman
from tailproof.evaluation.baselines.ridge import fit_ridge
from tailproof.models.piecewise_linear import embedded, fit_piecewise_linear
from tailproof.runs.fold_set_up import fold_set_up
from tailproof.runs.prepared_run import prepare_run
from tailproof.settings.train_settings import TrainSettings
from tailproof.walkforward import FoldTraining, forecast_test
from tailproof.walkforward.line_start import BEND_PENALTIES

ENGINE = LanesEngine(threads=1)
FOLD = Fold(train=range(2000), validation=range(2000, 2400), test=range(2400, 4000), purged=0)
SETTINGS = TrainSettings(members=2, embedding="piecewise-linear", embedding_bins=8)


def staircase(x_N: np.ndarray) -> np.ndarray:
    """Up and down in steps: neither a line nor a square of the input says anything of it."""
    return np.where(np.floor(x_N / 0.75) % 2 == 0, 1.0, -1.0)


def design_of(seed: int, *, strength: float | np.ndarray = 0.3) -> Design:
    """Rows of three independent inputs, of which the first one's staircase tilts the returns."""
    rng = np.random.default_rng(seed)
    x_NF = rng.standard_normal((FOLD.test.stop, 3)).astype(np.float32)
    return_N = 1e-3 * (strength * staircase(x_NF[:, 0].astype(np.float64)) + rng.standard_normal(len(x_NF)))
    minute_N = np.arange(len(x_NF)) * 60_000_000_000
    return Design(
        names=("stairs", "second", "third"),
        x_NF=x_NF,
        return_N=return_N,
        last_return_N=np.r_[0.0, return_N[:-1]],
        close_N=np.exp(np.r_[0.0, np.cumsum(return_N)[:-1]]),
        known_at_N=minute_N,
        label_end_N=minute_N + 60_000_000_000,
        session_N=np.zeros(len(x_NF), dtype=np.int32),
        bar_N=np.arange(len(x_NF)),
        stretch_N=np.zeros(len(x_NF), dtype=np.int64),
        open_return_N=return_N,
    )


def set_up(design: Design, settings: TrainSettings = SETTINGS) -> FoldTraining:
    return fold_set_up(design, settings)(FOLD)


def ic_with_the_truth(training: FoldTraining, design: Design) -> float:
    fit = training.drawn_to_line(ENGINE.fit(training.job, on_event=lambda _event: None))
    test = as_slice(FOLD.test)
    forecast_R = forecast_test(ENGINE, training, fit)[0].mean_R
    return spearman(forecast_R, staircase(design.x_NF[test, 0].astype(np.float64)))


def test_the_edges_are_those_of_the_training_rows_alone() -> None:
    design = design_of(0)
    later_x_NF = design.x_NF.copy()
    later_x_NF[FOLD.train.stop :] *= -7.0
    one, other = set_up(design), set_up(replace(design, x_NF=later_x_NF))
    assert one.job.spec == other.job.spec
    assert one.job.spec.embedding == fit_piecewise_linear(one.job.x_NF[as_slice(FOLD.train)], bins=8)
    assert one.job.start is not None
    earlier_x_NF = design.x_NF.copy()
    earlier_x_NF[: FOLD.train.stop : 2] *= 3.0
    assert set_up(replace(design, x_NF=earlier_x_NF)).job.spec != one.job.spec


def begun(training: FoldTraining) -> np.ndarray:
    """Forecasts of the test rows before the first step."""
    assert training.job.start is not None
    x_RF = training.job.x_NF[as_slice(FOLD.test)]
    return training.layout.forecast(ENGINE, training.job.spec, training.job.start, x_RF).mean_R


def test_members_begin_at_the_line_of_the_inputs_and_what_bends_it() -> None:
    training = set_up(design_of(0))
    train, validation, test = (as_slice(rows) for rows in (FOLD.train, FOLD.validation, FOLD.test))
    x_NF, y_N = training.job.x_NF, training.job.y_NT[:, 0].astype(np.float64)
    value_NK = embedded(training.job.spec, x_NF)[1]
    line = fit_ridge(x_NF[train], y_N[train], later_x_NF=x_NF[validation], later_target_N=y_N[validation])
    error_N = y_N - line.forecast(x_NF)
    bends = fit_ridge(
        value_NK[train],
        error_N[train],
        later_x_NF=value_NK[validation],
        later_target_N=error_N[validation],
        penalties=BEND_PENALTIES,
    )
    expected_R = line.forecast(x_NF[test]) + bends.forecast(value_NK[test])
    near_R = np.abs(expected_R - 0.5) < 0.2  # further out the sigmoid bends what it is given
    assert near_R.mean() > 0.9
    np.testing.assert_allclose(begun(training)[near_R], expected_R[near_R], atol=1.1 * 0.8**3 / 48)


def test_where_bends_do_harm_on_validation_rows_members_begin_at_the_line_of_the_inputs() -> None:
    design = design_of(3, strength=np.where(np.arange(FOLD.test.stop) < FOLD.validation.start, 0.3, -0.3))
    plain = begun(set_up(design, SETTINGS.replace(embedding="none")))
    np.testing.assert_allclose(begun(set_up(design)), plain, atol=1e-5)
    assert plain.std() > 1e-4


def test_a_staircase_of_one_input_is_found_better_in_bins() -> None:
    design = design_of(1)
    without = ic_with_the_truth(set_up(design, SETTINGS.replace(embedding="none")), design)
    in_bins = ic_with_the_truth(set_up(design), design)
    assert in_bins > without + 0.2, (in_bins, without)


@pytest.mark.slow
def test_a_staircase_is_found_better_in_bins_in_every_world() -> None:
    for seed in range(2, 12):
        design = design_of(seed, strength=0.15)
        measure = partial(ic_with_the_truth, design=design)
        without = measure(set_up(design, SETTINGS.replace(embedding="none")))
        assert measure(set_up(design)) > without + 0.1, seed


def test_bins_and_a_warm_start_are_refused_together() -> None:
    bars = bars_of(random_bar_frame(900, breaks=(300, 600)))
    with pytest.raises(ConfigError, match=r'warm_start continues .* with embedding="piecewise-linear" each fold'):
        prepare_run(bars, SETTINGS.replace(warm_start=True))
