"""``tailproof doctor``: what this machine offers."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from tailproof.cli.printing import show


def doctor() -> None:
    """Say which engine, instruction set and device this machine would train with."""
    from tailproof.engines.lanes import LanesEngine
    from tailproof.engines.lanes.instruction_sets import instruction_sets
    from tailproof.engines.torch.device import choose_device
    from tailproof.storage import describe_environment

    environment = describe_environment()
    packages = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    show(f"System        {environment['system']}, Python {environment['python']}")
    show(f"Packages      {packages}")
    show(f"Lanes engine  {LanesEngine().threads} threads")
    for each in instruction_sets():
        state = "runs" if each.chosen else "could run" if each.supported else "not on this processor"
        show(f"  {each.name:<12}{state}")
    show(f"Torch engine  {choose_device('auto')}")
    show(f"Ray           {_version('ray') or 'not installed (train --ray needs the extra ray)'}")
    for name, value in environment["variables"].items():
        show(f"  {name}={value}")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
