import numpy as np

from tailproof.core.events import WindowStarted
from tailproof.core.fit import EpochRecord, Event, IntervalRecord
from tailproof.report import TrainingLines

WINDOW = WindowStarted(
    fold=2,
    folds=5,
    epochs=3,
    steps=100,
    members=2,
    networks=6,
    batch_size=16,
    constant_train_loss=0.02,
    constant_validation_loss=0.03,
)


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


def epoch(*, networks: int) -> EpochRecord:
    value_M = np.full(networks, 0.01)
    return EpochRecord(
        epoch=1,
        train_loss_M=value_M,
        validation_loss_M=value_M,
        learning_rate=1e-3,
        grad_norm_mean_M=value_M,
        grad_norm_max_M=value_M,
        skipped_M=np.zeros(networks, dtype=int),
        stopped_M=np.zeros(networks, dtype=bool),
        seconds=2.0,
        steps=100,
    )


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_rate_of_an_epoch_is_that_of_the_placebos_too() -> None:
    logged = TrainingLines(WINDOW, epoch_lines=True, interval_lines=False, seconds_of_silence=10.0)
    (line,) = logged.lines(epoch(networks=2), networks=6)
    assert "train 0.010000 (constant 0.020000)" in line
    assert "validation 0.010000 (constant 0.030000, skill +66.6667%)" in line
    assert line.endswith("2.0 s, 300 model-steps/s, 4,800 rows/s")


def test_a_long_silence_is_broken_by_one_line() -> None:
    clock = Clock()
    logged = TrainingLines(WINDOW, epoch_lines=False, interval_lines=False, seconds_of_silence=10.0, clock=clock)

    def lines(event: Event, *, at: float) -> list[str]:
        clock.now = at
        return logged.lines(event, networks=6)

    assert lines(interval(100, networks=2), at=9.0) == []
    (line,) = lines(interval(200, networks=2), at=10.5)
    assert "fold 2/5  epoch 1/3  step      200/300  loss 0.010000 (constant 0.020000)" in line
    assert lines(interval(250, networks=2), at=12.0) == []
    assert lines(epoch(networks=2), at=30.0) == []
