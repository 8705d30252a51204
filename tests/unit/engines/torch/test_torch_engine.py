from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.support.engine_jobs import small_job

from tailproof.arrays.ranges import ceil_div
from tailproof.core.errors import ConfigError, TrainingError
from tailproof.core.fit import EpochRecord, GuardEvent, IntervalRecord
from tailproof.core.randomness import generator
from tailproof.engines.batch_order import epoch_order
from tailproof.engines.torch import TorchEngine
from tailproof.models.initialise import initial_parameters
from tailproof.models.torch_modules import build_module, module_parameters

ENGINE = TorchEngine(device="cpu")


def test_a_plain_torch_loop_gives_the_same_weights() -> None:
    job = small_job(epochs=2)
    module = build_module(job.spec, initial_parameters(job.spec, generator(0, "initial weights")))
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-2, weight_decay=0.01, eps=1e-8)
    warmup = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: min(1.0, (done + 1) / 10))
    for epoch in (1, 2):
        order_N = epoch_order(job.train, seed=job.seed, epoch=epoch)
        for start in range(0, len(order_N), 16):
            rows = order_N[start : start + 16]
            optimizer.zero_grad()
            loss = torch.nn.functional.huber_loss(
                module(torch.from_numpy(job.x_NF[rows])), torch.from_numpy(job.y_NT[rows]), delta=0.1
            )
            loss.backward()
            torch.nn.utils.clip_grad_norm_(module.parameters(), 1.0)
            optimizer.step()
            warmup.step()
    fit = ENGINE.fit(job, on_event=lambda event: None)
    for name, value in module_parameters(module).items():
        np.testing.assert_allclose(fit.final_parameters[name][0], value, rtol=1e-4, atol=1e-6)


def test_it_learns_what_is_there() -> None:
    fit = ENGINE.fit(small_job(epochs=15), on_event=lambda event: None)
    first, last = fit.history[0].validation_loss_M[0], fit.history[-1].validation_loss_M[0]
    assert last < 0.5 * first


def test_the_same_seed_gives_the_same_bits_and_leaves_the_global_generator_alone() -> None:
    job = small_job(dropout_rate=0.2)
    before = torch.random.get_rng_state()
    first, second = (ENGINE.fit(job, on_event=lambda event: None) for _ in range(2))
    assert torch.equal(before, torch.random.get_rng_state())
    for name, value in first.final_parameters.items():
        np.testing.assert_array_equal(value, second.final_parameters[name])


def test_a_nan_row_skips_its_step_and_is_named() -> None:
    job = small_job(epochs=1)
    x_NF = job.x_NF.copy()
    x_NF[37, 2] = np.nan
    events: list = []
    fit = ENGINE.fit(
        replace(job, x_NF=x_NF, optimisation=replace(job.optimisation, max_skipped_share=0.1)), on_event=events.append
    )
    (guard,) = [event for event in events if isinstance(event, GuardEvent)]
    assert guard.rows == (37,)
    assert "not finite" in guard.reason
    assert fit.history[0].skipped_M.tolist() == [1]
    assert all(np.isfinite(value).all() for value in fit.final_parameters.values())
    order_N = epoch_order(job.train, seed=job.seed, epoch=1)
    assert guard.step == 1 + np.flatnonzero(order_N == 37)[0] // 16


def test_a_skipped_step_does_not_advance_the_warm_up() -> None:
    job = small_job(epochs=1)
    x_NF = job.x_NF.copy()
    x_NF[37, 2] = np.nan
    loose = replace(job.optimisation, max_skipped_share=0.1, warmup_steps=1000)
    steps = ceil_div(len(job.train), 16)
    fit = ENGINE.fit(replace(job, x_NF=x_NF, optimisation=loose), on_event=lambda event: None)
    assert fit.history[0].learning_rate == pytest.approx(1e-2 * (steps - 1) / 1000)


def test_too_many_skipped_steps_stop_the_run() -> None:
    job = small_job()
    x_NF = job.x_NF.copy()
    x_NF[::20] = np.inf
    with pytest.raises(TrainingError, match=r"at most 1\.00% of an epoch's steps"):
        ENGINE.fit(replace(job, x_NF=x_NF), on_event=lambda event: None)


def test_patience_stops_and_the_best_epoch_is_kept() -> None:
    job = small_job(epochs=30)
    flat = replace(job, y_NT=np.random.default_rng(5).random(job.y_NT.shape, dtype=np.float32))
    fit = ENGINE.fit(replace(flat, optimisation=replace(job.optimisation, patience=2)), on_event=lambda event: None)
    losses = [record.validation_loss_M[0] for record in fit.history]
    assert len(fit.history) < 30
    assert fit.history[-1].stopped_M.tolist() == [True]
    assert fit.best_epoch_M[0] == 1 + int(np.argmin(losses))
    assert len(fit.history) == fit.best_epoch_M[0] + 2


def test_a_population_holds_each_member_as_it_would_be_alone() -> None:
    job = small_job(members=3, dropout_rate=0.1)
    together = ENGINE.fit(job, on_event=lambda event: None)
    alone = ENGINE.fit(replace(job, members=job.members[2:]), on_event=lambda event: None)
    for name, value in alone.final_parameters.items():
        np.testing.assert_array_equal(together.final_parameters[name][2], value[0])
    assert ENGINE.predict(job.spec, together.best_parameters, job.x_NF).shape == (3, len(job.x_NF), 1)


def test_events_arrive_once_an_interval_and_once_an_epoch() -> None:
    job = small_job(epochs=2)
    events: list = []
    ENGINE.fit(job, on_event=events.append)
    steps = ceil_div(len(job.train), 16)
    assert [event.epoch for event in events if isinstance(event, EpochRecord)] == [1, 2]
    assert len([event for event in events if isinstance(event, IntervalRecord)]) == 2 * ceil_div(steps, 10)
    assert [event.step for event in events if isinstance(event, IntervalRecord)][-1] == 2 * steps


def test_no_rows_have_no_forecasts_of_every_member() -> None:
    job = small_job()
    fit = ENGINE.fit(job, on_event=lambda event: None)
    output_MNO = ENGINE.predict(job.spec, fit.best_parameters, job.x_NF[:0])
    assert output_MNO.shape == (len(job.members), 0, 1)


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"device must be auto, cpu or .*, got quantum"):
        TorchEngine(device="quantum")
