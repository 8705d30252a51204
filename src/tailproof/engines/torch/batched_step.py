"""One training step of a population whose members sit side by side in every tensor; nothing is read back.

Shapes depend on the members, the network and the batch alone, not on how many rows or steps a job has, so that what is
compiled for one fold serves the others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from tailproof.core.randomness import generator
from tailproof.engines.interface import TrainingJob
from tailproof.engines.torch.batched_network import BatchedNetwork, member_losses
from tailproof.engines.torch.dropout import DropoutNumbers
from tailproof.engines.torch.precision import LOSS_SCALES, autocast
from tailproof.engines.torch.spike_guard import SpikeGuard
from tailproof.engines.torch.torch_losses import TorchLoss
from tailproof.models.initialise import initial_population
from tailproof.models.network import Precision
from tailproof.models.packing import flatten_parameters


class BatchedStep:
    """Weights, moments and counters of all members, and the step that changes them.

    Args:
        job: what to train.
        device: where.
        precision: of the products.
    """

    def __init__(self, job: TrainingJob, device: torch.device, *, precision: Precision) -> None:
        self._optimisation, self._device, self._precision = job.optimisation, device, precision
        self.network, self.loss = BatchedNetwork(job.spec), TorchLoss(job.objective, device)
        self._dropout = DropoutNumbers(job.members, device)
        seeds = [generator(member.seed, "initial weights") for member in job.members]
        flat_MP = flatten_parameters(job.spec, job.start or initial_population(job.spec, seeds))
        self.flat_MP = torch.from_numpy(flat_MP).to(device).requires_grad_()
        self.first_MP, self.second_MP = (torch.zeros_like(self.flat_MP, requires_grad=False) for _ in range(2))
        column = partial(torch.tensor, device=device)
        self.applied_M = column([0] * len(job.members))
        self.trains_M = column([True] * len(job.members))
        self._decay_M = column([member.weight_decay for member in job.members], dtype=torch.float64)
        self.spikes = SpikeGuard(job.optimisation.spikes, members=len(job.members), device=device)

    @property
    def carried(self) -> list[Tensor]:
        """Everything that a step changes."""
        return [self.flat_MP, self.first_MP, self.second_MP, self.applied_M, self.spikes.trail_KM]

    def take(
        self, x_NF: Tensor, target_MN: Tensor, weight_N1: Tensor | None, *, rate_M: Tensor, step_1: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Loss, gradient norm and spike of each member; its weights follow where the step is applied.

        Args:
            x_NF: rows of the batch, which all members see.
            target_MN: target of each member.
            weight_N1: of the rows; None weighs all alike.
            rate_M: learning rate of each member at this step (float64).
            step_1: the step, counted over all epochs from 0.
        """
        with autocast(self._device, self._precision):
            output_MNO = self.network.run(self.flat_MP, x_NF, self._factors(step_1))
        loss_M = member_losses(self.loss, output_MNO.float(), target_MN, weight_N1)
        scale = LOSS_SCALES[self._precision]
        scaled_1, loss_M = scale * loss_M.sum(), loss_M.detach()
        (gradient_MP,) = torch.autograd.grad(scaled_1, self.flat_MP)
        gradient_MP = gradient_MP / scale
        norm_M = gradient_MP.square().sum(dim=1).sqrt()
        with torch.no_grad():
            spiked_M = self.spikes.judge(loss_M, norm_M)
            finite_M = torch.isfinite(loss_M) & torch.isfinite(norm_M)
            self._update(gradient_MP, norm_M, finite_M & ~spiked_M & self.trains_M, rate_M)
        return loss_M, norm_M, spiked_M

    def _factors(self, step_1: Tensor) -> Callable[[int, int, int], Tensor] | None:
        if not self._dropout.any:
            return None
        return lambda first, units, rows: self._dropout.factors(step_1, first_unit=first, units=units, rows=rows)

    def _update(self, gradient_MP: Tensor, norm_M: Tensor, applies_M: Tensor, rate_M: Tensor) -> None:
        """AdamW (Loshchilov and Hutter 2019) for the members whose step applies; to others nothing happens."""
        optimisation = self._optimisation
        limit = optimisation.max_grad_norm
        clip_M = (limit / (norm_M + 1e-6)).clamp(max=1.0) if limit > 0.0 else torch.ones_like(norm_M)
        gradient_MP = torch.where(applies_M[:, None], gradient_MP * clip_M[:, None], 0.0)
        rate_M = torch.where(applies_M, rate_M, 0.0)
        self.applied_M += applies_M
        first_decay_M, second_decay_M = (
            torch.where(applies_M, beta, 1.0).float()[:, None] for beta in (optimisation.beta1, optimisation.beta2)
        )
        self.first_MP.mul_(first_decay_M).add_((1.0 - first_decay_M) * gradient_MP)
        self.second_MP.mul_(second_decay_M).add_((1.0 - second_decay_M) * gradient_MP.square())
        count_M = self.applied_M.clamp(min=1).double()
        first_correction_M, second_correction_M = (
            1.0 - beta**count_M for beta in (optimisation.beta1, optimisation.beta2)
        )
        size_M1 = (rate_M / first_correction_M).float()[:, None]
        root_MP = (self.second_MP / second_correction_M.float()[:, None]).sqrt() + optimisation.epsilon
        self.flat_MP.mul_((1.0 - rate_M * self._decay_M).float()[:, None]).sub_(size_M1 * self.first_MP / root_MP)
