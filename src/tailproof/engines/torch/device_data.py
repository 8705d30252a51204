"""A job's arrays on the device that trains it, uploaded once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tailproof.engines.interface import TrainingJob


@dataclass(frozen=True, kw_only=True)
class DeviceData:
    """Features, target columns and row weights of all rows."""

    x_NF: Tensor
    y_NT: Tensor
    weight_N1: Tensor | None

    @classmethod
    def of(cls, job: TrainingJob, device: torch.device) -> DeviceData:
        """The arrays of a job on a device."""
        return cls(
            x_NF=_on(device, job.x_NF),
            y_NT=_on(device, job.y_NT),
            weight_N1=None if job.weight_N is None else _on(device, job.weight_N[:, None]),
        )

    def rows(self, row_N: Tensor | slice) -> DeviceData:
        """Some of the rows: copies for row numbers, views for a slice."""
        return DeviceData(
            x_NF=self.x_NF[row_N],
            y_NT=self.y_NT[row_N],
            weight_N1=None if self.weight_N1 is None else self.weight_N1[row_N],
        )


def _on(device: torch.device, array: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)
