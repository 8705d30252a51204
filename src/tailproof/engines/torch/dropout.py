"""The counter-based dropout numbers of the lanes engine, computed on the device.

The formulas are those of ``src/native/lanes/random.hpp``: a 64-bit key of member and step, and from it 16 bits for each
unit and row. Integers of the device have 64 bits and wrap around, so that 32-bit products only have to be masked.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tailproof.core.randomness import counter_key
from tailproof.engines.interface import Member

LOW_32 = 0xFFFFFFFF


class DropoutNumbers:
    """Which values of a step each member keeps.

    Args:
        members: with their seeds and rates.
        device: where the numbers are made.
    """

    def __init__(self, members: Sequence[Member], device: torch.device) -> None:
        rate_M = torch.tensor([member.dropout_rate for member in members], dtype=torch.float32)
        self.any = bool((rate_M > 0.0).any())
        self._key_M = torch.tensor(
            [_signed(counter_key(member.seed, "dropout")) for member in members], dtype=torch.int64, device=device
        )
        self._threshold_M = (rate_M * 65536.0 + 0.5).to(torch.int64).to(device)
        self._scale_M = (1.0 / (1.0 - rate_M)).to(device)

    def factors(self, step_1: Tensor, *, first_unit: int, units: int, rows: int) -> Tensor:
        """Factors (members, rows, units) on the values of a layer: 0, or what makes up for those that are 0.

        Args:
            step_1: the step (int64), counted over all epochs from 0.
            first_unit: units of the dropout layers before this one.
            units: width of this layer.
            rows: of the batch.
        """
        key_M = _mixed(self._key_M + _signed(0x9E3779B97F4A7C15) * (step_1 + 1))
        low_M11 = (key_M & LOW_32)[:, None, None]
        high_M11 = ((key_M >> 32) & LOW_32)[:, None, None]
        unit_U = torch.arange(first_unit, first_unit + units, device=key_M.device)
        pair_P1 = torch.arange((rows + 1) // 2, device=key_M.device)[:, None]
        x_MPU = ((unit_U << 16) + pair_P1 + low_M11) & LOW_32
        x_MPU = ((x_MPU ^ (x_MPU >> 16)) * 0x7FEB352D) & LOW_32
        x_MPU = x_MPU ^ high_M11
        x_MPU = ((x_MPU ^ (x_MPU >> 15)) * 0x846CA68B) & LOW_32
        x_MPU = x_MPU ^ (x_MPU >> 16)
        number_MNU = torch.stack([x_MPU & 0xFFFF, x_MPU >> 16], dim=2).flatten(1, 2)[:, :rows]
        kept_MNU = number_MNU >= self._threshold_M[:, None, None]
        return torch.where(kept_MNU, self._scale_M[:, None, None], 0.0)


def _signed(number: int) -> int:
    """The signed 64-bit integer with the bits of an unsigned one."""
    return number - (1 << 64) if number >= 1 << 63 else number


def _shifted(x: Tensor, bits: int) -> Tensor:
    """Shift to the right and fill with zeros, which ``>>`` of signed integers does not."""
    return (x >> bits) & ((1 << (64 - bits)) - 1)


def _mixed(x: Tensor) -> Tensor:
    x = (x ^ _shifted(x, 30)) * _signed(0xBF58476D1CE4E5B9)
    x = (x ^ _shifted(x, 27)) * _signed(0x94D049BB133111EB)
    return x ^ _shifted(x, 31)
