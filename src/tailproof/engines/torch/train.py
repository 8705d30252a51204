"""The training loop of one member, on any device, with one synchronisation per logging interval.

Nothing inside the loop over steps asks the device for a number. Whether a step was finite, how many were applied and
which learning rate comes next are tensors: the fused AdamW skips a step by itself where ``found_inf`` is 1.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tailproof.arrays.ranges import ceil_div
from tailproof.core.fit import GuardEvent, IntervalRecord, OnEvent
from tailproof.engines.guard import name_bad_rows
from tailproof.engines.interface import Member, TrainingJob
from tailproof.engines.order import batch_order
from tailproof.engines.torch.losses import batch_loss
from tailproof.models.torch_modules import module_parameters
from tailproof.objectives.schedule import schedule_factor


@dataclass(frozen=True, kw_only=True)
class Resident:
    """The job's arrays on the device."""

    x_NF: Tensor
    y_N1: Tensor
    weight_N1: Tensor | None


@dataclass(frozen=True, kw_only=True)
class EpochTotals:
    """What one epoch of one member came to."""

    train_loss: float
    learning_rate: float
    grad_norm_mean: float
    grad_norm_max: float
    skipped: int
    steps: int
    seconds: float


class MemberTraining:
    """One member's module, optimizer and counters, carried from epoch to epoch."""

    def __init__(self, job: TrainingJob, member: Member, module: nn.Sequential, data: Resident) -> None:
        self.job, self.member, self.module, self.data = job, member, module, data
        self.device = data.x_NF.device
        self.steps_per_epoch = ceil_div(len(job.train), job.optimisation.batch_size)
        self.step = 0
        self._losses: list[np.ndarray] = []
        self._norms: list[np.ndarray] = []
        """Of the steps of the epoch so far, an array an interval."""
        self._seconds = 0.0
        """That the epoch took before it was stopped."""
        self._started = 0.0
        self.learning_rate_K = self._learning_rates()
        self.applied_1 = torch.zeros(1, dtype=torch.int64, device=self.device)
        self.learning_rate_1 = self.learning_rate_K[:1].clone()
        self.optimizer = torch.optim.AdamW(
            module.parameters(),
            lr=self.learning_rate_1[0],
            betas=(job.optimisation.beta1, job.optimisation.beta2),
            eps=job.optimisation.epsilon,
            weight_decay=member.weight_decay,
            fused=True,
        )

    def state(self) -> dict[str, Any]:
        """All that is carried on from the end of an interval, for ``restore``."""
        moments = {
            name: {key: value.cpu().numpy() for key, value in self.optimizer.state[parameter].items()}
            for name, parameter in self.module.named_parameters()
        }
        return {
            "parameters": module_parameters(self.module),
            "moments": moments,
            "applied": int(self.applied_1),
            "step": self.step,
            "losses": self._losses,
            "norms": self._norms,
            "seconds": self._seconds + (time.perf_counter() - self._started if self._losses else 0.0),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what ``state`` gave."""
        with torch.no_grad():
            for name, parameter in self.module.named_parameters():
                parameter.copy_(torch.from_numpy(state["parameters"][name]))
                moments = state["moments"][name].items()
                self.optimizer.state[parameter] = {key: torch.tensor(v, device=self.device) for key, v in moments}
        self.applied_1.fill_(state["applied"])
        self.step, self._seconds = state["step"], state["seconds"]
        self._losses, self._norms = list(state["losses"]), list(state["norms"])

    def _learning_rates(self) -> Tensor:
        """Learning rate by applied step, counted from 0 = before the first."""
        settings = self.job.optimisation
        total = settings.epochs * self.steps_per_epoch
        factors = [
            schedule_factor(k, warmup_steps=settings.warmup_steps, total_steps=total, schedule=settings.schedule)
            for k in range(1, total + 1)
        ]
        rates = self.member.learning_rate * np.array([*factors, factors[-1]])
        return torch.tensor(rates, dtype=torch.float32, device=self.device)

    def run_epoch(self, epoch: int, *, index: int, on_event: OnEvent, on_interval: Callable[[], None]) -> EpochTotals:
        """One pass over the training rows in the order of ``epoch``, or what is left of it.

        ``on_interval`` is called where the epoch can be stopped and gone on with.
        """
        self._started = time.perf_counter()
        self.module.train()
        for first_step, rows_N in self._intervals(epoch):
            loss_S, norm_S = self._run_interval(rows_N)
            self._report(epoch, index, first_step, rows_N, loss_S, norm_S, on_event)
            self._losses.append(loss_S)
            self._norms.append(norm_S)
            if self.step < epoch * self.steps_per_epoch:
                on_interval()
        return self._end_epoch()

    def _end_epoch(self) -> EpochTotals:
        loss_S, norm_S = np.concatenate(self._losses), np.concatenate(self._norms)
        seconds = self._seconds + time.perf_counter() - self._started
        self._losses, self._norms, self._seconds = [], [], 0.0
        applied_S = np.isfinite(loss_S) & np.isfinite(norm_S)
        return EpochTotals(
            train_loss=float(loss_S[applied_S].mean()) if applied_S.any() else float("nan"),
            learning_rate=self._last_learning_rate(),
            grad_norm_mean=float(norm_S[applied_S].mean()) if applied_S.any() else float("nan"),
            grad_norm_max=float(norm_S[applied_S].max()) if applied_S.any() else float("nan"),
            skipped=int((~applied_S).sum()),
            steps=len(loss_S),
            seconds=seconds,
        )

    def _intervals(self, epoch: int) -> Iterator[tuple[int, np.ndarray]]:
        """The epoch's rows that are left, cut into logging intervals, each with the number of steps done before it."""
        order_N = batch_order(self.job.train, seed=self.job.seed, epoch=epoch, window=self.job.window)
        rows = self.job.optimisation.log_interval * self.job.optimisation.batch_size
        done = self.step - (epoch - 1) * self.steps_per_epoch
        for start in range(done * self.job.optimisation.batch_size, len(order_N), rows):
            yield self.step, order_N[start : start + rows]

    def _run_interval(self, rows_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Train on the rows batch by batch; loss and gradient norm of every step, fetched once at the end."""
        index_N = torch.from_numpy(rows_N.astype(np.int64)).to(self.device)
        x_NF, y_N1 = self.data.x_NF[index_N], self.data.y_N1[index_N]
        weight_N1 = None if self.data.weight_N1 is None else self.data.weight_N1[index_N]
        size = self.job.optimisation.batch_size
        steps = ceil_div(len(rows_N), size)
        loss_S, norm_S = torch.empty(steps, device=self.device), torch.empty(steps, device=self.device)
        for step in range(steps):
            batch = slice(step * size, (step + 1) * size)
            loss_S[step], norm_S[step] = self._step(
                x_NF[batch], y_N1[batch], None if weight_N1 is None else weight_N1[batch]
            )
        self.step += steps
        return loss_S.cpu().numpy(), norm_S.cpu().numpy()

    def _step(self, x_NF: Tensor, y_N1: Tensor, weight_N1: Tensor | None) -> tuple[Tensor, Tensor]:
        torch.index_select(self.learning_rate_K, 0, self.applied_1, out=self.learning_rate_1)
        self.optimizer.zero_grad()
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.device.type == "cuda"):
            output_NO = self.module(x_NF)
        loss = batch_loss(self.job.objective, output_NO.float(), y_N1, weight_N1)
        loss.backward()  # type: ignore[no-untyped-call]
        limit = self.job.optimisation.max_grad_norm
        norm = nn.utils.clip_grad_norm_(self.module.parameters(), limit if limit > 0.0 else float("inf"))
        skipped = ~(torch.isfinite(loss.detach()) & torch.isfinite(norm))
        self.optimizer.found_inf = skipped.float()  # type: ignore[attr-defined]
        self.optimizer.step()
        self.applied_1 += 1 - skipped.long()
        return loss.detach(), norm

    def _last_learning_rate(self) -> float:
        return float(self.learning_rate_K[max(0, int(self.applied_1) - 1)])

    def _report(
        self,
        epoch: int,
        index: int,
        first_step: int,
        rows_N: np.ndarray,
        loss_S: np.ndarray,
        norm_S: np.ndarray,
        on_event: OnEvent,
    ) -> None:
        applied_S = np.isfinite(loss_S) & np.isfinite(norm_S)
        for step in np.flatnonzero(~applied_S):
            size = self.job.optimisation.batch_size
            rows, reason = name_bad_rows(self.job, self.member, rows_N[step * size : (step + 1) * size])
            on_event(GuardEvent(member=index, epoch=epoch, step=first_step + int(step) + 1, rows=rows, reason=reason))
        good = applied_S.any()
        on_event(
            IntervalRecord(
                first_member=index,
                epoch=epoch,
                step=first_step + len(loss_S),
                learning_rate=self._last_learning_rate(),
                loss_M=np.array([loss_S[applied_S].mean() if good else np.nan]),
                grad_norm_mean_M=np.array([norm_S[applied_S].mean() if good else np.nan]),
                grad_norm_max_M=np.array([norm_S[applied_S].max() if good else np.nan]),
                skipped_M=np.array([(~applied_S).sum()]),
            )
        )


@torch.no_grad()
def forward(module: nn.Sequential, x_NF: Tensor, *, rows_at_once: int = 1 << 16) -> Tensor:
    """Outputs with dropout off, (rows, outputs), computed in blocks of bounded memory; of no rows, none."""
    module.eval()
    starts = range(0, max(len(x_NF), 1), rows_at_once)
    return torch.cat([module(x_NF[start : start + rows_at_once]) for start in starts])
