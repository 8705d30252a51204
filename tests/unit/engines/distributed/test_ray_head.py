"""A head that is gone is missed, and one that is slow is not."""

from __future__ import annotations

import pytest

from tailproof.core.errors import WorkerError
from tailproof.engines.distributed.ray_head import RayHead


def test_a_head_is_gone_when_it_has_not_answered_for_seconds() -> None:
    now, answers = [0.0], [True]
    looked: list[str] = []

    def knock(address: str) -> bool:
        looked.append(address)
        return answers[0]

    head = RayHead("10.0.0.1:6379", clock=lambda: now[0], answers=knock)
    for second in range(10):
        for part in range(5):
            now[0] = second + part / 5
            head.refuse_gone()
    assert len(looked) == 9, "once a second"
    answers[0] = False
    for now[0] in (10.0, 12.0, 13.9):
        head.refuse_gone()
    assert not head.gone
    now[0] = 14.9
    with pytest.raises(
        WorkerError, match=r"^the head of the Ray cluster at 10\.0\.0\.1:6379 is gone: nobody answers there"
    ):
        head.refuse_gone()
    assert head.gone


def test_an_actor_that_is_gone_with_the_head_is_not_blamed() -> None:
    error = WorkerError("the actor is gone")
    assert RayHead("a:1", answers=lambda address: True).explained(error) is error
    head = RayHead("a:1", answers=lambda address: False)
    assert str(head.explained(error)).startswith("the head of the Ray cluster at a:1 is gone")
    assert head.gone


def test_a_head_that_comes_back_is_not_gone() -> None:
    now, answers = [0.0], [False]
    head = RayHead("10.0.0.1:6379", clock=lambda: now[0], answers=lambda address: answers[0])
    for now[0], answers[0] in ((4.0, False), (4.9, True), (6.0, True), (7.0, False), (10.9, False)):
        head.refuse_gone()
    RayHead(None, clock=lambda: 1e9).refuse_gone()
    assert not head.gone
