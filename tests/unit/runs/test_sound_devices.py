"""Which accelerators may train without being named."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.unit.engines.test_self_test import SOUND

from tailproof.engines.self_test import SelfTest
from tailproof.runs.sound_devices import SECONDS_UNTIL_RETRY, circumstances, sound_devices, store_test, stored_test


def sound(device: str, *, max_seconds: float) -> SelfTest:
    return SelfTest(device=device, seconds=1.0, report=SOUND, failure=None)


def hung(device: str, *, max_seconds: float) -> SelfTest:
    return SelfTest(device=device, seconds=max_seconds, report=None, failure="the driver hangs")


def test_a_result_is_stored_and_read_back(tmp_path: Path) -> None:
    for test in (sound("cuda:0", max_seconds=1.0), hung("cuda:1", max_seconds=1.0)):
        store_test(test, folder=tmp_path)
        assert stored_test(test.device, folder=tmp_path) == test


def test_a_sound_device_is_tried_once(tmp_path: Path) -> None:
    assert sound_devices(["cuda:0"], test_device=sound, folder=tmp_path).names == ("cuda:0",)
    assert sound_devices(["cuda:0"], test_device=hung, folder=tmp_path).names == ("cuda:0",)


def test_what_fails_is_left_out_and_said(tmp_path: Path) -> None:
    store_test(hung("cuda:1", max_seconds=1.0), folder=tmp_path)
    devices = sound_devices(["cuda:0", "cuda:1"], test_device=sound, folder=tmp_path)
    assert devices.names == ("cuda:0",)
    assert devices.findings == (
        "cuda:1 failed its self-test (the driver hangs), which tailproof doctor --self-test repeats",
    )


def test_other_visible_devices_need_another_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_test(sound("cuda:0", max_seconds=1.0), folder=tmp_path)
    monkeypatch.setenv("HIP_VISIBLE_DEVICES", "1")
    assert stored_test("cuda:0", folder=tmp_path) is None


def test_a_failed_test_stands_for_an_hour(tmp_path: Path) -> None:
    store_test(hung("cuda:1", max_seconds=1.0), folder=tmp_path)
    store_test(sound("cuda:0", max_seconds=1.0), folder=tmp_path)
    later = time.time() + SECONDS_UNTIL_RETRY + 1.0
    assert stored_test("cuda:1", folder=tmp_path) is not None
    assert stored_test("cuda:1", folder=tmp_path, now=lambda: later) is None
    assert stored_test("cuda:1", folder=tmp_path, now=lambda: 0.0) is None, "the clock was set back"
    assert stored_test("cuda:0", folder=tmp_path, now=lambda: later) is not None


def test_another_driver_is_another_circumstance(tmp_path: Path) -> None:
    driver = tmp_path / "version"
    found = []
    for version in ("550.1", "560.2"):
        driver.write_text(version)
        found.append(circumstances([driver, tmp_path / "missing"]))
    assert found[0] != found[1]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"circumstances": {}}', "\x00"])
def test_a_damaged_result_is_none(tmp_path: Path, text: str) -> None:
    store_test(sound("cuda:0", max_seconds=1.0), folder=tmp_path)
    (tmp_path / "devices" / "cuda-0.json").write_text(text)
    assert stored_test("cuda:0", folder=tmp_path) is None


def test_a_folder_that_cannot_be_written_stores_nothing(tmp_path: Path) -> None:
    (tmp_path / "devices").write_text("a file where the folder should be")
    assert sound_devices(["cuda:0"], test_device=sound, folder=tmp_path).names == ("cuda:0",)
    assert sound_devices(["cuda:0"], test_device=hung, folder=tmp_path).names == ()
