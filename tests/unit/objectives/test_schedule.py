import torch

from tailproof.objectives import schedule_factor


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
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50)
    for k in range(10, 60):
        ours = schedule_factor(k, warmup_steps=10, total_steps=60, schedule="cosine")
        assert abs(ours - optimizer.param_groups[0]["lr"]) < 1e-9
        optimizer.step()
        schedule.step()


def test_no_warm_up_starts_at_the_target_rate() -> None:
    assert schedule_factor(1, warmup_steps=0, total_steps=100, schedule="constant") == 1.0
