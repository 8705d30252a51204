"""A network as data: a tuple of layer records, from which the torch module and the lanes program are both built.

Parameters are named as in a nested ``torch.nn.Sequential``: ``"1.weight"`` is the weight of layer 1,
``"4.2.bias"`` the bias of layer 2 inside the residual block that is layer 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from tailproof.core.errors import ConfigError

LAYER_NORM_EPSILON = 1e-5
MAX_BINS = 64
"""Bins of one input, at most."""
MIN_BIN_WIDTH = 1e-6
"""Width of a bin in scaled units, at least: values beyond an input's outer edges are finite then."""
SHORTCUT = "shortcut"
"""Name of a residual block's shortcut among its layers, which are named by number."""


@dataclass(frozen=True, kw_only=True)
class LayerNorm:
    """Normalise each row to mean 0 and variance 1 over its ``width`` values, then scale and shift."""

    width: int
    epsilon: float = LAYER_NORM_EPSILON


@dataclass(frozen=True, kw_only=True)
class Linear:
    """``output_NO = input_NI @ weight_OI.T + bias_O``."""

    inputs: int
    outputs: int


@dataclass(frozen=True, kw_only=True)
class ReLU:
    """``max(0, x)``; its gradient at 0 is 0."""


@dataclass(frozen=True, kw_only=True)
class Dropout:
    """During training, each value is zeroed with probability ``rate`` and the others divided by ``1 - rate``."""

    rate: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.rate < 1.0:
            raise ConfigError(f"dropout rate must lie in [0, 1), got {self.rate}.")


@dataclass(frozen=True, kw_only=True)
class Sigmoid:
    """``1 / (1 + exp(-x))``."""


@dataclass(frozen=True, kw_only=True)
class Residual:
    """``x + layers(x)``, or ``shortcut(x) + layers(x)``; both sides must have the same width.

    A shortcut around all hidden layers is a linear path from the inputs to the output: the network is then a linear
    regression and what the hidden layers add to it.
    """

    layers: tuple[Layer, ...]
    shortcut: Linear | None = None


@dataclass(frozen=True, kw_only=True)
class PiecewiseLinear:
    """Each input as one value for each of its bins, which says how much of the bin lies below it.

    In bin b, from edge b to edge b + 1, an input x becomes (x - edge b) / (edge b+1 - edge b), but not below 0 unless
    the bin is the input's first, and not above 1 unless it is the last (Gorishniy et al. 2022, "On Embeddings for
    Numerical Features in Tabular Deep Learning", eq. 1). A linear layer of these values is a line in every bin, so that
    steps and humps of one input need no hidden layer. Edges are fixed: nothing of this is trained.

    Args:
        edges: for each input those of its bins, which may be fewer than another input's; finite and rising in single
            precision.

    Raises:
        ConfigError: an input has no bin or more than 64, or its edges do not rise or are not finite.

    >>> PiecewiseLinear(edges=((-1.0, 0.0, 2.0), (0.0, 1.0))).width
    3
    """

    edges: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        for number, edges in enumerate(self.edges):
            if not 1 <= len(edges) - 1 <= MAX_BINS:
                raise ConfigError(f"input {number} must have 1 to {MAX_BINS} bins, got {len(edges) - 1}.")
            with np.errstate(over="ignore", invalid="ignore"):
                width_K = np.diff(np.array(edges, dtype=np.float32))
            if not (np.isfinite(width_K).all() and (width_K >= MIN_BIN_WIDTH).all()):
                raise ConfigError(
                    f"the edges of input {number}'s bins must be finite and rise by {MIN_BIN_WIDTH:g} at least, got "
                    f"{edges}."
                )

    @property
    def width(self) -> int:
        """Values per row: the bins of all inputs."""
        return sum(len(edges) - 1 for edges in self.edges)


Layer: TypeAlias = LayerNorm | Linear | ReLU | Dropout | Sigmoid | Residual


