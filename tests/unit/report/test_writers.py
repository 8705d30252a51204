"""Curves leave a run without holding it up, whatever their writer does."""

import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tailproof.core.errors import ConfigError
from tailproof.core.events import RunStarted, StepsDone, TrainingRecord, VerdictReached, WindowStarted
from tailproof.core.fit import EpochRecord, IntervalRecord
from tailproof.report.writers import writers
from tailproof.report.writers.curves import Curves, Outcome, Point
from tailproof.report.writers.feed import Feed
from tailproof.report.writers.mlflow import refuse_silence
from tailproof.storage.manifest import CONFIG, LOG

RUN = RunStarted(name="run", model_steps=1, config={})
FOLD = WindowStarted(
    fold=1,
    folds=2,
    epochs=2,
    steps=50,
    members=2,
    networks=3,
    batch_size=16,
    constant_train_loss=0.2,
    constant_validation_loss=0.4,
)
INTERVAL = TrainingRecord(
    fold=1,
    record=IntervalRecord(
        epoch=1,
        step=100,
        learning_rate=0.001,
        loss_M=np.array([0.1, 0.3, np.nan]),
        grad_norm_mean_M=np.array([1.0, 3.0, np.inf]),
        grad_norm_max_M=np.array([4.0, 2.0, np.nan]),
        skipped_M=np.array([0, 1, 0]),
    ),
)
EPOCH = TrainingRecord(
    fold=0,
    record=EpochRecord(
        epoch=2,
        train_loss_M=np.array([0.3]),
        validation_loss_M=np.array([0.3]),
        validation_mae_M=np.array([0.2]),
        learning_rate=0.001,
        grad_norm_mean_M=np.array([1.0]),
        grad_norm_max_M=np.array([1.0]),
        skipped_M=np.array([0]),
        stopped_M=np.array([False]),
        seconds=1.5,
        steps=50,
    ),
)


class Spy:
    name = "spy"

    def __init__(self, *, fault: Exception | None = None, gate: threading.Event | None = None) -> None:
        self.fault, self.gate = fault, gate
        self.runs: list[RunStarted] = []
        self.batches: list[Sequence[Point]] = []
        self.ends: list[tuple[Outcome, Mapping[str, Any] | None]] = []

    def start(self, run: RunStarted) -> None:
        self.runs.append(run)

    def write(self, points: Sequence[Point]) -> None:
        if self.gate is not None:
            self.gate.wait()
        if self.fault is not None:
            raise self.fault
        self.batches.append(points)

    def finish(self, outcome: Outcome, verdict: Mapping[str, Any] | None) -> None:
        self.ends.append((outcome, verdict))


def test_points_are_means_of_the_members_beside_the_constant() -> None:
    curves = Curves()
    assert curves.points(FOLD, time=1.0) == []
    by_curve = {point.curve: point for point in curves.points(INTERVAL, time=2.0)}
    assert by_curve["train_loss"] == Point(part="fold-1", curve="train_loss", step=100, value=0.2, time=2.0)
    assert by_curve["train_skill"].value == pytest.approx(0.0)
    assert (by_curve["gradient_norm"].value, by_curve["gradient_norm_largest"].value) == (2.0, 4.0)
    assert by_curve["skipped_steps"].value == 1.0


def test_the_shipped_members_have_curves_of_their_own() -> None:
    curves = Curves()
    curves.points(FOLD, time=1.0)
    by_curve = {point.curve: (point.part, point.step, point.value) for point in curves.points(EPOCH, time=2.0)}
    assert by_curve["validation_loss"] == ("shipped", 100, 0.3)
    assert by_curve["validation_skill"][2] == pytest.approx(0.25)


def fill(feed: Feed, *, intervals: int) -> None:
    feed.emit(RUN)
    feed.emit(FOLD)
    for _ in range(intervals):
        feed.emit(INTERVAL)
        feed.emit(StepsDone(fold=1, model_steps=1))
    feed.emit(VerdictReached(verdict={"verdict": "skill"}))


