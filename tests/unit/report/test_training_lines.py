from dataclasses import replace

import numpy as np

from tailproof.core.events import WindowStarted
from tailproof.core.fit import EpochRecord, Event, IntervalRecord, StartRecord
from tailproof.report import TrainingLines, losses_of_epochs

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
        validation_mae_M=value_M,
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


def training_lines(*, epochs_shown: bool = True, window: WindowStarted = WINDOW) -> TrainingLines:
    return TrainingLines(
        window, epoch_lines=True, epochs_shown=epochs_shown, interval_lines=False, seconds_of_silence=10.0
    )


def test_the_table_begins_with_the_constant_and_the_untrained_networks() -> None:
    logged = training_lines()
    lines = logged.lines(StartRecord(train_loss_M=np.array([0.03, 0.05])), networks=6)
    lines += logged.lines(epoch(networks=2), networks=6)
    assert [line.text for line in lines if line.role != "detail"] == [
        "Epoch    train loss  val loss   val MAE learning rate   time",
        "constant   0.020000  0.030000         -             -      -",
        "Start      0.040000         -         -             0      -",
        "1/3        0.010000  0.010000  0.010000         0.001  2.0 s",
    ]
    assert all(len(line.text) <= 60 for line in lines)


def test_the_log_says_what_forecasts_go_through_after_the_table() -> None:
    reading = losses_of_epochs(to_line=True, shrunk=True)
    assert reading == "Losses are those before forecasts are drawn to the line and shrunk."
    assert losses_of_epochs(to_line=False, shrunk=False) == ""
    logged = TrainingLines(
        WINDOW, epoch_lines=True, epochs_shown=True, interval_lines=False, seconds_of_silence=10.0, reading=reading
    )
    first, head, *_ = logged.lines(StartRecord(train_loss_M=np.array([0.03])), networks=6)
    assert (first.text, first.role) == (reading, "detail")
    assert head.text.startswith("Epoch")


def test_the_rate_of_an_epoch_is_that_of_the_placebos_too() -> None:
    lines = training_lines().lines(epoch(networks=2), networks=6)
    assert lines[-1].role == "detail"
    assert lines[-1].text.endswith("300 model-steps/s, 4,800 rows/s")


def test_a_screen_shows_at_most_ten_of_many_epochs_and_the_last() -> None:
    logged = training_lines(window=replace(WINDOW, epochs=45))
    lines = [logged.lines(replace(epoch(networks=2), epoch=number), networks=6)[0] for number in range(1, 46)]
    assert [line.text.split()[0] for line in lines if line.role == "text"] == [
        f"{number}/45" for number in (5, 10, 15, 20, 25, 30, 35, 40, 45)
    ]


def test_of_a_window_that_is_not_judged_the_table_is_a_detail() -> None:
    logged = training_lines(epochs_shown=False)
    lines = logged.lines(StartRecord(train_loss_M=np.array([0.03])), networks=6)
    lines += logged.lines(epoch(networks=2), networks=6)
    assert {line.role for line in lines} == {"detail"}


def test_a_long_silence_is_broken_by_one_line() -> None:
    clock = Clock()
    logged = TrainingLines(
        WINDOW, epoch_lines=False, epochs_shown=False, interval_lines=False, seconds_of_silence=10.0, clock=clock
    )

    def lines(event: Event, *, at: float) -> list[str]:
        clock.now = at
        return [line.text for line in logged.lines(event, networks=6)]

    assert lines(interval(100, networks=2), at=9.0) == []
    (line,) = lines(interval(200, networks=2), at=10.5)
    assert "fold 2/5  epoch 1/3  step      200/300  loss 0.010000 (constant 0.020000)" in line
    assert lines(interval(250, networks=2), at=12.0) == []
    assert lines(epoch(networks=2), at=30.0) == []
