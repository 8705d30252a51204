"""Kept states: a fit goes on to the same bits, ways to save or restore wrongly are seen, flips are refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from tests.faults.promises.damaged import damage
from tests.faults.promises.ground import SETTINGS, Ground, Promise, Trial

from tailproof import pipeline
from tailproof.bars.load import load
from tailproof.core.codec import from_tree, to_tree
from tailproof.core.errors import TailproofError
from tailproof.core.events import LogLine, RunEvent
from tailproof.core.fit import Fit
from tailproof.engines.fit_state import BestEpochs, FitState, SerialState, Totals
from tailproof.engines.interface import Engine, Member, Optimisation, TrainingJob
from tailproof.engines.lanes import LanesEngine
from tailproof.engines.spike_rule import SpikeRule, empty_trails
from tailproof.engines.torch import TorchEngine
from tailproof.models.spec import robust_financial_net
from tailproof.objectives import Objective
from tailproof.report import SILENT
from tailproof.runs.pace import Pace
from tailproof.settings.read_options import ReadOptions
from tailproof.storage import verify

EVERY_CHANCE = Pace(seconds_between=0.0, max_share=1e9, seconds_of_silence=1e9)
ENGINES: tuple[Engine, ...] = (
    LanesEngine(threads=1, seconds_per_call=1e-9),
    TorchEngine(device="cpu", together=True),
    TorchEngine(device="cpu"),
)


def job_with_everything() -> TrainingJob:
    """Three members, of which one stops early; a spike and a NaN in every epoch; averages and dropout."""
    rng = np.random.default_rng(7)
    x_NF = rng.normal(size=(420, 3)).astype(np.float32)
    y_NT = rng.standard_t(3, size=(420, 2)).astype(np.float32)
    y_NT[201, 0], y_NT[77, 1] = 1e6, np.nan
    return TrainingJob(
        spec=robust_financial_net(inputs=3, hidden_dims=(4,), dropout_rate=0.2, sigmoid=False),
        objective=Objective(loss="mse"),
        optimisation=Optimisation(
            epochs=4,
            batch_size=16,
            warmup_steps=5,
            schedule="cosine",
            max_grad_norm=1.0,
            patience=1,
            log_interval=5,
            average_epochs=2,
            max_skipped_share=1.0,
            spikes=SpikeRule(grace=5.0),
        ),
        members=tuple(
            Member(seed=seed, learning_rate=rate, weight_decay=0.01, dropout_rate=0.2, target=seed % 2)
            for seed, rate in enumerate((3e-2, 1e-2, 0.5))
        ),
        seed=0,
        x_NF=x_NF,
        y_NT=y_NT,
        train=range(0, 320),
        validation=range(320, 420),
    )


def outcome(fit: Fit, events: list[object]) -> bytes:
    """Everything that two equal fits have in common, but for the seconds they took."""
    figures = [repr(replace(event, seconds=0.0) if hasattr(event, "seconds") else event).encode() for event in events]
    weights = [value.tobytes() for part in (fit.best_parameters, fit.final_parameters) for value in part.values()]
    guards = repr(fit.guard_events).encode()
    history = [repr(replace(record, seconds=0.0)).encode() for record in fit.history]
    return b"".join([*weights, fit.best_epoch_M.tobytes(), guards, *history, *figures])


class Fits:
    """An uninterrupted fit of an engine, with the states it offered and the events after each of them."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.job = engine, job_with_everything()
        self.states: list[FitState] = []
        self.events_before: list[int] = []
        self.events: list[object] = []
        self.fit = engine.fit(self.job, on_event=self.events.append, offer=self._take)

    def _take(self, make: Callable[[], FitState]) -> None:
        self.states.append(make())
        self.events_before.append(len(self.events))

    def resumed_equals(self, cut: int, change: Callable[[FitState], FitState]) -> bool:
        """Whether a fit that goes on from a state, stored, changed and read back, ends as the whole one."""
        state = change(from_tree(to_tree(self.states[cut]), FitState))
        events: list[object] = []
        try:
            fit = self.engine.fit(self.job, on_event=events.append, state=state)
        except Exception:  # a broken state may end anyhow, if only it is seen
            return False
        return outcome(fit, events) == outcome(self.fit, self.events[self.events_before[cut] :])


def _packed(**changes: Callable[[FitState], object]) -> Callable[[FitState], FitState]:
    def change(state: FitState) -> FitState:
        changed = {name: make(state) for name, make in changes.items()}
        return replace(state, population=replace(state.population, **changed))  # type: ignore[arg-type]

    return change


def _zeros(name: str) -> Callable[[FitState], object]:
    return lambda state: np.zeros_like(getattr(state.population, name))


