"""Pairwise interactions beside a network: products of two inputs that the target moves with, beyond a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tailproof.core.errors import ConfigError

MAX_WEIGHT = float(np.finfo(np.float32).max)


@dataclass(frozen=True, kw_only=True)
class Interactions:
    """The sum of ``weight * tanh(first input) * tanh(second input)`` over some pairs of inputs.

    An input may be paired with itself: tanh² says how far it is from its median, on either side. Lou et al. (2013,
    "Accurate Intelligible Models with Pairwise Interactions") add such terms to models that a person can still read.

    Args:
        first: number of each pair's first input, from 0.
        second: number of its second input, not below the first one; no pair stands twice.
        weight: what a product of 1 adds to the output; all together are finite in single precision.

    Raises:
        ConfigError: the three are not as long as one another, a number is negative, a pair is not in order or stands
            twice, or the weights may add up to what is not finite in single precision.

    >>> terms = Interactions(first=(0,), second=(1,), weight=(0.5,))
    >>> terms.apply(np.array([[20.0, -20.0], [20.0, 20.0], [0.0, 3.0]], dtype=np.float32)).tolist()
    [-0.5, 0.5, 0.0]
    """

    first: tuple[int, ...] = ()
    second: tuple[int, ...] = ()
    weight: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not len(self.first) == len(self.second) == len(self.weight):
            raise ConfigError(
                f"interactions must have as many first inputs as second ones and weights, got {len(self.first)}, "
                f"{len(self.second)} and {len(self.weight)}."
            )
        for first, second in zip(self.first, self.second, strict=True):
            if not 0 <= first <= second:
                raise ConfigError(
                    f"interactions must number inputs from 0, the lower one of a pair first, got ({first}, {second})."
                )
        if len(set(zip(self.first, self.second, strict=True))) < len(self):
            raise ConfigError("interactions must name no pair of inputs twice.")
        if not sum(map(abs, self.weight)) <= MAX_WEIGHT:
            raise ConfigError("interactions must have weights whose sum is finite in single precision.")

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def inputs(self) -> int:
        """How many inputs a row must have."""
        return 1 + max((*self.first, *self.second), default=-1)

    def pairs_of(self, names: Sequence[str]) -> tuple[str, ...]:
        """Each pair in words, by the names of the inputs.

        >>> Interactions(first=(0, 1), second=(1, 1), weight=(0.5, -0.01)).pairs_of(("return", "volume"))
        ('return × volume', 'volume²')
        """
        return tuple(
            f"{names[first]}²" if first == second else f"{names[first]} × {names[second]}"
            for first, second in zip(self.first, self.second, strict=True)
        )

    def describe(self, names: Sequence[str]) -> str:
        """The interactions in words, by the names of the inputs; empty where there are none.

        >>> Interactions(first=(0, 1), second=(1, 1), weight=(0.5, -0.01)).describe(("return", "volume"))
        '+0.5 return × volume, -0.01 volume²'
        """
        return ", ".join(
            f"{weight:+.2g} {pair}" for weight, pair in zip(self.weight, self.pairs_of(names), strict=True)
        )

    def apply(self, x_NF: np.ndarray) -> np.ndarray:
        """What the interactions add to the output (float32) of scaled rows; none depends on the others.

        Raises:
            IndexError: the rows have too few inputs.
        """
        total_N = np.zeros(len(x_NF), dtype=np.float32)
        for first, second, weight in zip(self.first, self.second, self.weight, strict=True):
            total_N += np.float32(weight) * (np.tanh(x_NF[:, first]) * np.tanh(x_NF[:, second]))
        return total_N


NO_INTERACTIONS = Interactions()
"""Adds nothing."""
