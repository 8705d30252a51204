"""The precision in which torch multiplies."""

from __future__ import annotations

import torch

from tailproof.models.network import Precision
from tailproof.settings.running_settings import PrecisionChoice

DTYPES: dict[Precision, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16}


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """Products in this precision inside the block; weights, norms and sums stay in single precision."""
    dtype = DTYPES.get(precision)
    return torch.autocast(device.type, dtype=dtype or torch.bfloat16, enabled=dtype is not None)


LOSS_SCALES: dict[Precision, float] = {"fp32": 1.0, "bf16": 1.0, "fp16": 1024.0}
"""Half precision holds nothing below 6e-8, so that the loss is multiplied before gradients are taken, and they are
divided by as much (Micikevicius et al. 2018, "Mixed Precision Training", section 3.2). The factor is constant: the
slopes of the losses are bounded. A step whose gradient overflows all the same is skipped like any other that is not
finite, and does not advance the schedule."""


def resolved(choice: PrecisionChoice, device: torch.device) -> Precision:
    """The precision that was asked for; ``auto`` is bf16 on accelerators and single precision on the CPU."""
    if choice != "auto":
        return choice
    return "fp32" if device.type == "cpu" else "bf16"
