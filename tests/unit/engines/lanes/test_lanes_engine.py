"""The engine behind its protocol: events, best epochs, early stopping."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.support.lanes_jobs import make_job, make_members

from tailproof.core.errors import ConfigError
from tailproof.core.fit import EpochRecord, Event, Fit, IntervalRecord
from tailproof.engines.fit_loop import fit_population
from tailproof.engines.fit_state import Totals
from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes import LanesEngine, Population
from tailproof.engines.step_batch import StepBatch
from tailproof.objectives.losses import best_constant, row_losses


def run(job: TrainingJob, threads: int = 1) -> tuple[Fit, list[Event]]:
    events: list[Event] = []
    return LanesEngine(threads=threads).fit(job, on_event=events.append), events


class InCalls(Population):
    """Takes a fixed number of steps in each call."""

    steps: int

    def advance(self) -> StepBatch:
        return self.train_steps(min(self.steps, self.steps_left))


def run_in_calls(job: TrainingJob, steps: int) -> list[Event]:
    population, events = InCalls(job), []
    population.steps = steps
    fit_population("lanes", job, population, on_event=events.append, offer=None, state=None)
    return events


def test_intervals_end_at_multiples_and_at_the_end_of_the_epoch() -> None:
    _, events = run(make_job(log_interval=5))
    records = [event for event in events if isinstance(event, IntervalRecord)]
    assert [(record.epoch, record.step) for record in records] == [
        (1, 5), (1, 10), (1, 13), (2, 18), (2, 23), (2, 26),
    ]  # fmt: skip
    assert all(record.loss_M.shape == (3,) for record in records)


@pytest.mark.parametrize("steps_a_call", [1, 3, 1000])
def test_events_do_not_depend_on_how_many_steps_a_call_takes(steps_a_call: int) -> None:
    """On a fast machine one call spans several intervals: skips and learning rates belong to theirs all the same."""
    job = make_job(log_interval=5, schedule="constant", warmup_steps=100, max_skipped_share=1.0)
    job.x_NF[[10, 90, 150]] = np.nan
    events, one_by_one = (run_in_calls(job, steps) for steps in (steps_a_call, 1))
    for one, other in zip(events, one_by_one, strict=True):
        assert type(one) is type(other)
        for name, value in vars(one).items():
            if name != "seconds":
                np.testing.assert_array_equal(value, getattr(other, name), err_msg=name)
    rates = [event.learning_rate for event in events if isinstance(event, IntervalRecord)]
    assert rates == sorted(set(rates)), "the rate rises from interval to interval while it warms up"


def test_interval_figures_are_those_of_single_steps() -> None:
    job = make_job(log_interval=5)
    _, events = run(job)
    population = Population(job)
    steps = [population.train_steps(1) for _ in range(5)]
    first = next(event for event in events if isinstance(event, IntervalRecord))
    losses = np.concatenate([step.loss_sum_SM for step in steps])
    norms = np.concatenate([step.norm_sum_SM for step in steps])
    np.testing.assert_allclose(first.loss_M, losses.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(first.grad_norm_mean_M, norms.mean(axis=0), rtol=1e-12)
    np.testing.assert_array_equal(first.grad_norm_max_M, norms.max(axis=0))


def test_the_history_is_the_same_on_any_number_of_threads() -> None:
    job = make_job(members=make_members(20), validation_rows=50)
    (one, _), (three, _) = run(job), run(job, threads=3)
    for mine, theirs in zip(one.history, three.history, strict=True):
        np.testing.assert_allclose(mine.train_loss_M, theirs.train_loss_M, rtol=1e-14)
        np.testing.assert_array_equal(mine.validation_loss_M, theirs.validation_loss_M)
    for name, value in one.final_parameters.items():
        np.testing.assert_array_equal(three.final_parameters[name], value)


def test_the_best_epoch_is_kept_for_each_member() -> None:
    rates = (0.5, 1e-3, 0.2, 1e-4)
    members = tuple(
        dataclasses.replace(m, learning_rate=rate)
        for m, rate in zip(make_members(4, dropout_rate=0.0), rates, strict=True)
    )
    job = make_job(members=members, validation_rows=100, epochs=5)
    fit, _ = run(job)
    losses_EM = np.stack([record.validation_loss_M for record in fit.history])
    np.testing.assert_array_equal(fit.best_epoch_M, losses_EM.argmin(axis=0) + 1)
    assert len(set(fit.best_epoch_M.tolist())) > 1
    output_MNO = LanesEngine().predict(job.spec, fit.best_parameters, job.x_NF[203:])
    loss_M = [row_losses(job.objective, output_NO[:, 0], job.y_NT[203:, 0]).mean() for output_NO in output_MNO]
    np.testing.assert_allclose(loss_M, losses_EM.min(axis=0), rtol=1e-5)


def test_a_member_out_of_patience_stops_and_the_others_go_on() -> None:
    members = tuple(
        dataclasses.replace(m, learning_rate=rate)
        for m, rate in zip(make_members(2, dropout_rate=0.0), (0.9, 1e-4), strict=True)
    )
    job = make_job(members=members, validation_rows=100, epochs=6, patience=1, max_grad_norm=0.0)
    fit, events = run(job)
    stopped_EM = np.stack([record.stopped_M for record in fit.history])
    assert stopped_EM[-1].tolist() == [True, False]
    first = int(stopped_EM[:, 0].argmax())
    for record in fit.history[first + 1 :]:
        assert record.train_loss_M[0] == fit.history[first].train_loss_M[0]
    assert sum(isinstance(event, EpochRecord) for event in events) == len(fit.history) == 6


def test_training_ends_when_all_have_stopped() -> None:
    job = make_job(members=make_members(2, learning_rate=0.9), validation_rows=100, epochs=50, patience=1)
    fit, _ = run(job)
    assert len(fit.history) < 50
    assert fit.history[-1].stopped_M.all()


def test_without_validation_rows_the_last_epoch_is_best() -> None:
    fit, _ = run(make_job(epochs=3))
    assert fit.best_epoch_M.tolist() == [3, 3, 3]
    assert np.isnan(fit.history[-1].validation_loss_M).all()
    for name, value in fit.final_parameters.items():
        np.testing.assert_array_equal(fit.best_parameters[name], value)


def test_learning_beats_the_constant() -> None:
    job = make_job(rows=4000, validation_rows=1000, epochs=4)
    fit, _ = run(job)
    constant = best_constant(job.objective, job.y_NT[:4000, 0].astype(np.float64))
    loss = row_losses(job.objective, np.full(1000, constant), job.y_NT[4000:, 0]).mean()
    assert (fit.history[-1].validation_loss_M < 0.9 * loss).all()


def test_no_rows_give_no_forecasts() -> None:
    job = make_job()
    empty = LanesEngine(threads=2).predict(job.spec, Population(job).parameters, job.x_NF[:0])
    assert empty.shape == (3, 0, 1)


def test_threads_must_be_positive() -> None:
    with pytest.raises(ConfigError, match="threads must be at least 1, got 0"):
        LanesEngine(threads=0)


def test_means_over_no_applied_step_are_nan() -> None:
    totals = Totals.zero(2)
    assert np.isnan(totals.loss_M).all()
    assert np.isnan(totals.grad_norm_max_M).all()
