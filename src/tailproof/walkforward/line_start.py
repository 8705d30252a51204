"""The start of a network with a linear path: the ridge regression of its target."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tailproof.arrays.ranges import as_slice
from tailproof.arrays.scratch import rows_array
from tailproof.core.fit import Parameters
from tailproof.core.randomness import generator
from tailproof.core.records import Fold
from tailproof.engines.interface import Member
from tailproof.evaluation.baselines.ridge import Ridge, fit_ridges
from tailproof.models.initialise import begin_at_line, initial_population
from tailproof.models.piecewise_linear import bins_of, embedded
from tailproof.models.spec import NetSpec

BEND_PENALTIES = (1e-2, 1e-1, 1.0, 10.0, 1e2, 1e3, math.inf)
"""Candidates for the penalty of what bends a line at the edges of bins; the last one leaves the line straight."""


def line_start(
    spec: NetSpec, members: tuple[Member, ...], x_NF: np.ndarray, y_NT: np.ndarray, fold: Fold
) -> Parameters:
    """First weights of a population: the drawn ones, with every member's linear path at ridge's line.

    The line is fitted to the member's own target column on the training rows, its penalty chosen on the validation
    rows, so that a placebo's members begin at the line of the placebo. Behind an embedding the path begins at the same
    line of the inputs, bent at the edges of the bins by a second ridge regression, of the line's errors on the values
    of the bins; where bends are worth nothing on the validation rows, there are none.
    """
    train, validation = as_slice(fold.train), as_slice(fold.validation)
    lines = fit_ridges(x_NF[train], y_NT[train], later_x_NF=x_NF[validation], later_target_NT=y_NT[validation])
    slope_TI, level_T = np.stack([line.slope_F for line in lines]), np.array([line.level for line in lines])
    if spec.embedding is not None:
        bends = fit_ridges(
            embedded(spec, x_NF[train])[1],
            _errors(lines, x_NF[train], y_NT[train]),
            later_x_NF=embedded(spec, x_NF[validation])[1],
            later_target_NT=_errors(lines, x_NF[validation], y_NT[validation]),
            penalties=BEND_PENALTIES,
        )
        slope_TI, offset_T = bins_of(spec.embedding).line(slope_TI)
        slope_TI = slope_TI + np.stack([bend.slope_F for bend in bends])
        level_T = level_T + offset_T + [bend.level for bend in bends]
    target_M = [member.target for member in members]
    drawn = initial_population(spec, [generator(member.seed, "initial weights") for member in members])
    return begin_at_line(
        spec, drawn, weight_OI=slope_TI[target_M][:, np.newaxis], bias_O=level_T[target_M][:, np.newaxis]
    )


def _errors(lines: Sequence[Ridge], x_RF: np.ndarray, y_RT: np.ndarray) -> np.ndarray:
    """What the line of each target column leaves of it."""
    error_RT = rows_array(y_RT.shape)
    for column, line in enumerate(lines):
        error_RT[:, column] = y_RT[:, column] - line.forecast(x_RF)
    return error_RT
