"""Members that torch trains together follow the lanes engine, dropout masks included."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from tests.support.lanes_jobs import make_job, make_members

from tailproof.core.fit import Fit
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.engines.lanes import LanesEngine
from tailproof.engines.lanes.plain_twin import dropout_factors
from tailproof.engines.torch import TorchEngine
from tailproof.engines.torch.dropout import DropoutNumbers
from tailproof.models.spec import robust_financial_net
from tailproof.objectives.objective import Objective

LANES, SERIAL = LanesEngine(threads=1), TorchEngine(device="cpu")
TOGETHER = TorchEngine(device="cpu", together=True)

CASES = {
    "huber": make_job(
        members=make_members(5, dropout_rate=0.3), rows=16 * 20 - 5, validation_rows=90, epochs=2, targets=2
    ),
    "mse weighted": make_job(
        spec=robust_financial_net(inputs=5, hidden_dims=(7,), dropout_rate=0.2, residual_blocks=1, linear_path=True),
        objective=Objective(loss="mse"),
        weighted=True,
        validation_rows=50,
    ),
    "two quantiles, no clipping": make_job(
        spec=robust_financial_net(inputs=5, hidden_dims=(6, 4), dropout_rate=0.1, outputs=2, sigmoid=False),
        objective=Objective(loss="pinball", quantiles=(0.2, 0.7)),
        max_grad_norm=0.0,
        validation_rows=50,
    ),
}
CASES["huber"] = dataclasses.replace(
    CASES["huber"],
    members=tuple(
        dataclasses.replace(member, target=place % 2, learning_rate=rate, weight_decay=0.02 * place)
        for place, (member, rate) in enumerate(zip(CASES["huber"].members, (1e-2, 3e-3, 1e-3, 3e-2, 1e-4), strict=True))
    ),
)


def fit(engine: Engine, job: TrainingJob) -> Fit:
    return engine.fit(job, on_event=lambda event: None)


def assert_close(mine: Fit, theirs: Fit, *, weights: float) -> None:
    for name, value in theirs.final_parameters.items():
        np.testing.assert_allclose(mine.final_parameters[name], value, atol=weights, err_msg=name)
        np.testing.assert_allclose(mine.best_parameters[name], theirs.best_parameters[name], atol=weights)
    for own, other in zip(mine.history, theirs.history, strict=True):
        for field in ("train_loss_M", "validation_loss_M", "grad_norm_mean_M", "grad_norm_max_M"):
            np.testing.assert_allclose(getattr(own, field), getattr(other, field), rtol=1e-3, err_msg=field)
        np.testing.assert_array_equal(own.skipped_M, other.skipped_M)
        assert own.learning_rate == pytest.approx(other.learning_rate, rel=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_they_are_the_networks_of_the_lanes_engine(case: str) -> None:
    assert_close(fit(TOGETHER, CASES[case]), fit(LANES, CASES[case]), weights=2e-4)


@pytest.mark.parametrize("case", CASES)
def test_without_dropout_they_are_those_of_the_serial_reference(case: str) -> None:
    job = CASES[case]
    job = dataclasses.replace(job, members=tuple(dataclasses.replace(m, dropout_rate=0.0) for m in job.members))
    assert_close(fit(TOGETHER, job), fit(SERIAL, job), weights=2e-4)


@pytest.mark.parametrize("rows", [1, 4, 21])
def test_the_masks_are_those_of_the_twin(rows: int) -> None:
    members = (
        *make_members(2, dropout_rate=0.1),
        *make_members(3, dropout_rate=0.999)[2:],
        *make_members(1, dropout_rate=0.0),
    )
    numbers = DropoutNumbers(members, torch.device("cpu"))
    for step in (0, 1, 999_999_999_999):
        found_MNU = numbers.factors(torch.tensor([step]), first_unit=0, units=40, rows=rows)
        later_MNU = numbers.factors(torch.tensor([step]), first_unit=40, units=9, rows=rows)
        for place, member in enumerate(members):
            stay_of = dropout_factors(member, step=step, rows=rows)
            np.testing.assert_array_equal(found_MNU[place], stay_of(40))
            np.testing.assert_array_equal(later_MNU[place], stay_of(9))


def test_a_bad_target_skips_the_steps_of_its_member_alone() -> None:
    job = make_job(members=make_members(3), targets=2, max_skipped_share=0.5, epochs=1)
    job = dataclasses.replace(
        job, members=tuple(dataclasses.replace(m, target=int(place == 1)) for place, m in enumerate(job.members))
    )
    job.y_NT[33, 1] = np.nan
    mine, theirs = fit(TOGETHER, job), fit(LANES, job)
    assert mine.guard_events == theirs.guard_events
    assert [event.member for event in mine.guard_events] == [1]
    assert_close(mine, theirs, weights=2e-4)


def test_early_stopping_agrees() -> None:
    """Training targets of 0.9 and validation targets of 0.6, which the fast members pass on their way from 0.5."""
    rates = (1e-30, 3e-4, 3e-3, 1e-2)
    members = tuple(
        dataclasses.replace(member, learning_rate=rate)
        for member, rate in zip(make_members(4, dropout_rate=0.0), rates, strict=True)
    )
    job = make_job(members=members, rows=160, validation_rows=80, epochs=8, patience=1, schedule="constant")
    job.y_NT[:160], job.y_NT[160:] = 0.9, 0.6
    mine, theirs = fit(TOGETHER, job), fit(LANES, job)
    assert len({int(epoch) for epoch in theirs.best_epoch_M}) > 2
    np.testing.assert_array_equal(mine.best_epoch_M, theirs.best_epoch_M)
    for own, other in zip(mine.history, theirs.history, strict=True):
        np.testing.assert_array_equal(own.stopped_M, other.stopped_M)


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_mixed_precision_stays_near_single(precision: str) -> None:
    """Products of 8 or 11 significant bits: after 40 steps losses agree to a few per cent, and differ."""
    job = CASES["huber"]
    mixed = fit(TorchEngine(device="cpu", precision=precision), job)
    single = fit(TOGETHER, job)
    assert not mixed.guard_events
    last, exact = mixed.history[-1], single.history[-1]
    np.testing.assert_allclose(last.validation_loss_M, exact.validation_loss_M, rtol=0.05)
    np.testing.assert_allclose(last.train_loss_M, exact.train_loss_M, rtol=0.05)
    assert (last.train_loss_M != exact.train_loss_M).all()


def test_a_step_that_overflows_half_precision_advances_no_warm_up() -> None:
    job = make_job(members=make_members(1, dropout_rate=0.0), epochs=1, warmup_steps=1000, max_skipped_share=1.0)
    job.x_NF[10] = 1e38
    mixed = fit(TorchEngine(device="cpu", precision="fp16"), dataclasses.replace(job, spec=LINE))
    (steps,) = {record.steps for record in mixed.history}
    assert mixed.history[0].skipped_M.tolist() == [1]
    assert mixed.history[0].learning_rate == pytest.approx(1e-2 * (steps - 1) / 1000)


LINE = robust_financial_net(inputs=5, hidden_dims=(4,), dropout_rate=0.0, sigmoid=False)
