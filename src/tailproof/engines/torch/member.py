"""One network in training, on any device; nothing in the loop over its steps asks the device for a number.

Whether a step was finite, how many were applied and which learning rate comes next are tensors: the fused AdamW skips a
step by itself where ``found_inf`` is 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tailproof.arrays.ranges import as_slice, ceil_div
from tailproof.core.fit import Parameters
from tailproof.core.randomness import counter_key, generator
from tailproof.engines.fit_state import TorchMemberState
from tailproof.engines.interface import Member, TrainingJob
from tailproof.engines.torch.device_data import DeviceData
from tailproof.engines.torch.spike_guard import SpikeGuard
from tailproof.engines.torch.torch_losses import TorchLoss
from tailproof.models.initialise import initial_parameters
from tailproof.models.torch_modules import build_module, module_parameters
from tailproof.objectives.schedule import schedule_factors


class MemberTraining:
    """One member's module, optimizer, counters and dropout numbers.

    Args:
        job: the population's job.
        index: of the member, from 0.
        data: the job's arrays.
        learning_rate_K: learning rate by applied step, counted from 0 = before the first.
        module: somebody's own module, trained from the weights that it has; None builds the job's network.
    """

    def __init__(
        self,
        job: TrainingJob,
        index: int,
        data: DeviceData,
        learning_rate_K: Tensor,
        *,
        module: nn.Module | None = None,
    ) -> None:
        self.job, self.member = job, job.members[index]
        self.device = data.x_NF.device
        self.module = self._built(index) if module is None else module
        self.module.to(self.device)
        self._full_rate_K = self.learning_rate_K = learning_rate_K
        self._rate_share = 1.0
        self._loss = TorchLoss(job.objective, self.device)
        self._spikes = SpikeGuard(job.optimisation.spikes, members=1, device=self.device)
        self.applied_1 = torch.zeros(1, dtype=torch.int64, device=self.device)
        self.learning_rate_1 = self.learning_rate_K[:1].clone()
        self.optimizer = torch.optim.AdamW(
            self.module.parameters(),
            lr=self.learning_rate_1[0],
            betas=(job.optimisation.beta1, job.optimisation.beta2),
            eps=job.optimisation.epsilon,
            weight_decay=self.member.weight_decay,
            fused=True,
        )
        self._validation = data.rows(as_slice(job.validation))
        self._random = _first_random_state(self.member, self.device)

    def _built(self, index: int) -> nn.Module:
        module = build_module(self.job.spec, _first_parameters(self.job, self.member, index))
        for layer in module.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = self.member.dropout_rate
        return module

    @property
    def parameters(self) -> Parameters:
        """Copies of the current parameters by name."""
        return module_parameters(self.module)

    def state(self) -> TorchMemberState:
        """A copy of all that later steps depend on."""
        moments = {
            name: {key: value.cpu().numpy().copy() for key, value in self.optimizer.state[parameter].items()}
            for name, parameter in self.module.named_parameters()
        }
        return TorchMemberState(
            parameters=self.parameters,
            moments=moments,
            applied=int(self.applied_1),
            trail_K=self._spikes.trail_MK[0],
            rate_share=self._rate_share,
            random=self._random.numpy().copy(),
        )

    def restore(self, state: TorchMemberState) -> None:
        """Continue from a result of ``state``."""
        with torch.no_grad():
            for name, parameter in self.module.named_parameters():
                parameter.copy_(torch.from_numpy(state.parameters[name]))
                moments = state.moments[name].items()
                self.optimizer.state[parameter] = {key: torch.tensor(v, device=self.device) for key, v in moments}
        self.applied_1.fill_(state.applied)
        self._spikes.restore(state.trail_K[None])
        self._rate_share = state.rate_share
        self.learning_rate_K = self._full_rate_K * state.rate_share
        self._random = torch.from_numpy(state.random.copy())

    def train(self, rows: DeviceData) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Take a step for each batch of the rows; loss, gradient norm and spike of every step, fetched once at the end.

        The member draws its dropout masks from torch's global generator, which is set to where the member left it.
        """
        size = self.job.optimisation.batch_size
        steps = ceil_div(len(rows.x_NF), size)
        loss_S, norm_S = torch.empty(steps, device=self.device), torch.empty(steps, device=self.device)
        spiked_S = torch.empty(steps, dtype=torch.bool, device=self.device)
        self.module.train()
        generator_of(self.device).set_rng_state(self._random)
        for step in range(steps):
            loss_S[step], norm_S[step], spiked_S[step] = self._step(rows.rows(slice(step * size, (step + 1) * size)))
        self._random = generator_of(self.device).get_rng_state()
        return loss_S.cpu().numpy(), norm_S.cpu().numpy(), spiked_S.cpu().numpy()

    def _step(self, batch: DeviceData) -> tuple[Tensor, Tensor, Tensor]:
        torch.index_select(self.learning_rate_K, 0, self.applied_1, out=self.learning_rate_1)
        self.optimizer.zero_grad()
        output_NO = self.module(batch.x_NF)
        target_N1 = batch.y_NT[:, self.member.target, None]
        loss = self._loss.of_batch(output_NO, target_N1, batch.weight_N1)
        loss.backward()  # type: ignore[no-untyped-call]
        limit = self.job.optimisation.max_grad_norm
        norm = nn.utils.clip_grad_norm_(self.module.parameters(), limit if limit > 0.0 else float("inf"))
        (spiked,) = self._spikes.judge(loss.detach()[None], norm[None])
        skipped = ~(torch.isfinite(loss.detach()) & torch.isfinite(norm)) | spiked
        self.optimizer.found_inf = skipped.float()  # type: ignore[attr-defined]
        self.optimizer.step()
        self.applied_1 += 1 - skipped.long()
        return loss.detach(), norm, spiked

    def validation_loss(self, parameters: Parameters | None = None) -> float:
        """Weighted mean loss over the validation rows, dropout off; NaN where there are none.

        Uses ``parameters`` where they are given, else the current ones.
        """
        rows = self._validation
        if not len(rows.x_NF):
            return float("nan")
        module = self.module if parameters is None else build_module(self.job.spec, parameters).to(self.device)
        output_NO = forward(module, rows.x_NF).double()
        weight_N1 = None if rows.weight_N1 is None else rows.weight_N1.double()
        target_N1 = rows.y_NT[:, self.member.target, None].double()
        return float(self._loss.of_batch(output_NO, target_N1, weight_N1))


