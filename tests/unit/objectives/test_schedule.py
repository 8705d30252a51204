import pytest
import torch

from tailproof.objectives import schedule_factor
from tailproof.objectives.schedule import default_warmup


def test_warm_up_reaches_the_target_rate_at_applied_step_1000() -> None:
    rates = [
        1e-4 * schedule_factor(k, warmup_steps=1000, total_steps=9000, schedule="constant") for k in range(1, 1501)
    ]
    assert abs(rates[0] - 1e-7) < 1e-20
    assert rates[999] == 1e-4
    assert max(rates[:999]) < 1e-4
    assert set(rates[999:]) == {1e-4}


def test_cosine_after_the_warm_up_equals_torch() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=51)
    for k in range(10, 60):
        ours = schedule_factor(k, warmup_steps=10, total_steps=60, schedule="cosine")
        assert abs(ours - optimizer.param_groups[0]["lr"]) < 1e-9
        optimizer.step()
        schedule.step()


@pytest.mark.parametrize("warmup_steps", [0, 10, 59, 60])
def test_no_step_is_taken_at_rate_0(warmup_steps: int) -> None:
    """The last one moves the weights as well; the cosine would be 0 one step later."""
    rates = [schedule_factor(k, warmup_steps=warmup_steps, total_steps=60, schedule="cosine") for k in range(1, 61)]
    assert min(rates) > 0.0
    falling = rates[max(warmup_steps - 1, 0) :]
    assert falling == sorted(falling, reverse=True)


def test_the_default_warm_up_is_at_most_a_third() -> None:
    assert [default_warmup(steps) for steps in (0, 2, 3, 2_999, 3_000, 10**6)] == [0, 0, 1, 999, 1_000, 1_000]


def test_no_warm_up_starts_at_the_target_rate() -> None:
    assert schedule_factor(1, warmup_steps=0, total_steps=100, schedule="constant") == 1.0
