import numpy as np
import pytest

from tailproof.core.fit import IntervalRecord
from tailproof.runs.step_counter import StepCounter


def interval(step: int, *, networks: int) -> IntervalRecord:
    value_M = np.full(networks, 0.01)
    return IntervalRecord(
        epoch=1,
        step=step,
        learning_rate=1e-3,
        loss_M=value_M,
        grad_norm_mean_M=value_M,
        grad_norm_max_M=value_M,
        skipped_M=np.zeros(networks, dtype=int),
    )


@pytest.mark.parametrize("resumed", [False, True])
def test_the_steps_of_all_networks_are_counted(resumed: bool) -> None:
    counter = StepCounter()
    for step in (50, 100, 200, 300):
        counter.count(interval(step, networks=6))
        if resumed:
            counts, counter = counter.counts, StepCounter()
            counter.resume(counts)
    assert counter.counts.model_steps == 6 * 300
    assert counter.counts.networks == 6