def test_everything_arrives_in_batches_and_in_order() -> None:
    spy = Spy()
    feed = Feed(spy, seconds=0.05)
    fill(feed, intervals=500)
    feed.close("finished")
    assert sum(len(batch) for batch in spy.batches) == 500 * 6
    assert len(spy.batches) < 50
    assert spy.ends == [("finished", {"verdict": "skill"})]


def test_training_never_waits_for_a_writer() -> None:
    gate = threading.Event()
    feed = Feed(Spy(gate=gate), seconds=0.01, patience=0.2)
    for _ in range(10_000):  # would never end if it waited: the gate is shut
        fill(feed, intervals=1)
    gate.set()
    feed.close("finished")


def test_a_writer_that_fails_is_told_of_once_and_the_run_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    spy = Spy(fault=OSError("disk full"))
    feed = Feed(spy, seconds=0.01)
    fill(feed, intervals=3)
    feed.close("finished")
    feed.emit(INTERVAL)
    warning = capsys.readouterr().err
    assert warning.count("spy failed (OSError: disk full)") == 1
    assert spy.ends == []


def test_a_writer_that_never_answers_does_not_hold_the_end_up(capsys: pytest.CaptureFixture[str]) -> None:
    gate = threading.Event()
    feed = Feed(Spy(gate=gate), seconds=0.01, patience=0.1)
    fill(feed, intervals=3)
    feed.close("finished")
    assert "no answer for 0.1 s" in capsys.readouterr().err
    gate.set()


@pytest.mark.parametrize("package", ["tensorboard", "mlflow"])
def test_a_missing_package_is_named_with_its_extra(
    package: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    place = {"tensorboard": tmp_path / "events"} if package == "tensorboard" else {"mlflow": "http://127.0.0.1:9"}
    with pytest.raises(ConfigError, match=rf"pip install 'tailproof\[{package}\]'"), writers(tmp_path / "run", **place):  # type: ignore[arg-type]
        pass


def test_event_files_stay_out_of_the_run_folder(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError, match="would lie in the run folder"),
        writers(tmp_path / "es", tensorboard=tmp_path),
    ):
        pass


def test_event_files_stay_out_of_another_runs_folder(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for own in (CONFIG, LOG):
        (other / own).write_text("of the run")
    for folder in (other, other / "events"):
        with (
            pytest.raises(ConfigError, match=rf"event files would lie in the run folder {other},"),
            writers(tmp_path / "es", tensorboard=folder),
        ):
            pass
    assert {file.name for file in other.iterdir()} == {CONFIG, LOG}


def test_whoever_interrupts_a_run_does_not_wait_for_a_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailproof.report.writers.feed.SECONDS_TO_INTERRUPT", 0.05)
    gate = threading.Event()
    feed = Feed(Spy(gate=gate), seconds=0.01, patience=600.0)
    fill(feed, intervals=3)
    feed.close("interrupted")
    gate.set()


def test_a_fault_is_one_line_and_the_screen_no_reason_to_stop(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failed(fault: Exception) -> None:
        feed = Feed(Spy(fault=fault), seconds=0.01)
        fill(feed, intervals=1)
        feed.close("finished")

    failed(OSError("two\nlines \x1b[31m"))
    assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.setattr("sys.stderr", _Gone())
    failed(OSError("disk full"))


class _Gone:
    """A pipe whose reader has ended."""

    def write(self, text: str) -> None:
        raise BrokenPipeError(text)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:99999",
        "http://127.0.0.1:port",
        "http://[::1",
        "http://.example",
        "HTTP://127.0.0.1:1",
        "http://",
    ],
)
def test_an_address_where_nobody_can_be_is_refused_in_one_line(address: str) -> None:
    with pytest.raises(ConfigError, match="no server answers there") as refused:
        refuse_silence(address)
    assert "\n" not in str(refused.value)


def test_a_server_of_another_kind_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"220 a mail server\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(ConfigError, match="no server answers there"):
            refuse_silence(f"http://127.0.0.1:{server.getsockname()[1]}")
        thread.join()


def test_an_address_without_its_scheme_is_named() -> None:
    with pytest.raises(ConfigError, match=r"Did you mean http://127\.0\.0\.1:5123\?"):
        refuse_silence("127.0.0.1:5123")
