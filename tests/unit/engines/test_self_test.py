"""A device that is wrong, fails or hangs is named; the processor is sound."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from tailproof.cli.doctor import self_test_devices
from tailproof.cli.main import exit_codes
from tailproof.engines.self_test import (
    SECONDS_TO_END,
    AllReduce,
    DeviceReport,
    SelfTest,
    run_all_reduce,
    run_self_test,
    timed_all_reduce,
)

SOUND = DeviceReport(
    device="cuda:0",
    name="Fake 100",
    integrated=False,
    memory_bytes=8_000_000_000,
    product_difference=1e-6,
    norm_difference=1e-6,
    keeps_nan=True,
    weight_difference=1e-4,
    largest_difference=1e-5,
    rate=1e6,
    precision="bf16",
    lanes_rate=2e5,
)


def test_the_processor_is_sound() -> None:
    test = run_self_test("cpu", max_seconds=300.0)
    assert test.failure is None
    assert test.report is not None
    assert test.report.faults == ()
    assert 0.0 < test.report.weight_difference < 1e-2
    assert min(test.report.rate, test.report.lanes_rate) > 0.0


def test_a_device_that_is_not_there_is_named() -> None:
    test = run_self_test("quantum", max_seconds=300.0)
    assert test.report is None
    assert "quantum" in str(test.failure)


def test_a_hang_is_an_answer() -> None:
    test = run_self_test("cpu", max_seconds=0.01)
    assert (test.report, test.failure) == (None, "no answer within 0 s: the device or its driver hangs")
    together = run_all_reduce(["cpu", "cpu"], max_seconds=0.01)
    assert together == AllReduce(seconds=None, failure="no answer within 0 s: the path between the devices hangs")


def test_a_process_that_outlives_its_kill_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it does inside a driver that hangs."""
    waited: list[float | None] = []

    class Stuck:
        def __init__(self, command: list[str], **files: object) -> None:
            del command, files

        def wait(self, timeout: float | None = None) -> int:
            waited.append(timeout)
            raise subprocess.TimeoutExpired("stuck", timeout or 0.0)

        def poll(self) -> None:
            return None

        def kill(self) -> None:
            waited.append(-1.0)

    monkeypatch.setattr(subprocess, "Popen", Stuck)
    assert run_self_test("cuda:0", max_seconds=7.0).failure == "no answer within 7 s: the device or its driver hangs"
    assert waited == [7.0, -1.0, SECONDS_TO_END]


def test_a_sum_over_devices_is_timed() -> None:
    assert timed_all_reduce(["cpu", "cpu", "cpu"], megabytes=1) > 0.0


@pytest.mark.parametrize(
    ("summed", "line"),
    [
        (AllReduce(seconds=0.0125, failure=None), "All-reduce of 16 MB between 2 devices: 12.50 ms"),
        (AllReduce(seconds=None, failure="no answer within 9 s"), "between 2 devices: FAILED: no answer within 9 s"),
    ],
)
def test_doctor_says_how_devices_work_together(
    capsys: pytest.CaptureFixture[str], summed: AllReduce, line: str
) -> None:
    self_test_devices(
        ["cpu", "cuda:0", "cuda:1"],
        max_seconds=9.0,
        test_device=lambda device, *, max_seconds: SelfTest(device=device, seconds=1.0, report=SOUND, failure=None),
        all_reduce=lambda devices, *, max_seconds: summed,
    )
    assert line in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"product_difference": 0.1}, "a product is off by 1.0e-01"),
        ({"norm_difference": float("nan")}, "a LayerNorm is off by nan"),
        ({"keeps_nan": False}, "a NaN is lost"),
        ({"weight_difference": 0.5}, "trained weights are off by 50.0% of their way"),
    ],
)
def test_what_is_wrong_is_said(change: dict, fault: str) -> None:
    assert replace(SOUND, **change).faults == (fault,)


def test_doctor_ends_with_an_error_where_a_device_hangs(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = {
        "cpu": SelfTest(device="cpu", seconds=1.0, report=replace(SOUND, device="cpu"), failure=None),
        "cuda:0": SelfTest(device="cuda:0", seconds=1.0, report=replace(SOUND, integrated=True), failure=None),
        "cuda:1": SelfTest(device="cuda:1", seconds=9.0, report=None, failure="no answer within 9 s"),
    }
    with pytest.raises(SystemExit) as ended, exit_codes():
        self_test_devices(list(outcomes), max_seconds=9.0, test_device=lambda device, *, max_seconds: outcomes[device])
    captured = capsys.readouterr()
    assert ended.value.code == 1
    assert "cuda:1: FAILED after 9 s: no answer within 9 s" in captured.out
    assert "cuda:0: an integrated device beside others" in captured.out
    assert "but cuda:1 did not" in captured.err
