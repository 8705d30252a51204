"""A run that is asked to end by a signal keeps all that it has done, says so, and goes on to the same end."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from tests.resuming.test_stopped_anywhere import BARS, SETTINGS
from tests.support.same_run import assert_same_run

from tailproof import pipeline
from tailproof.core.errors import Terminated
from tailproof.core.events import LogLine, RunEvent, TrainingRecord
from tailproof.core.fit import EpochRecord
from tailproof.report import SILENT
from tailproof.runs.interrupts import Interrupts
from tailproof.runs.pace import Pace

NEVER_OTHERWISE = Pace(seconds_between=1e9, seconds_of_silence=1e9)
"""Nothing is kept but for the signal."""


class Signalling:
    """Sends this process a signal when the second fold has ended its first epoch."""

    def __init__(self, number: int) -> None:
        self.lines: list[str] = []
        self._number = number

    def emit(self, event: RunEvent) -> None:
        if isinstance(event, LogLine):
            self.lines.append(event.text)
        if isinstance(event, TrainingRecord) and event.fold == 2 and isinstance(event.record, EpochRecord):
            os.kill(os.getpid(), self._number)


@pytest.mark.parametrize(
    ("number", "error", "engine"),
    [
        (signal.SIGTERM, Terminated, "lanes"),
        (signal.SIGINT, KeyboardInterrupt, "torch"),
        (signal.SIGHUP, Terminated, "lanes"),
    ],
    ids=["TERM lanes", "INT torch", "HUP lanes"],
)
def test_all_is_kept(number: int, error: type[BaseException], engine: str, tmp_path: Path) -> None:
    settings = SETTINGS.replace(engine=engine, folds=2, placebos=1)
    out, reporter = tmp_path / "stopped" / "run", Signalling(number)
    before = signal.getsignal(number)
    with pytest.raises(error):
        pipeline.train_on_bars(BARS, settings=settings, out=out, reporter=reporter, pace=NEVER_OTHERWISE)
    assert signal.getsignal(number) is before
    assert reporter.lines[-1].startswith("Stopped. All but the last 0 s is kept")
    (line,) = (out.parent / "trials.jsonl").read_text().splitlines()
    assert json.loads(line)["result"]["stopped"] == error.__name__

    resumed = Signalling(signal.SIGCONT)
    pipeline.train_on_bars(BARS, settings=settings, out=out, reporter=resumed, pace=NEVER_OTHERWISE, resume=True)
    assert any("1 fold done, fold 2 in training" in text for text in resumed.lines)
    whole = tmp_path / "whole" / "run"
    pipeline.train_on_bars(BARS, settings=settings, out=whole, reporter=SILENT, pace=NEVER_OTHERWISE)
    assert_same_run(out, whole)


def test_a_termination_that_a_library_makes_an_interrupt_of_stays_one() -> None:
    def as_ray_does() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except KeyboardInterrupt:
            raise KeyboardInterrupt from None

    with pytest.raises(Terminated), Interrupts().handled():
        as_ray_does()


def test_an_interrupt_waits_only_so_long() -> None:
    def work_on() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        assert interrupts.requested
        while True:
            time.sleep(0.01)

    interrupts = Interrupts(seconds=0.05)
    with pytest.raises(Terminated), interrupts.handled(), interrupts.deferred():
        work_on()


def test_a_second_interrupt_is_raised_at_once() -> None:
    def interrupt_twice() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("the second interrupt was not raised")

    interrupts = Interrupts(seconds=60.0)
    with pytest.raises(KeyboardInterrupt), interrupts.handled(), interrupts.deferred():
        interrupt_twice()


def test_an_interrupt_that_nothing_answered_is_raised_at_the_end() -> None:
    interrupts = Interrupts(seconds=60.0)
    with pytest.raises(KeyboardInterrupt), interrupts.handled(), interrupts.deferred():
        os.kill(os.getpid(), signal.SIGINT)


def test_handlers_of_others_and_other_threads_are_left_alone() -> None:
    def own(number: int, frame: object) -> None:
        del number, frame

    before = signal.signal(signal.SIGTERM, own)
    try:
        with Interrupts().handled():
            assert signal.getsignal(signal.SIGTERM) is own
            assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        entered: list[bool] = []

        def enter() -> None:
            with Interrupts().handled():
                entered.append(True)

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        assert entered
    finally:
        signal.signal(signal.SIGTERM, before)
