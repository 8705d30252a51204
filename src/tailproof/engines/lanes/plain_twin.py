"""The lanes engine once more in plain NumPy, one member, slow and obvious: what the native kernels are held against.

Every layer gives its output and a pullback, which turns the gradient of the output into the gradient of the input and
the gradients of the layer's parameters. The formulas are derived in ``docs/math``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from tailproof.core.fit import Parameters
from tailproof.core.randomness import counter_key
from tailproof.engines.interface import Member, Optimisation
from tailproof.models.spec import SHORTCUT, Dropout, Layer, LayerNorm, Linear, NetSpec, ReLU, Residual, Sigmoid
from tailproof.objectives.objective import Objective
from tailproof.objectives.schedule import schedule_factor

Pullback = Callable[[np.ndarray], tuple[np.ndarray, Parameters]]
StayOf = Callable[[int], np.ndarray]
"""Maps the width of a Dropout layer to factors (rows, width) on its values; called once per layer, in order."""


def forward(spec: NetSpec, parameters: Parameters, x_NI: np.ndarray, stay_of: StayOf) -> tuple[np.ndarray, Pullback]:
    """Outputs (rows, outputs) of one member, and the pullback of the whole network."""
    return _chain(spec.layers, "", parameters, x_NI, stay_of)


def loss_and_gradient(
    spec: NetSpec,
    objective: Objective,
    parameters: Parameters,
    x_NI: np.ndarray,
    y_N: np.ndarray,
    weight_N: np.ndarray,
    stay_of: StayOf,
) -> tuple[float, Parameters]:
    """Weighted mean loss of a batch and its gradient by parameter name."""
    output_NO, pullback = forward(spec, parameters, x_NI, stay_of)
    loss_NO, slope_NO = row_losses(objective, output_NO, y_N)
    share_N1 = (weight_N / weight_N.sum() / spec.outputs)[:, None]
    _, gradient = pullback(slope_NO * share_N1)
    return float((loss_NO * share_N1).sum()), gradient


def row_losses(objective: Objective, output_NO: np.ndarray, y_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Loss of every row and output, and its derivative by the output."""
    error_NO = output_NO - y_N[:, None]
    match objective.loss:
        case "huber":
            delta = objective.delta
            size_NO = np.abs(error_NO)
            loss_NO = np.where(size_NO <= delta, 0.5 * error_NO**2, delta * (size_NO - 0.5 * delta))
            return loss_NO, np.clip(error_NO, -delta, delta)
        case "mse":
            return error_NO**2, 2.0 * error_NO
        case "pinball":
            quantile_O = np.array(objective.quantiles, dtype=output_NO.dtype)
            slope_NO = np.where(error_NO <= 0.0, -quantile_O, 1.0 - quantile_O)
            return slope_NO * error_NO, slope_NO


def no_dropout(width: int) -> np.ndarray:
    """Every value stays as it is."""
    return np.ones((1, width))


def dropout_factors(member: Member, *, step: int, rows: int, dtype: type = np.float32) -> StayOf:
    """The factors that a member's Dropout layers apply in a step (counted from 0 over all epochs)."""
    key = _mix64((counter_key(member.seed, "dropout") + 0x9E3779B97F4A7C15 * (step + 1)) % 2**64)
    threshold = int(np.float32(member.dropout_rate) * np.float32(65536) + np.float32(0.5))
    scale = dtype(1.0) / (dtype(1.0) - dtype(member.dropout_rate))
    first_unit = 0

    def stay_of(width: int) -> np.ndarray:
        nonlocal first_unit
        unit_U = np.arange(first_unit, first_unit + width, dtype=np.uint32)
        first_unit += width
        number_NU = random_numbers(key, unit_U[None, :], np.arange(rows, dtype=np.uint32)[:, None])
        return np.asarray(np.where(number_NU >= threshold, scale, 0.0), dtype=dtype)

    return stay_of


def random_numbers(key: int, unit: np.ndarray, row: np.ndarray) -> np.ndarray:
    """16-bit numbers of (unit, row in the batch) under the 64-bit key of a member's step; uint32 arrays broadcast."""
    x = (unit << np.uint32(16)) + (row >> np.uint32(1)) + np.uint32(key & 0xFFFFFFFF)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = x ^ np.uint32(key >> 32)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    x = x ^ (x >> np.uint32(16))
    return np.where(row & np.uint32(1), x >> np.uint32(16), x & np.uint32(0xFFFF))


def clip_gradient(gradient: Parameters, max_grad_norm: float) -> tuple[Parameters, float]:
    """The gradient scaled down to a global L2 norm of at most ``max_grad_norm`` (0: left alone), and its norm before.

    As ``torch.nn.utils.clip_grad_norm_``: factor min(1, max_grad_norm / (norm + 1e-6)).
    """
    norm = float(np.sqrt(sum(float((value.astype(np.float64) ** 2).sum()) for value in gradient.values())))
    factor = min(1.0, max_grad_norm / (norm + 1e-6)) if max_grad_norm > 0.0 else 1.0
    return {name: (value * factor).astype(value.dtype) for name, value in gradient.items()}, norm


