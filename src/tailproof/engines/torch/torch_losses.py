"""Objectives as torch expressions: torch's own losses, weighted by rows where rows have weights."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from tailproof.objectives.objective import Objective


class TorchLoss:
    """The loss of an objective; what it needs beside its arguments is on the device before the first step.

    Args:
        objective: the loss and its constants.
        device: where outputs and targets will be.
    """

    def __init__(self, objective: Objective, device: torch.device) -> None:
        self._objective = objective
        self._quantile_O = torch.tensor(objective.quantiles, dtype=torch.float64, device=device)

    def of_batch(self, output_NO: Tensor, target_N1: Tensor, weight_N1: Tensor | None) -> Tensor:
        """Mean loss of a batch over rows and outputs; with weights, sum(weight x loss) / sum(weight)."""
        loss_NO = self.of_rows(output_NO, target_N1.expand_as(output_NO))
        if weight_N1 is None:
            return loss_NO.mean()
        return (loss_NO.mean(dim=1, keepdim=True) * weight_N1).sum() / weight_N1.sum()

    def of_rows(self, output_NO: Tensor, target_NO: Tensor) -> Tensor:
        """Loss of every row and output; further leading axes are taken along."""
        match self._objective.loss:
            case "huber":
                return functional.huber_loss(output_NO, target_NO, delta=self._objective.delta, reduction="none")
            case "mse":
                return functional.mse_loss(output_NO, target_NO, reduction="none")
            case "pinball":
                quantile_O = self._quantile_O.to(output_NO.dtype)
                short_NO = target_NO - output_NO
                return torch.maximum(quantile_O * short_NO, (quantile_O - 1.0) * short_NO)