BROKEN: dict[str, Callable[[FitState], FitState]] = {
    "the weights of the beginning": _packed(parameters_MP=lambda state: state.rollback.epoch_start.parameters_MP),  # type: ignore[union-attr]
    "no first moment": _packed(first_moment_MP=_zeros("first_moment_MP")),
    "no second moment": _packed(second_moment_MP=_zeros("second_moment_MP")),
    "applied steps not counted": _packed(applied_M=_zeros("applied_M")),
    "one step too far": _packed(step_in_epoch=lambda state: state.population.step_in_epoch + 1),
    "members that had stopped train again": _packed(active_M=lambda state: np.ones(3, dtype=bool)),
    "no trail of losses": _packed(trail_MK=lambda state: empty_trails(3)),
    "best epochs forgotten": lambda state: replace(
        state, best=BestEpochs.before_training(state.best.parameters, members=3)
    ),
    "sums of the epoch forgotten": lambda state: replace(state, totals=Totals.zero(3)),
    "sums of the interval forgotten": lambda state: replace(state, interval=Totals.zero(3)),
    "history forgotten": lambda state: replace(state, history=()),
    "skipped steps forgotten": lambda state: replace(state, guard_events=()),
}


def resumed_trials(ground: Ground) -> Iterator[Trial]:
    """A fit is cut at a step it could be kept at, and goes on."""
    fits = [Fits(engine) for engine in ENGINES]
    number = 0
    while True:
        number += 1
        fit = fits[number % len(fits)]
        yield partial(_goes_on, fit, ground.chance.randrange(len(fit.states)))


def _goes_on(fits: Fits, cut: int) -> str | None:
    equal = fits.resumed_equals(cut, lambda state: state)
    return None if equal else f"{type(fits.engine).__name__}: cut {cut} ends elsewhere"


def broken_trials(ground: Ground) -> Iterator[Trial]:
    """One thing is left out of a state, at every cut of a fit; it must be seen at one of them."""
    del ground
    fits = Fits(ENGINES[0])
    assert not isinstance(fits.states[0].population, SerialState)
    while True:
        for name, change in BROKEN.items():
            yield partial(_seen, fits, name, change)


def _seen(fits: Fits, name: str, change: Callable[[FitState], FitState]) -> str | None:
    seen = any(not fits.resumed_equals(cut, change) for cut in range(3, len(fits.states), 4))
    return None if seen else f"{name}: no cut shows it"


class _Stopping:
    """Stops a run after some events."""

    def __init__(self, after: int) -> None:
        self._left = after

    def emit(self, event: RunEvent) -> None:
        if isinstance(event, LogLine):
            return
        self._left -= 1
        if not self._left:
            raise KeyboardInterrupt


def flipped_trials(ground: Ground) -> Iterator[Trial]:
    """A file that a stopped run kept is damaged: the run is refused, or ends with the bits of a whole one."""
    bars = load(ground.bars, ReadOptions()).bars
    stopped = ground.folder / "kept" / "stopped"
    with suppress(KeyboardInterrupt):
        pipeline.train_on_bars(bars, settings=SETTINGS, out=stopped, reporter=_Stopping(40), pace=EVERY_CHANCE)
    whole = (ground.run / "predictions.parquet").read_bytes()
    names = sorted(
        str(file.relative_to(stopped)) for file in stopped.rglob("*") if file.is_file() and file.stat().st_size
    )
    while True:
        yield partial(_flipped, ground, bars, stopped, ground.chance.choice(names), whole)


def _flipped(ground: Ground, bars: object, stopped: Path, name: str, whole: bytes) -> str | None:
    run = Path(shutil.copytree(stopped, ground.folder / "kept" / "tried"))
    what = damage(ground, run / name)
    try:
        pipeline.train_on_bars(bars, settings=SETTINGS, out=run, reporter=SILENT, resume=True)  # type: ignore[arg-type]
        verify(run)
        return None if (run / "predictions.parquet").read_bytes() == whole else f"{what}: another result"
    except TailproofError:
        return None
    except Exception as error:
        return f"{what}: {type(error).__name__}: {error}"
    finally:
        shutil.rmtree(run, ignore_errors=True)


PROMISES = (
    Promise(
        text="a fit cut at any step it is kept at goes on to the same bits (lanes, torch in turn and together)",
        count=80,
        trials=resumed_trials,
    ),
    Promise(text="deliberately broken ways to save or restore a fit are seen", count=len(BROKEN), trials=broken_trials),
    Promise(text="a damaged file of a stopped run is refused, or changes nothing", count=200, trials=flipped_trials),
)
