import json
from dataclasses import asdict

import numpy as np
import pytest

from tailproof.core.event_records import event_record, recorded_event
from tailproof.core.events import (
    LogLine,
    RunEvent,
    RunResumed,
    RunStarted,
    StepsDone,
    TrainingRecord,
    ValidationScored,
    VerdictReached,
    WindowStarted,
)
from tailproof.core.fit import EpochRecord, GuardEvent, StartRecord

EPOCH = EpochRecord(
    epoch=2,
    train_loss_M=np.array([0.25, 0.5], dtype=np.float32),
    validation_loss_M=np.array([np.nan, np.inf]),
    validation_mae_M=np.array([0.25, np.nan]),
    learning_rate=0.001,
    grad_norm_mean_M=np.array([1.0, 2.0]),
    grad_norm_max_M=np.array([1.0, 2.0]),
    skipped_M=np.array([0, 3]),
    stopped_M=np.array([False, True]),
    seconds=1.5,
    steps=50,
)
WINDOW = WindowStarted(
    fold=1,
    folds=2,
    epochs=3,
    steps=4,
    members=5,
    networks=6,
    batch_size=7,
    constant_train_loss=0.2,
    constant_validation_loss=None,
)
STORED: list[RunEvent] = [
    RunStarted(name="run", model_steps=3, config={"settings": {"epochs": 3}}),
    WINDOW,
    TrainingRecord(fold=0, record=StartRecord(train_loss_M=np.array([0.3, 0.4]))),
    TrainingRecord(fold=0, record=EPOCH),
    TrainingRecord(fold=1, record=GuardEvent(member=0, epoch=1, step=2, rows=(3, 4), reason="loss is nan")),
    ValidationScored(fold=2, loss=0.02),
    VerdictReached(verdict={"rank_ic": None}),
]


@pytest.mark.parametrize("event", STORED, ids=lambda event: type(event).__name__)
def test_what_is_read_back_is_written_as_it_was(event: RunEvent) -> None:
    record = event_record(event)
    assert record is not None
    again = recorded_event(json.loads(json.dumps(record, allow_nan=False)))
    assert type(again) is type(event)
    assert event_record(again) == record


def test_figures_that_are_not_finite_become_none_and_the_order_is_that_of_the_fields() -> None:
    record = event_record(TrainingRecord(fold=0, record=EPOCH))
    assert record is not None
    assert list(record)[:5] == ["kind", "fold", "epoch", "train_loss", "validation_loss"]
    assert record["validation_loss"] == [None, None]
    assert record["stopped"] == [False, True]
    assert event_record(WINDOW) == {"kind": "fold", **asdict(WINDOW)}


@pytest.mark.parametrize("event", [LogLine(text="a line"), StepsDone(fold=1, model_steps=2), RunResumed()])
def test_what_is_of_the_moment_is_not_stored(event: RunEvent) -> None:
    assert event_record(event) is None


@pytest.mark.parametrize("record", [{}, {"kind": "opinion"}, {"kind": "fold", "fold": 1}, {"kind": "epoch", "fold": 1}])
def test_what_is_no_record_is_refused(record: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        recorded_event(record)
