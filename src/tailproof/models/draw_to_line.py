"""Trained networks drawn back toward the line that they began at."""

from __future__ import annotations

import numpy as np

from tailproof.core.fit import Parameters
from tailproof.models.initialise import path_and_last
from tailproof.models.spec import NetSpec

MIN_SHARE = 0.3
ROWS_FOR_HALF = 500_000
"""Training rows from which half of what training changed is kept."""


def share_by_rows(rows: int) -> float:
    """The share of what training changed that is worth keeping: rows / (rows + 500,000), and 0.3 where that is less.

    What a network finds beyond the line is a signal and noise whose variance falls as 1 / rows; the best share of such
    an estimate is rows / (rows + c) (James and Stein 1961). c was chosen on simulated worlds, the smallest share on
    real bars.

    >>> [round(share_by_rows(rows), 2) for rows in (60_000, 214_286, 500_000, 1_000_000)]
    [0.3, 0.3, 0.5, 0.67]
    """
    return max(MIN_SHARE, rows / (rows + ROWS_FOR_HALF))


def draw_to_line(spec: NetSpec, start: Parameters, trained: Parameters, *, share: float) -> Parameters:
    """Networks that keep ``share`` of what training changed: 1 is the trained network, 0 the line that it began at.

    The output before the Sigmoid is the sum of the linear path and the last hidden layer, which was 0 at the start;
    both are linear in their parameters. Interpolating these parameters therefore interpolates the outputs, exactly as
    an average of the two models would, at no cost afterwards. The idea is that of Wortsman et al. (2022, "Robust
    fine-tuning of zero-shot models"): a fine-tuned model averaged with its start is surer than either where data are
    few and change.

    Args:
        spec: a network with a linear path.
        start: parameters of a population that begins at lines (``begin_at_line``), with a leading member axis.
        trained: its parameters after training, of the same shapes.
        share: in [0, 1].

    Raises:
        ConfigError: the network has no linear path.

    >>> from tailproof.models.spec import robust_financial_net
    >>> spec = robust_financial_net(inputs=1, hidden_dims=(1,), dropout_rate=0.0, linear_path=True)
    >>> names = [name for name in spec.parameter_shapes if name.startswith(("0.shortcut", "0.4"))]
    >>> start = {name: np.zeros((1, *shape), dtype=np.float32) for name, shape in spec.parameter_shapes.items()}
    >>> trained = {name: value + 1.0 for name, value in start.items()}
    >>> drawn = draw_to_line(spec, start, trained, share=0.25)
    >>> [float(drawn[name].sum()) for name in names], float(drawn["0.0.weight"].sum())
    ([0.25, 0.25, 0.25, 0.25], 1.0)
    """
    drawn = dict(trained)
    for layer in path_and_last(spec):
        for name in (f"{layer}.weight", f"{layer}.bias"):
            between = start[name] + np.float64(share) * (trained[name].astype(np.float64) - start[name])
            drawn[name] = between.astype(np.float32)
    return drawn
