"""The rule of ``engines.spike_rule`` on tensors: nothing is read back from the device."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tailproof.engines.spike_rule import TRAIL_LENGTH, SpikeRule


class SpikeGuard:
    """The trails of members whose losses come side by side.

    Args:
        rule: when a step is a spike.
        members: how many.
        device: where the losses are.
    """

    def __init__(self, rule: SpikeRule, *, members: int, device: torch.device) -> None:
        self._rule = rule
        self.trail_KM = torch.zeros(TRAIL_LENGTH, members, device=device)

    def judge(self, loss_M: Tensor, norm_M: Tensor) -> Tensor:
        """Whether the step is a spike, by member (bool); the trails take it in."""
        rule, value_2M = self._rule, torch.stack([loss_M, norm_M])
        if rule.limit <= 0.0:
            return torch.zeros_like(loss_M, dtype=torch.bool)
        counts_M = (torch.isfinite(value_2M) & (value_2M > 0.0)).all(dim=0)
        level_2M = value_2M.view(torch.int32).float() * 2.0**-23 - 127.0
        seen_M, center_2M, scale_2M = self.trail_KM[0], self.trail_KM[1::2], self.trail_KM[2::2]
        unit_2M = scale_2M.clamp(min=rule.floor)
        distance_2M = level_2M - center_2M
        worst_M = (distance_2M / unit_2M).amax(dim=0)
        spiked_M = counts_M & (worst_M > rule.limit) & (seen_M >= rule.grace)
        moved_2M = distance_2M.clamp(-unit_2M * rule.bound, unit_2M * rule.bound)
        share_M = (1.0 / (seen_M + 1.0)).clamp(min=1.0 / rule.window)
        first_M = seen_M == 0.0
        next_center_2M = torch.where(first_M, level_2M, center_2M + share_M * moved_2M)
        next_scale_2M = torch.where(first_M, 1.0, scale_2M + share_M * (moved_2M.abs() * rule.deviation - scale_2M))
        center_2M.copy_(torch.where(counts_M, next_center_2M, center_2M))
        scale_2M.copy_(torch.where(counts_M, next_scale_2M, scale_2M))
        seen_M.add_(counts_M)
        return spiked_M

    @property
    def trail_MK(self) -> np.ndarray:
        """A copy of the trails: float32 (members, 5)."""
        return np.ascontiguousarray(self.trail_KM.cpu().numpy().T)

    def restore(self, trail_MK: np.ndarray) -> None:
        """Go on from a copy of the trails."""
        self.trail_KM.copy_(torch.from_numpy(np.ascontiguousarray(trail_MK.T)))