@dataclass(frozen=True, kw_only=True)
class NetSpec:
    """A checked chain of layers from ``inputs`` values per row, embedded or not, to ``outputs`` values per row.

    >>> spec = robust_financial_net(inputs=5, hidden_dims=(16, 8), dropout_rate=0.1, input_norm="layer")
    >>> spec.parameter_count, spec.outputs
    (299, 1)
    """

    inputs: int
    layers: tuple[Layer, ...]
    embedding: PiecewiseLinear | None = None
    """Comes before the layers; ``models.piecewise_linear.embedded`` takes it off for whoever runs layers alone."""

    def __post_init__(self) -> None:
        if self.inputs < 1:
            raise ConfigError(f"a network needs at least one input, got {self.inputs}.")
        if self.embedding is not None and len(self.embedding.edges) != self.inputs:
            raise ConfigError(
                f"an embedding must have bins for each of the {self.inputs} inputs, got {len(self.embedding.edges)}."
            )
        _width_after(self.layers, width=self.width, path="")

    @property
    def width(self) -> int:
        """Values per row that the first layer takes: the inputs, or the bins of all of them."""
        return self.inputs if self.embedding is None else self.embedding.width

    @property
    def outputs(self) -> int:
        """Values that the last layer gives for each row."""
        return _width_after(self.layers, width=self.width, path="")

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every parameter by its name, in the order in which the layers come."""
        return dict(_parameter_shapes(self.layers, prefix=""))

    @property
    def parameter_count(self) -> int:
        """Trainable numbers in the network."""
        total = 0
        for shape in self.parameter_shapes.values():
            total += shape[0] * (shape[1] if len(shape) == 2 else 1)
        return total

    def describe(self) -> str:
        """One line a reader can check against a paper, such as ``Linear(5, 16) → ReLU → Sigmoid``."""
        first = [] if self.embedding is None else [f"PiecewiseLinear({self.inputs}, {self.width})"]
        return " → ".join([*first, *(_describe(layer) for layer in self.layers)])


def robust_financial_net(
    *,
    inputs: int,
    hidden_dims: tuple[int, ...],
    dropout_rate: float,
    input_norm: str = "none",
    residual_blocks: int = 0,
    outputs: int = 1,
    sigmoid: bool = True,
    linear_path: bool = False,
) -> NetSpec:
    """The family of networks tailproof trains.

    [LayerNorm(inputs)] then for each hidden width h: Linear → LayerNorm(h) → ReLU → Dropout, followed by
    ``residual_blocks`` pre-activation blocks (He et al. 2016, "Identity Mappings in Deep Residual Networks"):
    x + (LayerNorm → ReLU → Linear → LayerNorm → ReLU → Dropout → Linear)(x); then Linear(·, outputs) [→ Sigmoid].
    With ``linear_path``, Linear(inputs, outputs) of the inputs is added before the Sigmoid.

    >>> robust_financial_net(inputs=5, hidden_dims=(16, 8), dropout_rate=0.1).parameter_count
    289
    """
    layers: list[Layer] = [LayerNorm(width=inputs)] if input_norm == "layer" else []
    width = inputs
    for hidden in hidden_dims:
        layers += [Linear(inputs=width, outputs=hidden), LayerNorm(width=hidden), ReLU(), Dropout(rate=dropout_rate)]
        layers += [_residual_block(hidden, dropout_rate)] * residual_blocks
        width = hidden
    layers.append(Linear(inputs=width, outputs=outputs))
    if linear_path:
        layers = [Residual(layers=tuple(layers), shortcut=Linear(inputs=inputs, outputs=outputs))]
    if sigmoid:
        layers.append(Sigmoid())
    return NetSpec(inputs=inputs, layers=tuple(layers))


def _residual_block(width: int, dropout_rate: float) -> Residual:
    return Residual(
        layers=(
            LayerNorm(width=width),
            ReLU(),
            Linear(inputs=width, outputs=width),
            LayerNorm(width=width),
            ReLU(),
            Dropout(rate=dropout_rate),
            Linear(inputs=width, outputs=width),
        )
    )


def _width_after(layers: tuple[Layer, ...], *, width: int, path: str) -> int:
    for index, layer in enumerate(layers):
        where = f"layer {path}{index} ({_describe(layer)})"
        match layer:
            case LayerNorm(width=expected) | Linear(inputs=expected) if expected != width:
                raise ConfigError(f"{where} takes {expected} values per row, but the layer before it gives {width}.")
            case Linear(outputs=outputs):
                if outputs < 1:
                    raise ConfigError(f"{where} must give at least one value per row. Set every hidden dim >= 1.")
                width = outputs
            case Residual(layers=inner, shortcut=shortcut):
                after = _width_after(inner, width=width, path=f"{path}{index}.")
                if shortcut is not None:
                    width = _width_after((shortcut,), width=width, path=f"{path}{index}.shortcut.")
                if after != width:
                    raise ConfigError(f"{where} adds its input of width {width} to an output of width {after}.")
            case _:
                pass
    return width


def _parameter_shapes(layers: tuple[Layer, ...], *, prefix: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    for index, layer in enumerate(layers):
        match layer:
            case LayerNorm(width=width):
                yield f"{prefix}{index}.weight", (width,)
                yield f"{prefix}{index}.bias", (width,)
            case Linear(inputs=inputs, outputs=outputs):
                yield f"{prefix}{index}.weight", (outputs, inputs)
                yield f"{prefix}{index}.bias", (outputs,)
            case Residual(layers=inner, shortcut=shortcut):
                yield from _parameter_shapes(inner, prefix=f"{prefix}{index}.")
                if shortcut is not None:
                    yield f"{prefix}{index}.{SHORTCUT}.weight", (shortcut.outputs, shortcut.inputs)
                    yield f"{prefix}{index}.{SHORTCUT}.bias", (shortcut.outputs,)
            case _:
                pass


def _describe(layer: Layer) -> str:
    match layer:
        case LayerNorm(width=width):
            return f"LayerNorm({width})"
        case Linear(inputs=inputs, outputs=outputs):
            return f"Linear({inputs}, {outputs})"
        case Dropout(rate=rate):
            return f"Dropout({rate:g})"
        case Residual(layers=inner, shortcut=shortcut):
            skipped = "x" if shortcut is None else f"{_describe(shortcut)}(x)"
            return f"{skipped} + (" + " → ".join(_describe(part) for part in inner) + ")(x)"
        case ReLU() | Sigmoid():
            return type(layer).__name__
