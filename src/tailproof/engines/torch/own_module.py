"""Somebody's own torch module, trained as the torch engine trains its networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from tailproof.core.errors import ConfigError
from tailproof.core.fit import Event
from tailproof.engines.fit_loop import fit_population
from tailproof.engines.interface import TrainingJob
from tailproof.engines.torch.member import forward
from tailproof.engines.torch.serial import SerialPopulation
from tailproof.engines.torch.threads import threads_for

CPU = torch.device("cpu")


class OneColumn(nn.Module):
    """A module whose outputs are one column, whether it gives a column or a flat array.

    >>> OneColumn(nn.Flatten(0))(torch.zeros(3, 1)).shape
    torch.Size([3, 1])
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x_NF: Tensor) -> Tensor:
        """Outputs of the rows, (rows, 1)."""
        output = self.module(x_NF)
        if not isinstance(output, Tensor) or output.shape not in ((len(x_NF),), (len(x_NF), 1)):
            shape = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
            raise ConfigError(f"a module must give one number per row, got {shape} for {len(x_NF):,} rows.")
        return output.reshape(-1, 1)


def train_module(module: nn.Module, job: TrainingJob) -> OneColumn:
    """Train a module on the CPU from the weights that it has; the result has those of its best validation epoch.

    Args:
        module: maps float32 rows to one number each; lazy layers take their width from the job's features. It draws
            from torch's global generator, which the caller seeds.
        job: rows, targets, objective and optimisation, with one member; its network has no effect.

    Raises:
        ConfigError: the module has nothing to train, or gives other shapes.
        TrainingError: more than the allowed share of an epoch's steps was not finite.
    """
    wrapped = OneColumn(module).float()
    _materialise(wrapped, job.x_NF)
    count = sum(each.numel() for each in wrapped.parameters() if each.requires_grad)
    if not count:
        raise ConfigError(f"{type(module).__name__} has no parameter to train.")
    plain = replace(job, optimisation=replace(job.optimisation, average_epochs=1))
    with threads_for(parameters=count, batch_size=job.optimisation.batch_size), torch.random.fork_rng(devices=[]):
        population = SerialPopulation(plain, CPU, module=wrapped)
        fit = fit_population("torch", plain, population, on_event=_ignore, offer=None, state=None)
    best = {name: torch.from_numpy(np.array(value[0])) for name, value in fit.best_parameters.items()}
    wrapped.load_state_dict(best)
    return wrapped.eval()


def _materialise(module: OneColumn, x_NF: np.ndarray) -> None:
    """Give lazy layers (``nn.LazyLinear``) their shapes by one forward pass of two rows, outside training."""
    if any(isinstance(each, nn.UninitializedParameter) for each in module.parameters()):
        module.eval()
        module_forecasts(module, x_NF[:2])
        module.train()


def module_forecasts(module: nn.Module, x_NF: np.ndarray) -> np.ndarray:
    """Outputs with dropout off: float32, one per row."""
    output_N1: np.ndarray = forward(module, torch.from_numpy(np.ascontiguousarray(x_NF))).numpy()
    return output_N1[:, 0]


def reset_weights(module: nn.Module) -> nn.Module:
    """The module with the weights of all its layers drawn anew, so that nothing learned before is left."""
    for layer in module.modules():
        reset = getattr(layer, "reset_parameters", None)
        if callable(reset):
            reset()
    return module


def _ignore(event: Event) -> None:
    """Progress inside a fit is not shown."""
    del event