@dataclass(kw_only=True)
class PlainAdamW:
    """AdamW of one member, step by step."""

    optimisation: Optimisation
    member: Member
    total_steps: int
    applied: int = 0
    first_moment: Parameters = field(default_factory=dict)
    second_moment: Parameters = field(default_factory=dict)

    def step(self, parameters: Parameters, gradient: Parameters) -> Parameters:
        """The parameters after one applied step along the (already clipped) gradient."""
        settings = self.optimisation
        self.applied += 1
        rate = self.member.learning_rate * schedule_factor(
            self.applied,
            warmup_steps=settings.warmup_steps,
            total_steps=self.total_steps,
            schedule=settings.schedule,
        )
        first_correction = 1.0 - settings.beta1**self.applied
        second_correction = 1.0 - settings.beta2**self.applied
        after: Parameters = {}
        for name, value in parameters.items():
            g = gradient[name]
            m = settings.beta1 * self.first_moment.get(name, np.zeros_like(g)) + (1.0 - settings.beta1) * g
            v = settings.beta2 * self.second_moment.get(name, np.zeros_like(g)) + (1.0 - settings.beta2) * g * g
            self.first_moment[name], self.second_moment[name] = m.astype(g.dtype), v.astype(g.dtype)
            step = rate / first_correction * m / (np.sqrt(v / second_correction) + settings.epsilon)
            after[name] = (value * (1.0 - rate * self.member.weight_decay) - step).astype(value.dtype)
        return after


def _chain(
    layers: tuple[Layer, ...], prefix: str, parameters: Parameters, x: np.ndarray, stay_of: StayOf
) -> tuple[np.ndarray, Pullback]:
    pullbacks: list[Pullback] = []
    for index, layer in enumerate(layers):
        x, pullback = run_layer(layer, f"{prefix}{index}", parameters, x, stay_of)
        pullbacks.append(pullback)

    def back(delta: np.ndarray) -> tuple[np.ndarray, Parameters]:
        gradient: Parameters = {}
        for pullback in reversed(pullbacks):
            delta, own = pullback(delta)
            gradient |= own
        return delta, gradient

    return x, back


def run_layer(
    layer: Layer, name: str, parameters: Parameters, x: np.ndarray, stay_of: StayOf
) -> tuple[np.ndarray, Pullback]:
    """Outputs of one layer, and its pullback; ``name`` is the layer's place in the network, as in ``4.2``."""
    match layer:
        case Linear():
            return _linear(name, parameters[f"{name}.weight"], parameters[f"{name}.bias"], x)
        case LayerNorm(epsilon=epsilon):
            return _layer_norm(name, parameters[f"{name}.weight"], parameters[f"{name}.bias"], x, epsilon)
        case ReLU():
            open_NU = ~(x <= 0.0)  # a NaN passes
            return np.where(open_NU, x, x.dtype.type(0.0)), lambda delta: (delta * open_NU, {})
        case Dropout():
            factor_NU = stay_of(x.shape[1]).astype(x.dtype)
            return x * factor_NU, lambda delta: (delta * factor_NU, {})
        case Sigmoid():
            p = 1.0 / (1.0 + np.exp(-x))
            return p, lambda delta: (delta * p * (1.0 - p), {})
        case Residual(layers=inner, shortcut=shortcut):
            y, inner_back = _chain(inner, f"{name}.", parameters, x, stay_of)
            skipped, skip_back = _skip(shortcut, f"{name}.{SHORTCUT}", parameters, x, stay_of)
            return skipped + y, lambda delta: _add_paths(skip_back(delta), inner_back(delta))


def _skip(
    shortcut: Linear | None, name: str, parameters: Parameters, x: np.ndarray, stay_of: StayOf
) -> tuple[np.ndarray, Pullback]:
    if shortcut is None:
        return x, lambda delta: (delta, {})
    return run_layer(shortcut, name, parameters, x, stay_of)


def _add_paths(
    first: tuple[np.ndarray, Parameters], second: tuple[np.ndarray, Parameters]
) -> tuple[np.ndarray, Parameters]:
    return first[0] + second[0], first[1] | second[1]


def _linear(name: str, weight_OI: np.ndarray, bias_O: np.ndarray, x_NI: np.ndarray) -> tuple[np.ndarray, Pullback]:
    def back(delta_NO: np.ndarray) -> tuple[np.ndarray, Parameters]:
        gradient = {f"{name}.weight": delta_NO.T @ x_NI, f"{name}.bias": delta_NO.sum(axis=0)}
        return delta_NO @ weight_OI, gradient

    return x_NI @ weight_OI.T + bias_O, back


def _layer_norm(
    name: str, gamma_U: np.ndarray, beta_U: np.ndarray, x_NU: np.ndarray, epsilon: float
) -> tuple[np.ndarray, Pullback]:
    centred_NU = x_NU - x_NU.mean(axis=1, keepdims=True)
    inverse_N1 = 1.0 / np.sqrt((centred_NU**2).mean(axis=1, keepdims=True) + epsilon)
    h_NU = centred_NU * inverse_N1

    def back(delta_NU: np.ndarray) -> tuple[np.ndarray, Parameters]:
        gradient = {f"{name}.weight": (delta_NU * h_NU).sum(axis=0), f"{name}.bias": delta_NU.sum(axis=0)}
        d_NU = delta_NU * gamma_U
        mean_N1 = d_NU.mean(axis=1, keepdims=True)
        product_N1 = (d_NU * h_NU).mean(axis=1, keepdims=True)
        return (d_NU - mean_N1 - h_NU * product_N1) * inverse_N1, gradient

    return h_NU * gamma_U + beta_U, back


def _mix64(x: int) -> int:
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
    return x ^ (x >> 31)


def batches(order_N: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
    """The rows of each step of an epoch, the last one shorter where the epoch does not divide."""
    for start in range(0, len(order_N), batch_size):
        yield order_N[start : start + batch_size]