def learning_rate_tables(job: TrainingJob, device: torch.device) -> dict[float, Tensor]:
    """The learning rate by applied step (0 = before the first), for a member's target rate."""
    optimisation = job.optimisation
    factors = schedule_factors(
        optimisation.epochs * job.steps_per_epoch,
        warmup_steps=optimisation.warmup_steps,
        schedule=optimisation.schedule,
    )
    factor_K = np.array([*factors, factors[-1]])
    return {
        rate: torch.tensor(rate * factor_K, dtype=torch.float32, device=device)
        for rate in {member.learning_rate for member in job.members}
    }


@torch.no_grad()
def forward(module: nn.Module, x_NF: Tensor, *, rows_at_once: int = 1 << 16) -> Tensor:
    """Outputs with dropout off, (rows, outputs), computed in blocks of bounded memory; none for no rows."""
    module.eval()
    starts = range(0, max(len(x_NF), 1), rows_at_once)
    return torch.cat([module(x_NF[start : start + rows_at_once]) for start in starts])


def generator_of(device: torch.device) -> Any:
    """The torch module that holds the global generator of a device."""
    return torch.random if device.type == "cpu" else torch.get_device_module(device)


def _first_random_state(member: Member, device: torch.device) -> Tensor:
    torch.manual_seed(counter_key(member.seed, "dropout") >> 1)
    state: Tensor = generator_of(device).get_rng_state()
    return state


def _first_parameters(job: TrainingJob, member: Member, index: int) -> Parameters:
    if job.start is not None:
        return {name: value[index] for name, value in job.start.items()}
    return initial_parameters(job.spec, generator(member.seed, "initial weights"))
