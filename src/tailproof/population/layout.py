"""The networks of a population by their role, so that none is found by its position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tailproof.arrays.scratch import blocks, rows_array
from tailproof.core.fit import Event, Fit, GuardEvent, Parameters, select_members
from tailproof.engines.interface import Engine, Member
from tailproof.models.interactions import Interactions
from tailproof.models.spec import NetSpec
from tailproof.objectives import Shrinkage

Role = Literal["real", "placebo", "trial"]


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One network and its role."""

    role: Role
    number: int
    """Number of the placebo or trial that the network belongs to, from 0; 0 for a real one."""
    member: Member
    """Its seed, rates and target column."""


@dataclass(frozen=True, kw_only=True)
class PopulationForecasts:
    """The forecasts of a trained population for a set of rows."""

    member_MR: np.ndarray
    """float32 forecasts of each real member."""
    placebo_KR: np.ndarray
    """float64 forecasts of each placebo: the mean over its members."""

    def plus(self, interactions: Sequence[Interactions], x_RF: np.ndarray) -> PopulationForecasts:
        """The forecasts with the interactions added: those of the real target, then those of each placebo's."""
        real, *placebos = interactions
        placebo_KR = [
            forecast_R + terms.apply(x_RF) for terms, forecast_R in zip(placebos, self.placebo_KR, strict=True)
        ]
        return PopulationForecasts(
            member_MR=self.member_MR + real.apply(x_RF),
            placebo_KR=np.stack(placebo_KR) if placebo_KR else self.placebo_KR,
        )

    def shrunk(self, real: Shrinkage, placebos: Sequence[Shrinkage]) -> PopulationForecasts:
        """The forecasts as bold as they may be: the real ones by one map, those of each placebo by its own."""
        placebo_KR = [
            shrinkage.apply(forecast_R) for shrinkage, forecast_R in zip(placebos, self.placebo_KR, strict=True)
        ]
        return PopulationForecasts(
            member_MR=real.apply(self.member_MR),
            placebo_KR=np.stack(placebo_KR) if placebo_KR else self.placebo_KR,
        )

    @property
    def mean_R(self) -> np.ndarray:
        """The real forecast (float64): the mean over the members."""
        return np.asarray(self.member_MR.mean(axis=0, dtype=np.float64))


@dataclass(frozen=True, kw_only=True)
class PopulationLayout:
    """The slots of a population, in the order in which engines hold its members.

    >>> members = [Member(seed=seed, learning_rate=1e-3, weight_decay=0.01, dropout_rate=0.1) for seed in (7, 8)]
    >>> layout = PopulationLayout.with_placebos(members, placebos=2)
    >>> layout.select(role="real").tolist(), layout.select(role="placebo", number=1).tolist()
    ([0, 1], [4, 5])
    """

    slots: tuple[Slot, ...]

    @classmethod
    def with_placebos(cls, members: Sequence[Member], *, placebos: int) -> PopulationLayout:
        """Real members and, for each placebo, the same members on a target column of its own (the real one is 0)."""
        real = tuple(Slot(role="real", number=0, member=member) for member in members)
        others = tuple(
            Slot(role="placebo", number=number, member=replace(member, target=number + 1))
            for number in range(placebos)
            for member in members
        )
        return cls(slots=(*real, *others))

    @property
    def members(self) -> tuple[Member, ...]:
        """The members for the engine, in the order of the slots."""
        return tuple(slot.member for slot in self.slots)

    @property
    def placebos(self) -> int:
        """How many placebos there are, of as many networks as are real."""
        return len({slot.number for slot in self.slots if slot.role == "placebo"})

    def select(self, *, role: Role, number: int | None = None) -> np.ndarray:
        """Places (int64) of the slots with a role, and of one placebo or trial where its ``number`` is given."""
        chosen = [slot.role == role and number in (None, slot.number) for slot in self.slots]
        return np.flatnonzero(chosen)

    def only(self, *, role: Role) -> PopulationLayout:
        """The slots with a role, as a population of their own."""
        return PopulationLayout(slots=tuple(slot for slot in self.slots if slot.role == role))

    def fit_of(self, fit: Fit, *, role: Role) -> Fit:
        """The parameters and best epochs of the slots with a role; history and guard events stay those of all."""
        places = self.select(role=role)
        return replace(
            fit,
            best_parameters=select_members(fit.best_parameters, places),
            final_parameters=select_members(fit.final_parameters, places),
            best_epoch_M=fit.best_epoch_M[places],
        )

    def event_of(self, event: Event, *, role: Role) -> Event | None:
        """The part of an event that concerns the slots with a role; None for a guard event of another slot."""
        places = self.select(role=role)
        if not isinstance(event, GuardEvent):
            return event.select(places)
        (place_P,) = np.nonzero(places == event.member)
        return replace(event, member=int(place_P[0])) if len(place_P) else None

    def forecast(self, engine: Engine, spec: NetSpec, parameters: Parameters, x_RF: np.ndarray) -> PopulationForecasts:
        """Forecasts of the real members and of the placebos for scaled rows, in memory that their number bounds."""
        real = self.select(role="real")
        placebos = [self.select(role="placebo", number=number) for number in range(self.placebos)]
        member_MR = rows_array((len(real), len(x_RF)))
        placebo_KR = rows_array((len(placebos), len(x_RF)), np.float64)
        for block in blocks(len(x_RF)):
            output_MR = engine.predict(spec, parameters, x_RF[block])[:, :, 0]
            member_MR[:, block] = output_MR[real]
            for number, places in enumerate(placebos):
                output_MR[places].mean(axis=0, dtype=np.float64, out=placebo_KR[number, block])
        return PopulationForecasts(member_MR=member_MR, placebo_KR=placebo_KR)
