"""Accelerators that have passed the self-test: ``auto`` takes no other, so that one that hangs cannot hang a run."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from tailproof.arrays.scratch import cache_folder
from tailproof.core.codec import from_tree, to_tree
from tailproof.core.errors import RunFolderError
from tailproof.engines.select import SoundDevices
from tailproof.engines.self_test import VARIABLES, SelfTest, run_self_test
from tailproof.storage.atomic import write_atomic
from tailproof.storage.environment import package_version
from tailproof.storage.json_file import read_json, sealed, unsealed

MAX_SECONDS = 120.0
"""How long the test of one device may take before it counts as hung."""
SECONDS_UNTIL_RETRY = 3600.0
"""How long a failed test stands: the device's memory may have been taken for a moment. One that hangs then costs at
most a thirtieth of the time."""
DRIVERS = (Path("/proc/driver/nvidia/version"), Path("/sys/module/amdgpu/version"), Path("/proc/version"))
"""Files that name the version of an accelerator's driver; that of AMD may be part of the kernel."""

TestDevice = Callable[..., SelfTest]
"""Tests a device, given ``max_seconds``."""


def sound_devices(
    devices: Sequence[str], *, test_device: TestDevice | None = None, folder: Path | None = None
) -> SoundDevices:
    """The devices that pass the self-test, by a stored result where there is one.

    Each device is tried once with one version of torch and of the driver and the same environment variables, in a
    process of its own that may hang. One that failed is tried again after an hour, or by ``tailproof doctor
    --self-test``.

    Args:
        devices: by torch's names.
        test_device: tests one; by default ``run_self_test``.
        folder: where results are stored; by default the cache folder. If it cannot be written, each run tests anew.
    """
    test_device = test_device or run_self_test
    tests = []
    for device in devices:
        test = stored_test(device, folder=folder)
        if test is None:
            test = test_device(device, max_seconds=MAX_SECONDS)
            store_test(test, folder=folder)
        tests.append(test)
    return SoundDevices(
        names=tuple(test.device for test in tests if not test.faults),
        findings=tuple(
            f"{test.device} failed its self-test ({'; '.join(test.faults)}), which tailproof doctor --self-test repeats"
            for test in tests
            if test.faults
        ),
    )


def stored_test(device: str, *, folder: Path | None = None, now: Callable[[], float] = time.time) -> SelfTest | None:
    """The result of the device's last test on this machine; None where there is none that can be read and holds."""
    try:
        stored = unsealed(read_json(_path(device, folder)))
        test = from_tree(stored["test"], SelfTest)
        holds = not test.faults or 0.0 <= now() - stored["time"] <= SECONDS_UNTIL_RETRY
        return test if holds and stored["circumstances"] == circumstances() else None
    except (RunFolderError, ValueError, KeyError, TypeError):
        return None


def store_test(test: SelfTest, *, folder: Path | None = None) -> None:
    """Keep a result for ``sound_devices``; a folder that cannot be written keeps none, and the test is repeated."""
    path = _path(test.device, folder)
    text = json.dumps(sealed({"circumstances": circumstances(), "time": time.time(), "test": to_tree(test)}))
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, text.encode())


def _path(device: str, folder: Path | None) -> Path:
    return (cache_folder() if folder is None else folder) / "devices" / f"{device.replace(':', '-')}.json"


def circumstances(drivers: Sequence[Path] = DRIVERS) -> dict[str, str | None]:
    """What a result holds for: another torch, another driver or other visible devices may give another one."""
    versions = {str(path): path.read_text() if path.is_file() else None for path in drivers}
    return {"torch": package_version("torch"), **versions, **{name: os.environ.get(name) for name in VARIABLES}}
