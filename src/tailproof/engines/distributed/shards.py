"""A population split by members, trained wherever, and put together again.

Members never talk to one another: batches come from the job's seed, everything else from a member's own record, and
early stopping looks at one member alone. So a share is a job like any other, and what comes of all shares is what would
have come of the whole: with the lanes engine to the bit, with torch too where the kernels and the threads are the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from tailproof.core.fit import EpochRecord, Event, Fit, GuardEvent, IntervalRecord, OnEvent, Parameters
from tailproof.engines.interface import TrainingJob

OF_EPOCH = ("train_loss_M", "validation_loss_M", "grad_norm_mean_M", "grad_norm_max_M", "skipped_M", "stopped_M")
OF_INTERVAL = ("loss_M", "grad_norm_mean_M", "grad_norm_max_M", "skipped_M")


def shares_of(job: TrainingJob, workers: int) -> tuple[TrainingJob, ...]:
    """The job cut into at most ``workers`` jobs of consecutive members, as even as can be; never an empty one.

    Rows are shared, not copied.
    """
    count = min(workers, len(job.members))
    cuts = [len(job.members) * number // count for number in range(count + 1)]
    return tuple(
        replace(
            job,
            members=job.members[first:last],
            start=None if job.start is None else {name: value[first:last] for name, value in job.start.items()},
            first_member=job.first_member + first,
        )
        for first, last in pairwise(cuts)
    )


def join_fits(fits: Sequence[Fit], *, together: bool) -> Fit:
    """The fit of the whole population.

    Args:
        fits: of its shares, in order.
        together: as the engine's; decides the order of guard events.
    """
    first_S = _firsts(len(fit.best_epoch_M) for fit in fits)
    guards = [
        replace(event, member=first + event.member)
        for first, fit in zip(first_S, fits, strict=True)
        for event in fit.guard_events
    ]
    if together:
        guards.sort(key=lambda event: (event.step, event.member))
    epochs = max(len(fit.history) for fit in fits)
    return Fit(
        engine=fits[0].engine,
        best_parameters=_side_by_side([fit.best_parameters for fit in fits]),
        final_parameters=_side_by_side([fit.final_parameters for fit in fits]),
        best_epoch_M=np.concatenate([fit.best_epoch_M for fit in fits]),
        history=tuple(_joined_epoch([fit.history for fit in fits], epoch) for epoch in range(1, epochs + 1)),
        guard_events=tuple(guards),
    )


class JoinedEvents:
    """Takes the events of shares in whatever order they come, and tells those of the whole population in its order.

    Where members take each step together, an event is told as soon as every share that still trains has come so far;
    a share whose members have all stopped counts with the figures that stopped members have. Where they train one after
    another, so do the shares: what comes from a later one waits.

    Args:
        members: how many each share has.
        on_event: is told the population's events.
        together: as the engine's.
        steps_per_epoch: of the job.
    """

    def __init__(self, members: Sequence[int], *, on_event: OnEvent, together: bool, steps_per_epoch: int) -> None:
        self._members, self._first_S = members, _firsts(members)
        self._on_event, self._together, self._steps_per_epoch = on_event, together, steps_per_epoch
        self._waiting: list[deque[Event]] = [deque() for _ in members]
        self._ended = [False for _ in members]
        self._epochs: list[list[EpochRecord]] = [[] for _ in members]
        """Of each share, those told so far."""

    def tell(self, share: int, event: Event) -> None:
        """Take in the next event of a share."""
        self._waiting[share].append(event)
        self._tell_on()

    def end(self, share: int) -> None:
        """Take in that a share is trained: there is no more to come of it."""
        self._ended[share] = True
        self._tell_on()

    def _tell_on(self) -> None:
        while heads := self._next():
            events = {share: self._waiting[share].popleft() for share in heads}
            self._on_event(self._joined(events))

    def _next(self) -> list[int]:
        """The shares whose next events make the population's next one; none where it has to be waited for."""
        training = [share for share, ended in enumerate(self._ended) if self._waiting[share] or not ended]
        if not self._together:
            training = training[:1]
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
        if isinstance(event, GuardEvent) or not self._together:
            return _moved(event, self._first_S[share])
        if isinstance(event, EpochRecord):
            for number, record in events.items():
                assert isinstance(record, EpochRecord), "shares come to the end of an epoch together"
                self._epochs[number].append(record)
            return _joined_epoch(self._epochs, event.epoch)
        parts = [events.get(number) or _silent(event, members) for number, members in enumerate(self._members)]
        rate = event.learning_rate if 0 in events else self._epochs[0][-1].learning_rate
        return replace(event, learning_rate=rate, **_arrays(parts, OF_INTERVAL))


def _firsts(members: Iterable[int]) -> list[int]:
    """The number of each share's first member."""
    return list(accumulate(members, initial=0))[:-1]


def _moved(event: Event, first: int) -> Event:
    """An event of a share as one of the population."""
    if isinstance(event, GuardEvent):
        return replace(event, member=first + event.member)
    return replace(event, first_member=first + event.first_member)


def _joined_epoch(histories: Sequence[Sequence[EpochRecord]], epoch: int) -> EpochRecord:
    """An epoch, from 1, of all; a share that ended before keeps the figures of its last one."""
    records = [history[min(epoch, len(history)) - 1] for history in histories]
    seconds = max(record.seconds for record in records if record.epoch == epoch)
    return replace(records[0], epoch=epoch, seconds=seconds, **_arrays(records, OF_EPOCH))


def _silent(event: IntervalRecord, members: int) -> IntervalRecord:
    """What an interval is for members that have stopped: no step was applied."""
    nan_M = np.full(members, np.nan)
    skipped_M = np.zeros(members, dtype=np.int64)
    return replace(event, loss_M=nan_M, grad_norm_mean_M=nan_M, grad_norm_max_M=nan_M, skipped_M=skipped_M)


def _arrays(parts: Sequence[Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}


def _side_by_side(parameters: Sequence[Parameters]) -> Parameters:
    return {name: np.concatenate([each[name] for each in parameters]) for name in parameters[0]}
