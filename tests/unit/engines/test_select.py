"""What was asked for, or the fastest of all that is there; never the slower."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.support.engine_jobs import small_job

from tailproof.core.errors import ConfigError, UnsupportedNetError
from tailproof.core.fit import EpochRecord, Fit, OnEvent
from tailproof.engines.candidates import Candidate
from tailproof.engines.distributed.device_pool import over_devices
from tailproof.engines.fit_state import FitState, OfferState
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.engines.lanes import LanesEngine
from tailproof.engines.select import (
    MIN_SECONDS_TO_COMPILE,
    EngineUsed,
    SoundDevices,
    choose_engine,
    fastest,
    measured_rate,
)
from tailproof.engines.torch import TorchEngine


class FakeAccelerator:
    """Says how long its steps took without taking them."""

    name, device_kind, precision = "torch", "cuda", "bf16"

    def __init__(self, *, seconds_per_step: float, trains_in_turn: bool = False) -> None:
        self.seconds_per_step, self.trains_in_turn = seconds_per_step, trains_in_turn
        self.members_seen: set[int] = set()

    def fit(
        self, job: TrainingJob, *, on_event: OnEvent, state: FitState | None = None, offer: OfferState | None = None
    ) -> Fit:
        members = len(job.members)
        self.members_seen.add(members)
        turns = members if self.trains_in_turn else 1
        value_M = np.zeros(members)
        record = EpochRecord(
            epoch=1, train_loss_M=value_M, validation_loss_M=value_M, validation_mae_M=value_M,
            learning_rate=0.0, grad_norm_mean_M=value_M,
            grad_norm_max_M=value_M, skipped_M=value_M, stopped_M=value_M > 1, steps=job.steps_per_epoch,
            seconds=self.seconds_per_step * job.steps_per_epoch * turns,
        )  # fmt: skip
        return Fit(engine="torch", best_parameters={}, final_parameters={}, best_epoch_M=value_M, history=(record,))


class Broken(FakeAccelerator):
    def fit(self, job: TrainingJob, **how: object) -> Fit:
        raise RuntimeError("HIP error: out of memory\nmore")


class TooWide(FakeAccelerator):
    def fit(self, job: TrainingJob, **how: object) -> Fit:
        raise UnsupportedNetError("the network is too wide.")


def candidates(**engines: object) -> list[Candidate]:
    return [Candidate(engine=engine, description=name) for name, engine in engines.items()]


@pytest.mark.parametrize("name", ["lanes", "torch"])
def test_the_engine_that_was_asked_for(name: str) -> None:
    choice = choose_engine(small_job(), name=name, device="cpu", threads=1)
    assert choice.engine.name == name
    assert "as asked" in choice.reason


@pytest.mark.parametrize(
    ("seconds_per_step", "expected"),
    [((1.0, 0.1, 0.2), "gpu0"), ((0.01, 0.1, 0.2), "lanes"), ((1.0, 0.3, 0.2), "both")],
)
def test_the_slower_is_never_taken_and_every_rate_is_stated(seconds_per_step: Sequence[float], expected: str) -> None:
    lanes, gpu0, both = (FakeAccelerator(seconds_per_step=seconds) for seconds in seconds_per_step)
    choice = fastest(small_job(members=8), candidates(lanes=lanes, gpu0=gpu0, both=both), rate_of=measured_rate)
    assert choice.reason.startswith(f"Engine: {expected}, the fastest of what is here")
    for name, seconds in zip(("lanes", "gpu0", "both"), seconds_per_step, strict=True):
        assert f"{name} ran {8 / seconds:,.0f} model-steps/s" in choice.reason


def test_a_population_is_measured_whole_and_a_serial_engine_on_one_member() -> None:
    together = FakeAccelerator(seconds_per_step=0.1)
    in_turn = FakeAccelerator(seconds_per_step=0.1, trains_in_turn=True)
    job = small_job(members=8)
    assert measured_rate(together, job) == pytest.approx(80.0)
    assert measured_rate(in_turn, job) == pytest.approx(10.0)
    assert (together.members_seen, in_turn.members_seen) == ({8}, {1})


def test_what_fails_is_named_and_not_taken() -> None:
    slow = FakeAccelerator(seconds_per_step=5.0)
    choice = fastest(
        small_job(),
        candidates(lanes=TooWide(seconds_per_step=0.1), gpu0=Broken(seconds_per_step=0.1), cpu=slow),
        rate_of=measured_rate,
    )
    assert choice.engine is slow
    assert "lanes cannot: the network is too wide; gpu0 cannot: HIP error: out of memory; cpu ran" in choice.reason
    with pytest.raises(ConfigError, match="no engine can train this job"):
        fastest(small_job(), candidates(gpu0=Broken(seconds_per_step=0.1)), rate_of=measured_rate)


@pytest.mark.parametrize("faster", ["lanes", "torch"])
def test_auto_measures_lanes_beside_torch(faster: str) -> None:
    def rate_of(engine: Engine, job: TrainingJob) -> float:
        assert len(job.members) == 8
        return 4000.0 if engine.name == faster else 1000.0

    choice = choose_engine(small_job(members=8), name="auto", device="auto", threads=1, rate_of=rate_of)
    assert choice.engine.name == faster
    assert "4,000" in choice.reason
    assert "1,000" in choice.reason


def test_auto_leaves_an_accelerator_alone_that_is_not_sound() -> None:
    finding = "cuda:0 failed its self-test (no answer within 120 s)"
    choice = choose_engine(
        small_job(),
        name="auto",
        device="auto",
        threads=1,
        rate_of=lambda engine, _: 2.0 if engine.name == "torch" else 1.0,
        accelerators=["cuda:0"],
        find_sound=lambda devices: SoundDevices(names=(), findings=tuple(finding for _ in devices)),
    )
    assert choice.engine.name == "torch"
    assert choice.engine.device_kind == "cpu"
    assert choice.reason.endswith(f"{finding}.")


def test_several_processes_take_no_device_where_one_is_not_sound() -> None:
    """Each takes the device of its own number, the one that hangs too."""
    choice = choose_engine(
        small_job(),
        name="auto",
        device="auto",
        threads=1,
        share_devices=False,
        rate_of=lambda engine, _: 1.0,
        accelerators=["cuda:0", "cuda:1"],
        find_sound=lambda devices: SoundDevices(names=devices[:1], findings=("cuda:1 failed its self-test",)),
    )
    assert choice.engine.device_kind == "cpu"
    assert "cuda:1 failed its self-test. Several processes take the devices by their numbers" in choice.reason


STEPS_TOO_FEW, STEPS_ENOUGH = 1000 * int(MIN_SECONDS_TO_COMPILE) - 1, 1000 * int(MIN_SECONDS_TO_COMPILE)


class Rates:
    """Says that eager steps run at 1,000 model-steps a second, and compiled ones at ``compiled``."""

    def __init__(self, compiled: float | Exception) -> None:
        self.compiled, self.asked = compiled, []

    def __call__(self, engine: Engine, job: TrainingJob) -> float:
        self.asked.append(getattr(engine, "steps_are_compiled", False))
        if engine.name == "lanes" or not self.asked[-1]:
            return 500.0 if engine.name == "lanes" else 1000.0
        if isinstance(self.compiled, Exception):
            raise self.compiled
        return self.compiled


def choose(rates: Rates, *, name: str = "torch", **how: object) -> object:
    options = {"model_steps": STEPS_ENOUGH, "precision": "bf16", **how}
    return choose_engine(small_job(), name=name, device="cpu", threads=1, rate_of=rates, **options)


@pytest.mark.parametrize("name", ["torch", "auto"])
@pytest.mark.parametrize(("rate", "kept"), [(2000.0, True), (900.0, False)])
def test_steps_are_compiled_where_that_measures_faster(name: str, rate: float, kept: bool) -> None:
    choice = choose(Rates(rate), name=name)
    assert choice.engine.steps_are_compiled is kept
    assert choice.used == EngineUsed(name="torch", devices=("cpu",), compiled=kept)
    assert choice.reason.startswith(f"Engine: torch on cpu (bf16{', compiled' * kept}), ")
    assert (
        "ran 1,000 model-steps/s; torch on cpu (bf16, compiled) ran " + f"{rate:,.0f} model-steps/s." in choice.reason
    )


@pytest.mark.parametrize("name", ["torch", "auto"])
def test_nothing_is_compiled_for_a_run_that_is_too_short_for_it(name: str) -> None:
    rates = Rates(2000.0)
    choice = choose(rates, name=name, model_steps=STEPS_TOO_FEW)
    assert not any(rates.asked)
    assert not choice.engine.steps_are_compiled
    assert "compiled" not in choice.reason


def test_members_that_train_in_turn_are_neither_measured_nor_compiled() -> None:
    rates = Rates(2000.0)
    assert choose(rates, precision="fp32").reason == "Engine: torch on cpu (fp32), as asked."
    assert rates.asked == []


def test_why_torch_cannot_compile_is_said() -> None:
    choice = choose(Rates(RuntimeError("InvalidCxxCompiler: No working C++ compiler found\nmore")))
    assert not choice.engine.steps_are_compiled
    assert "cannot be compiled: InvalidCxxCompiler: No working C++ compiler found." in choice.reason


def test_why_steps_are_not_captured_is_said() -> None:
    def rate_of(engine: TorchEngine, job: TrainingJob) -> float:
        engine.why_not_captured = "HIP error: not supported"
        return 1.0

    choice = choose(rate_of, model_steps=1)
    assert choice.reason.endswith("it ran 1 model-steps/s (without a graph: HIP error: not supported).")


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("devices", [("cpu",), ("cpu", "cpu")])
def test_a_resumed_run_goes_on_with_what_it_used(compiled: bool, devices: tuple[str, ...]) -> None:
    """Its bits depend on it, and another measurement could end otherwise."""
    stored = EngineUsed(name="torch", devices=devices, compiled=compiled)
    choice = choose_engine(
        small_job(),
        name="auto",
        device="auto",
        threads=1,
        precision="bf16",
        stored=stored,
        rate_of=lambda engine, _: pytest.fail("nothing is measured"),
        find_sound=lambda names: pytest.fail("nor tested"),
    )
    assert choice.used == stored
    assert "as before the run was stopped" in choice.reason


def test_a_resumed_run_of_lanes_stays_with_lanes() -> None:
    choice = choose_engine(
        small_job(), name="auto", device="auto", threads=1, stored=EngineUsed(name="lanes"), accelerators=["cuda:0"]
    )
    assert choice.engine.name == "lanes"


def test_measuring_leaves_the_job_as_it_was() -> None:
    job = small_job()
    x_NF = job.x_NF.copy()
    assert measured_rate(LanesEngine(threads=1), job) > 0.0
    np.testing.assert_array_equal(job.x_NF, x_NF)


def devices(count: int) -> list[Engine]:
    return [TorchEngine(device="cpu", together=True) for _ in range(count)]


def test_devices_that_share_the_members_train_what_one_trains() -> None:
    job = small_job(members=5, dropout_rate=0.2, epochs=2)
    alone = devices(1)[0].fit(job, on_event=lambda event: None)
    events: list = []
    shared = over_devices(devices(3)).fit(job, on_event=events.append)
    for name, value in alone.final_parameters.items():
        np.testing.assert_allclose(shared.final_parameters[name], value, atol=1e-5)
    assert [record.epoch for record in shared.history] == [1, 2]
    assert all(len(event.loss_M if hasattr(event, "loss_M") else event.train_loss_M) == 5 for event in events)


def test_an_error_on_one_device_reaches_the_caller() -> None:
    job = small_job(members=4)
    bad = replace(job, y_NT=np.full_like(job.y_NT, np.nan))
    with pytest.raises(Exception, match="of an epoch's steps may be skipped"):
        over_devices(devices(2)).fit(bad, on_event=lambda event: None)
