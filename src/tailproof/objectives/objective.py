"""The objective of training, as data that every engine reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tailproof.core.errors import ConfigError
from tailproof.core.surface import key

Loss = Literal["huber", "mse", "pinball"]


@dataclass(frozen=True, kw_only=True)
class Objective:
    """A loss averaged over the rows of a batch, weighted by the rows' weights where they have some.

    - ``huber``: 0.5 e² where \\|e\\| <= delta, else delta (\\|e\\| - 0.5 delta), with e = prediction - target
      (Huber 1964, "Robust Estimation of a Location Parameter"; scaled as ``torch.nn.HuberLoss``).
    - ``mse``: e².
    - ``pinball``: with u = target - prediction, q u where u >= 0, else (q - 1) u, averaged over ``quantiles``; output k
      of the network forecasts quantile k (Koenker and Bassett 1978).
    """

    loss: Loss = "huber"
    delta: float = 0.1
    quantiles: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.delta <= 0.0:
            raise ConfigError(f"{key('huber_delta')} must be above 0, got {self.delta}.")
        if self.loss == "pinball" and not (self.quantiles and all(0.0 < q < 1.0 for q in self.quantiles)):
            raise ConfigError(f"pinball needs quantiles inside (0, 1), got {self.quantiles}.")


def huber_objective(*, huber_delta: float) -> Objective:
    """Huber's loss with the delta that was asked for."""
    return Objective(loss="huber", delta=huber_delta)
