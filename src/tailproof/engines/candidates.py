"""The engines that could train a job on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tailproof.core.counted import counted
from tailproof.core.extras import extra
from tailproof.core.surface import setting
from tailproof.engines.interface import Engine
from tailproof.settings.running_settings import PrecisionChoice

if TYPE_CHECKING:
    from tailproof.engines.torch import TorchEngine


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An engine that could train the job."""

    engine: Engine
    description: str
    """Name of the candidate, such as ``torch on cuda:0``."""
    torch_engines: tuple[TorchEngine, ...] = ()
    """The torch engine of each device; none where torch does not train."""

    @property
    def devices(self) -> tuple[str, ...]:
        """Torch's names of the devices; none where torch does not train."""
        return tuple(str(engine.device) for engine in self.torch_engines)

    @property
    def compiles(self) -> bool:
        """Whether its steps can be compiled, as those of members that train together can."""
        return bool(self.torch_engines) and not self.engine.trains_in_turn

    @property
    def uncaptured(self) -> str:
        """In brackets, why the steps of a fit were not captured in a graph; empty where nothing kept them from it."""
        reasons = {each.why_not_captured: None for each in self.torch_engines if each.why_not_captured is not None}
        return f" (without a graph: {'; '.join(reasons)})" if reasons else ""

    def compiled(self) -> Candidate:
        """The same candidate with compiled steps."""
        return on_torch([each.compiled() for each in self.torch_engines])


def on_lanes(threads: int | None, seconds_per_call: float | None = None) -> Candidate:
    """The lanes engine; see ``LanesEngine``."""
    from tailproof.engines.lanes import LanesEngine
    from tailproof.engines.lanes.instruction_sets import chosen_instruction_set

    engine = LanesEngine(threads=threads, seconds_per_call=seconds_per_call)
    threads_used = counted(engine.threads, "thread")
    return Candidate(engine=engine, description=f"lanes ({chosen_instruction_set()}, {threads_used})")


def on_torch(engines: Sequence[TorchEngine]) -> Candidate:
    """Torch on one device, or on several that share the members."""
    first = engines[0]
    devices = " and ".join(str(engine.device) for engine in engines)
    how = f"{first.precision}, compiled" if first.steps_are_compiled else first.precision
    description = f"torch on {devices} ({how})"
    if len(engines) == 1:
        return Candidate(engine=first, description=description, torch_engines=(first,))
    from tailproof.engines.distributed.device_pool import over_devices

    return Candidate(engine=over_devices(engines), description=description, torch_engines=tuple(engines))


def torch_candidates(
    device: str, accelerators: Sequence[str], *, precision: PrecisionChoice, share_devices: bool
) -> list[Candidate]:
    """Torch on the named device; for ``auto`` on each accelerator, and on all of them at once where members are shared.

    The last one uses the most devices; for ``auto`` without any accelerator it is the CPU.

    Raises:
        ConfigError: the device is not there, or torch is not installed.
    """
    with _needs_torch(device):
        from tailproof.engines.torch import TorchEngine

    usable = list(accelerators) if device == "auto" else []
    names = usable if usable and share_devices else usable[:1] or [device if device != "auto" else "cpu"]
    engines = [TorchEngine(device=each, precision=precision) for each in names]
    single = [on_torch([engine]) for engine in engines]
    return single if len(engines) == 1 else [*single, on_torch(engines)]


def refuse_without_torch(name: str, device: str) -> None:
    """Raise ConfigError where an engine or a device asks for torch and it is not installed: before bars are read."""
    if name != "lanes" and (name == "torch" or device not in ("auto", "cpu")) and not is_torch_installed():
        with _needs_torch(device):
            import torch  # noqa: F401


def is_torch_installed() -> bool:
    """Whether the torch engine is available; torch itself is not imported."""
    return find_spec("torch") is not None


def visible_devices(device: str) -> list[str]:
    """All accelerators that torch sees, where the device is left to the program."""
    if device != "auto":
        return []
    with _needs_torch(device):
        from tailproof.engines.torch.device import visible_accelerators
    return visible_accelerators()


def _needs_torch(device: str) -> AbstractContextManager[None]:
    needed_by = setting("engine", "torch") if device in ("auto", "cpu") else setting("device", device)
    return extra("torch", needed_by=needed_by)
