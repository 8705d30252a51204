"""Initial weights, drawn once in NumPy so that every engine starts from the same bits."""

from __future__ import annotations

import numpy as np

from tailproof.core.errors import ConfigError
from tailproof.core.fit import Parameters
from tailproof.models.spec import SHORTCUT, Linear, NetSpec, Residual, Sigmoid


def initial_parameters(spec: NetSpec, rng: np.random.Generator) -> Parameters:
    """Weights and biases of Linear from U(-1/sqrt(inputs), 1/sqrt(inputs)), as torch's default; LayerNorm 1 and 0.

    The uniform range is that of ``kaiming_uniform_(a=sqrt(5))`` (He et al. 2015), which ``torch.nn.Linear`` uses.

    >>> from tailproof.models.spec import Linear, NetSpec
    >>> spec = NetSpec(inputs=4, layers=(Linear(inputs=4, outputs=2),))
    >>> sorted(initial_parameters(spec, np.random.default_rng(0)))
    ['0.bias', '0.weight']
    """
    parameters: Parameters = {}
    shapes = spec.parameter_shapes
    for name, shape in shapes.items():
        layer, _, kind = name.rpartition(".")
        weight_shape = shapes[f"{layer}.weight"]
        if len(weight_shape) == 1:
            parameters[name] = np.full(shape, 1.0 if kind == "weight" else 0.0, dtype=np.float32)
        else:
            bound = 1.0 / np.sqrt(weight_shape[1])
            parameters[name] = rng.uniform(-bound, bound, size=shape).astype(np.float32)
    return parameters


def initial_population(spec: NetSpec, generators: list[np.random.Generator]) -> Parameters:
    """Initial parameters of several members, stacked on a leading axis: ``{name: array_M...}``."""
    members = [initial_parameters(spec, rng) for rng in generators]
    return {name: np.stack([member[name] for member in members]) for name in members[0]}


def begin_at_line(spec: NetSpec, parameters: Parameters, *, weight_OI: np.ndarray, bias_O: np.ndarray) -> Parameters:
    """A population's parameters changed so that every network begins as the line ``weight_OI x + bias_O``.

    The linear path around the hidden layers becomes the line and the last hidden layer 0; what lies before it keeps its
    weights and begins to learn after one step, when the last layer is no longer 0. Where a Sigmoid follows, the path is
    given the line that has the Sigmoid's tangent at 1/2: the forecast is then the line up to the third power of its
    distance from 1/2.

    Args:
        spec: a network with a linear path, as ``robust_financial_net(linear_path=True)`` makes it.
        parameters: with a leading member axis; stays as it is.
        weight_OI: (outputs, inputs), such as those of a ridge regression on the training rows; with a leading member
            axis where members begin at lines of their own.
        bias_O: (outputs,), likewise.

    Raises:
        ConfigError: the network has no linear path, or its path has another shape.

    >>> from tailproof.models.spec import robust_financial_net
    >>> spec = robust_financial_net(inputs=2, hidden_dims=(3,), dropout_rate=0.1, sigmoid=False, linear_path=True)
    >>> drawn = initial_population(spec, [np.random.default_rng(0)])
    >>> begun = begin_at_line(spec, drawn, weight_OI=np.array([[0.5, -1.0]]), bias_O=np.array([0.25]))
    >>> begun["0.shortcut.weight"].tolist(), bool(begun["0.4.weight"].any())
    ([[[0.5, -1.0]]], False)
    """
    path, last = path_and_last(spec)
    expected = spec.parameter_shapes[f"{path}.weight"]
    if weight_OI.shape[-2:] != expected:
        raise ConfigError(f"the line must have weights of shape {expected}, got {weight_OI.shape}.")
    if isinstance(spec.layers[-1], Sigmoid):  # its slope at 0, where it is 1/2, is 1/4
        weight_OI, bias_O = 4.0 * weight_OI, 4.0 * (bias_O - 0.5)
    begun = dict(parameters)
    for name, value in ((f"{path}.weight", weight_OI), (f"{path}.bias", bias_O)):
        begun[name] = np.broadcast_to(value, parameters[name].shape).astype(np.float32)
    for name in (f"{last}.weight", f"{last}.bias"):
        begun[name] = np.zeros_like(parameters[name])
    return begun


def path_and_last(spec: NetSpec) -> tuple[str, str]:
    """Names of the two layers whose sum is the output of a network with a linear path: the path and the last hidden
    layer.

    Raises:
        ConfigError: the network has no linear path.
    """
    block = spec.layers[0]
    if not isinstance(block, Residual) or block.shortcut is None or not isinstance(block.layers[-1], Linear):
        raise ConfigError(f"a network must have a linear path to begin at a line, got {spec.describe()}.")
    return f"0.{SHORTCUT}", f"0.{len(block.layers) - 1}"
