"""Which device torch trains on; CUDA and ROCm are one code path in torch."""

from __future__ import annotations

import torch

from tailproof.core.errors import ConfigError


def choose_device(name: str) -> torch.device:
    """The named device, or with ``auto`` the first of an accelerator and the CPU.

    Environment variables that steer the accelerator (HIP_VISIBLE_DEVICES, PYTORCH_ROCM_ARCH, PYTORCH_HIP_ALLOC_CONF,
    CUDA_VISIBLE_DEVICES) are read by torch itself and never changed here.

    Raises:
        ConfigError: torch does not know the device, or it is not there.
    """
    if name == "auto":
        return torch.device(next(iter(visible_accelerators()), "cpu"))
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ConfigError(
            f"device must be auto, cpu or a device that torch can reach, got {name} ({reason})."
        ) from error
    return device


def visible_accelerators() -> list[str]:
    """Names of the accelerators that torch sees, such as ``cuda:0``; CUDA and ROCm name them alike."""
    return [f"cuda:{number}" for number in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
