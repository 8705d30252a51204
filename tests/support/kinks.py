"""Networks that float32 and float64 compute alike: units clear of the kink of their ReLU, narrow layers kept apart."""

from __future__ import annotations

import numpy as np

from tailproof.core.fit import Parameters
from tailproof.engines.lanes.plain_twin import StayOf, run_layer
from tailproof.models.spec import Layer, LayerNorm, Linear, NetSpec, ReLU, Residual

MIN_GAP = 1e-3
"""No pre-activation lies nearer to 0 than half of this, where float32 is wrong by some 1e-6."""


NARROW = 3
"""LayerNorm over at most so many values, should they be almost equal, divides by almost nothing and makes any rounding
large: these values are kept apart."""
APART = 2.0
"""Least distance of two units of a narrow layer, in any row."""


def clear_of_kinks(spec: NetSpec, parameters: Parameters, x_NI: np.ndarray, stay_of: StayOf) -> Parameters:
    """The parameters of one member with the bias of every LayerNorm before a ReLU shifted to suit the rows of a batch.

    The kink of each unit comes to stand in the widest gap between the values that the unit takes, amid them where a gap
    there is wide enough: then some rows pass and some do not. In a narrow layer every other unit passes in all rows,
    and in none otherwise; those that pass stay apart, and so do all units before its LayerNorm.
    """
    shifted = {name: value.copy() for name, value in parameters.items()}
    _settle(spec.layers, "", shifted, x_NI, stay_of)
    return shifted


def _settle(
    layers: tuple[Layer, ...], prefix: str, parameters: Parameters, x: np.ndarray, stay_of: StayOf
) -> np.ndarray:
    """Shift the biases of ``parameters`` layer by layer; returns what the layers give."""
    for index, layer in enumerate(layers):
        name = f"{prefix}{index}"
        if isinstance(layer, Residual):
            settled = _settle(layer.layers, f"{name}.", parameters, x, stay_of)
            skipped = x
            if layer.shortcut is not None:
                skipped, _ = run_layer(layer.shortcut, f"{name}.shortcut", parameters, x, stay_of)
            x = skipped + settled
            continue
        value_NU, _ = run_layer(layer, name, parameters, x, stay_of)
        narrow = value_NU.shape[1] <= NARROW
        if isinstance(layer, LayerNorm) and layers[index + 1 : index + 2] == (ReLU(),):
            shift_U = _on_and_off(value_NU) if narrow else _amid_gaps(value_NU)
            parameters[f"{name}.bias"] += shift_U.astype(np.float32)
        elif isinstance(layer, Linear) and narrow and isinstance((*layers, None)[index + 1], LayerNorm):
            parameters[f"{name}.bias"] += one_above_another(value_NU).astype(np.float32)
        x, _ = run_layer(layer, name, parameters, x, stay_of)
    return x


def _amid_gaps(value_NU: np.ndarray) -> np.ndarray:
    """Shift of every unit by which 0 lies in the middle of its widest gap.

    Outside all values the gaps differ from unit to unit: rows that are alike would else leave all units alike.
    """
    return -np.array([_widest_gap(value_N, 1.0 + unit % 4) for unit, value_N in enumerate(value_NU.T)])


def _widest_gap(value_N: np.ndarray, outside: float) -> float:
    """The middle of the widest gap in the middle half of the values, or of the widest at all, outside included."""
    edge_N = np.concatenate([[value_N.min() - outside], np.sort(value_N), [value_N.max() + outside]])
    gap_N = np.diff(edge_N)
    quarter = len(gap_N) // 4
    amid = quarter + int(gap_N[quarter : len(gap_N) - quarter].argmax())
    widest = amid if gap_N[amid] >= MIN_GAP else int(gap_N.argmax())
    return float(edge_N[widest : widest + 2].mean())


def one_above_another(value_NU: np.ndarray) -> np.ndarray:
    """Shift of every unit by which its least value lies APART above the largest of the unit before it."""
    top, shift_U = 0.0, np.zeros(value_NU.shape[1])
    for unit, value_N in enumerate(value_NU.T):
        shift_U[unit] = top + APART - value_N.min()
        top = value_N.max() + shift_U[unit]
    return shift_U


def _on_and_off(value_NU: np.ndarray) -> np.ndarray:
    """As ``one_above_another``, so that every row passes; but every second unit lies below 0, so that none does."""
    shift_U = one_above_another(value_NU)
    shift_U[1::2] = -APART - value_NU[:, 1::2].max(axis=0)
    return shift_U
