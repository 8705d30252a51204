"""The paper's network as a torch module with the shared first weights."""

from __future__ import annotations

import numpy as np
from torch import nn

from benchmarks.paper_job import first_weights, net_spec
from tailproof.models.torch_modules import build_module, module_parameters


def first_module() -> nn.Sequential:
    """A plain ``Sequential`` of torch's own layers, member 0's weights."""
    return build_module(net_spec(), {name: value[0] for name, value in first_weights(1).items()})


def stacked_parameters(module: nn.Module) -> dict[str, np.ndarray]:
    """A module's weights with a member axis of one."""
    return {name: value[None] for name, value in module_parameters(module).items()}
