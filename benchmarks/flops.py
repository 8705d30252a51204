"""How much arithmetic a training step is, by a formula that can be checked by hand.

A multiplication, addition, comparison, division, square root or exponential counts as one each. Random numbers,
gathering rows and moving memory count as nothing, so that a share of the peak computed from this is a low estimate of
how busy the units are.

For each row, forward and backward together:

- Linear(I, O): 6 I O (output, gradient of weights, gradient of input: a product and a sum each) + 2 O (bias)
- LayerNorm(d): forward 7 d (mean d, variance 3 d, normalise 2 d less one, scale and shift 2 d less one), backward 9 d
  (scale 1, two gradients 3, two sums 3, input 4, less what is shared)
- ReLU 2 d, Dropout 2 d, Sigmoid 8, Huber 6; a residual block adds its input: 2 d

and for each step 14 for each parameter: AdamW 12, norm of the gradient 2.
"""

from __future__ import annotations

from tailproof.models.spec import Dropout, Layer, LayerNorm, Linear, NetSpec, ReLU, Residual, Sigmoid

ADAMW_AND_NORM = 14
HUBER = 6


def step_flops(spec: NetSpec, *, batch: int) -> int:
    """Operations of one model's step.

    >>> from tailproof.models.spec import Linear
    >>> step_flops(NetSpec(inputs=3, layers=(Linear(inputs=3, outputs=1),)), batch=2)  # 2 (18 + 2 + 6) + 14 x 4
    108
    """
    row = _layers_flops(spec.layers, spec.inputs)[0] + HUBER * spec.outputs
    return batch * row + ADAMW_AND_NORM * spec.parameter_count


def _layers_flops(layers: tuple[Layer, ...], width: int) -> tuple[int, int]:
    total = 0
    for layer in layers:
        match layer:
            case Linear(inputs=inputs, outputs=outputs):
                total += 6 * inputs * outputs + 2 * outputs
                width = outputs
            case LayerNorm():
                total += 16 * width
            case ReLU() | Dropout():
                total += 2 * width
            case Sigmoid():
                total += 8 * width
            case Residual(layers=inner, shortcut=shortcut):
                total += _layers_flops(inner, width)[0]
                if shortcut is not None:
                    total, width = total + _layers_flops((shortcut,), width)[0], shortcut.outputs
                total += 2 * width
    return total, width
