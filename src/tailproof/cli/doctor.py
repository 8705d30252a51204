"""``tailproof doctor``: the engines and devices of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tailproof.cli.printing import show
from tailproof.core.errors import WorkerError

if TYPE_CHECKING:
    from tailproof.engines.self_test import AllReduce, SelfTest


def doctor(*, self_test: Annotated[bool, Parameter(negative=())] = False, max_seconds: float = 120.0) -> None:
    """Say which engine, instruction set and device this machine would train with.

    Parameters
    ----------
    self_test
        Also try every device in a process of its own: products and norms against double precision, NaN, and 64
        networks trained beside the lanes engine. A device that is wrong, fails or hangs ends the command with code 1,
        and ``train`` does not take it by itself.
    max_seconds
        How long the test of one device may take before it counts as hung.
    """
    from tailproof.engines.candidates import is_torch_installed
    from tailproof.engines.lanes import LanesEngine
    from tailproof.engines.lanes.instruction_sets import instruction_sets
    from tailproof.storage.environment import describe_environment, package_version

    environment = describe_environment()
    packages = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    show(f"System        {environment['system']}, Python {environment['python']}")
    show(f"Packages      {packages}")
    show(f"Lanes engine  {LanesEngine().threads} threads")
    for each in instruction_sets():
        state = "runs" if each.chosen else "could run" if each.supported else "not on this processor"
        show(f"  {each.name:<12}{state}")
    accelerators = _accelerators() if is_torch_installed() else []
    devices = ", ".join(accelerators) or "cpu"
    show(f"Torch engine  {devices if is_torch_installed() else 'not installed (the extra torch)'}")
    show(f"Ray           {package_version('ray') or 'not installed (--ray needs the extra ray)'}")
    for name, value in environment["variables"].items():
        show(f"  {name}={value}")
    if self_test:
        self_test_devices(["cpu", *accelerators], max_seconds=max_seconds)


def self_test_devices(
    devices: Sequence[str],
    *,
    max_seconds: float,
    test_device: Callable[..., SelfTest] | None = None,
    all_reduce: Callable[..., AllReduce] | None = None,
) -> None:
    """Test each device, print the result, and store it for ``train``, which takes no device that failed by itself.

    Args:
        devices: by torch's names, the CPU first.
        max_seconds: how long the test of one may take.
        test_device: tests a device, given ``max_seconds``; by default ``run_self_test``.
        all_reduce: sums over devices, given ``max_seconds``; by default ``run_all_reduce``.

    Raises:
        WorkerError: a device cannot be trusted.
    """
    from tailproof.engines.self_test import VARIABLES, run_all_reduce, run_self_test
    from tailproof.runs.sound_devices import store_test

    test_device = test_device or run_self_test
    show("\nEnvironment variables that matter:")
    for name, what in VARIABLES.items():
        show(f"  {name:<25}{os.environ.get(name, 'not set'):<10}{what}")
    show("\nSelf-test:")
    tests = []
    for device in devices:
        tests.append(test_device(device, max_seconds=max_seconds))
        store_test(tests[-1])
        show(f"  {_line(tests[-1])}")
    integrated = [each.device for each in tests if each.report is not None and each.report.integrated]
    if integrated and len(devices) > 2:
        show(
            f"  {', '.join(integrated)}: an integrated device beside others. ROCm has hung on such: leave it out with "
            "HIP_VISIBLE_DEVICES."
        )
    sound = [each.device for each in tests[1:] if not each.faults]
    if len(sound) > 1:
        summed = (all_reduce or run_all_reduce)(sound, max_seconds=max_seconds)
        outcome = f"FAILED: {summed.failure}" if summed.seconds is None else f"{1e3 * summed.seconds:.2f} ms"
        show(f"  All-reduce of 16 MB between {len(sound)} devices: {outcome}")
    bad = [each.device for each in tests if each.faults]
    if bad:
        raise WorkerError(
            f"every device must pass the self-test, but {', '.join(bad)} did not. Train with --device or --engine on "
            "another, or hide the device with CUDA_VISIBLE_DEVICES or HIP_VISIBLE_DEVICES."
        )


def _line(test: SelfTest) -> str:
    report = test.report
    if report is None:
        return f"{test.device}: FAILED after {test.seconds:.0f} s: {test.failure}"
    outcome = "sound" if not report.faults else f"WRONG: {'; '.join(report.faults)}"
    memory = "" if report.memory_bytes is None else f", {report.memory_bytes / 1e9:.1f} GB free"
    return (
        f"{test.device} ({report.name}{memory}): {outcome}. Largest difference of a product "
        f"{report.product_difference:.1e}, of a norm {report.norm_difference:.1e}; 64 networks trained beside lanes "
        f"differ by {report.weight_difference:.2%} of their way, a weight by at most {report.largest_difference:.1e}; "
        f"{report.rate:,.0f} model-steps/s in "
        f"{report.precision} beside {report.lanes_rate:,.0f} of lanes"
    )


def _accelerators() -> list[str]:
    from tailproof.engines.torch.device import visible_accelerators

    return visible_accelerators()
