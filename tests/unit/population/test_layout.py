"""Networks are found by their role, wherever they stand."""

from __future__ import annotations

import numpy as np

from tailproof.core.fit import EpochRecord, GuardEvent
from tailproof.engines.interface import Member
from tailproof.models.spec import Linear, NetSpec
from tailproof.population import PopulationLayout, Slot

SPEC = NetSpec(inputs=1, layers=(Linear(inputs=1, outputs=1),))


def member(seed: int) -> Member:
    return Member(seed=seed, learning_rate=1e-3, weight_decay=0.0, dropout_rate=0.0)


MIXED = PopulationLayout(
    slots=(
        Slot(role="placebo", number=1, member=member(0)),
        Slot(role="real", number=0, member=member(1)),
        Slot(role="trial", number=0, member=member(2)),
        Slot(role="placebo", number=0, member=member(3)),
        Slot(role="real", number=0, member=member(4)),
        Slot(role="placebo", number=1, member=member(5)),
    )
)


class Echo:
    """Each network forecasts its place in the population, plus the row's value."""

    name, device_kind, precision, trains_in_turn = "lanes", "cpu", "fp32", False

    def predict(self, spec: NetSpec, parameters: dict, x_NF: np.ndarray) -> np.ndarray:
        return (parameters["place"][:, None] + x_NF[None, :, 0])[:, :, None].astype(np.float32)


def test_the_order_of_slots_decides_nothing() -> None:
    assert MIXED.select(role="real").tolist() == [1, 4]
    assert MIXED.select(role="placebo", number=1).tolist() == [0, 5]
    assert MIXED.placebos == 2
    assert [slot.member.seed for slot in MIXED.only(role="real").slots] == [1, 4]
    forecasts = MIXED.forecast(Echo(), SPEC, {"place": np.arange(6.0)}, np.array([[0.0], [10.0]]))
    assert forecasts.member_MR.tolist() == [[1.0, 11.0], [4.0, 14.0]]
    assert forecasts.placebo_KR.tolist() == [[3.0, 13.0], [2.5, 12.5]]
    assert forecasts.mean_R.tolist() == [2.5, 12.5]


def test_events_are_cut_to_a_role_and_counted_in_it() -> None:
    guard = GuardEvent(member=4, epoch=1, step=3, rows=(2,), reason="loss not finite")
    event = MIXED.event_of(guard, role="real")
    assert isinstance(event, GuardEvent)
    assert event.member == 1
    assert MIXED.event_of(guard, role="placebo") is None
    value_M = np.arange(6.0)
    record = EpochRecord(
        epoch=1, train_loss_M=value_M, validation_loss_M=value_M, validation_mae_M=value_M,
        learning_rate=0.1, grad_norm_mean_M=value_M,
        grad_norm_max_M=value_M, skipped_M=value_M, stopped_M=value_M > 3, seconds=1.0, steps=5,
    )  # fmt: skip
    cut = MIXED.event_of(record, role="real")
    assert isinstance(cut, EpochRecord)
    assert cut.train_loss_M.tolist() == [1.0, 4.0]
    assert cut.stopped_M.tolist() == [False, True]


def test_placebos_are_the_same_members_on_other_targets() -> None:
    layout = PopulationLayout.with_placebos([member(7), member(8)], placebos=2)
    assert [slot.member.seed for slot in layout.slots] == [7, 8, 7, 8, 7, 8]
    assert [each.target for each in layout.members] == [0, 0, 1, 1, 2, 2]
