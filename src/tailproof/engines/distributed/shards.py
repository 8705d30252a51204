"""A population split by members, trained anywhere, and put together again.

Members never talk to one another: batches come from the job's seed, everything else from a member's own record, and
early stopping looks at one member alone. So a share is a job like any other, and the shares together give what the
whole would have given: with the lanes engine to the bit, with torch too where the kernels and the threads are the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

import numpy as np

from tailproof.arrays.ranges import as_slice
from tailproof.core.fit import EpochRecord, Event, Fit, GuardEvent, IntervalRecord, OnEvent, Parameters, select_members
from tailproof.engines.interface import TrainingJob


def shares_of(job: TrainingJob, workers: int) -> tuple[TrainingJob, ...]:
    """The job cut into at most ``workers`` jobs of consecutive members, as even as can be; never an empty one.

    Rows are shared, not copied.
    """
    return tuple(
        replace(
            job,
            members=job.members[as_slice(numbers)],
            start=None if job.start is None else select_members(job.start, as_slice(numbers)),
            first_member=job.first_member + numbers.start,
        )
        for numbers in even_ranges(len(job.members), workers)
    )


def even_ranges(count: int, workers: int) -> list[range]:
    """The numbers below ``count`` as at most ``workers`` ranges, as even as can be; never an empty one.

    >>> even_ranges(5, 2), even_ranges(1, 2)
    ([range(0, 2), range(2, 5)], [range(0, 1)])
    """
    parts = min(workers, count)
    return [range(first, last) for first, last in pairwise(count * number // parts for number in range(parts + 1))]


def join_fits(fits: Sequence[Fit]) -> Fit:
    """The fit of the whole population from those of its shares, in their order."""
    first_S = _firsts(len(fit.best_epoch_M) for fit in fits)
    guards = [
        replace(event, member=first + event.member)
        for first, fit in zip(first_S, fits, strict=True)
        for event in fit.guard_events
    ]
    epochs = max(len(fit.history) for fit in fits)
    return Fit(
        engine=fits[0].engine,
        best_parameters=_side_by_side([fit.best_parameters for fit in fits]),
        final_parameters=_side_by_side([fit.final_parameters for fit in fits]),
        best_epoch_M=np.concatenate([fit.best_epoch_M for fit in fits]),
        history=tuple(_joined_epoch([fit.history for fit in fits], epoch) for epoch in range(1, epochs + 1)),
        guard_events=tuple(sorted(guards, key=lambda event: (event.step, event.member))),
    )


class JoinedEvents:
    """Takes the events of shares in whatever order they arrive, and emits those of the whole population in its order.

    An event is emitted as soon as every share that still trains has come that far; a share whose members have all
    stopped counts with the figures that stopped members have.

    Args:
        members: how many each share has.
        on_event: receives the population's events.
        steps_per_epoch: of the job.
    """

    def __init__(self, members: Sequence[int], *, on_event: OnEvent, steps_per_epoch: int) -> None:
        self._members, self._first_S = members, _firsts(members)
        self._on_event, self._steps_per_epoch = on_event, steps_per_epoch
        self._waiting: list[deque[Event]] = [deque() for _ in members]
        self._ended = [False for _ in members]
        self._epochs: list[list[EpochRecord]] = [[] for _ in members]
        """Events emitted so far, by share."""

    def add(self, share: int, event: Event) -> None:
        """Take in the next event of a share."""
        self._waiting[share].append(event)
        self._emit()

    def end(self, share: int) -> None:
        """Note that a share is trained: it will send no more events."""
        self._ended[share] = True
        self._emit()

    def _emit(self) -> None:
        while heads := self._next():
            events = {share: self._waiting[share].popleft() for share in heads}
            self._on_event(self._joined(events))

    def _next(self) -> list[int]:
        """The shares whose next events make the population's next one; none while another share may come before."""
        training = [share for share, ended in enumerate(self._ended) if self._waiting[share] or not ended]
        if not training or not all(self._waiting[share] for share in training):
            return []
        places = {share: self._place(share, self._waiting[share][0]) for share in training}
        return [share for share, place in places.items() if place == min(places.values())]

    def _place(self, share: int, event: Event) -> tuple[int, int, int]:
        match event:
            case GuardEvent():
                return event.step, 0, self._first_S[share] + event.member
            case IntervalRecord():
                return event.step, 1, 0
            case EpochRecord():
                return event.epoch * self._steps_per_epoch, 2, 0

    def _joined(self, events: dict[int, Event]) -> Event:
        (share, event), *_ = events.items()
        if isinstance(event, GuardEvent):
            return replace(event, member=self._first_S[share] + event.member)
        if isinstance(event, EpochRecord):
            for number, record in events.items():
                assert isinstance(record, EpochRecord), "shares come to the end of an epoch together"
                self._epochs[number].append(record)
            return _joined_epoch(self._epochs, event.epoch)
        return self._joined_interval(event, events)

    def _joined_interval(self, event: IntervalRecord, events: dict[int, Event]) -> IntervalRecord:
        parts = []
        for number, members in enumerate(self._members):
            part = events.get(number, event.idle(members))
            assert isinstance(part, IntervalRecord), "shares come to the end of an interval together"
            parts.append(part)
        rate = event.learning_rate if 0 in events else self._epochs[0][-1].learning_rate
        return replace(IntervalRecord.concat(parts), learning_rate=rate)


def _firsts(members: Iterable[int]) -> list[int]:
    """The number of each share's first member."""
    return list(accumulate(members, initial=0))[:-1]


def _joined_epoch(histories: Sequence[Sequence[EpochRecord]], epoch: int) -> EpochRecord:
    """An epoch, from 1, of all shares; one that ended before keeps the figures of its last epoch."""
    return EpochRecord.concat([history[min(epoch, len(history)) - 1] for history in histories])


def _side_by_side(parameters: Sequence[Parameters]) -> Parameters:
    return {name: np.concatenate([each[name] for each in parameters]) for name in parameters[0]}
