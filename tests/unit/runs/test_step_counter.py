import numpy as np
import pytest

from tailproof.core.fit import IntervalRecord
from tailproof.runs.step_counter import StepCounter


def interval(step: int, *, networks: int, first_member: int) -> IntervalRecord:
    value_M = np.full(networks, 0.01)
    return IntervalRecord(
        first_member=first_member,
        epoch=1,
        step=step,
        learning_rate=1e-3,
        loss_M=value_M,
        grad_norm_mean_M=value_M,
        grad_norm_max_M=value_M,
        skipped_M=np.zeros(networks, dtype=int),
    )


@pytest.mark.parametrize("one_by_one", [False, True])
@pytest.mark.parametrize("resumed", [False, True])
def test_all_networks_are_counted_whether_they_train_together_or_one_by_one(one_by_one: bool, resumed: bool) -> None:
    counter = StepCounter()
    for first in range(6) if one_by_one else [0]:
        for step in (50, 100, 200, 300):
            counter.count(interval(step, networks=1 if one_by_one else 6, first_member=first))
            if resumed:
                counts, counter = counter.counts(), StepCounter()
                counter.resume(counts)
    assert counter.model_steps == 6 * 300
    assert counter.networks == (1 if one_by_one else 6)
