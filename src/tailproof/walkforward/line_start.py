"""The start of a network with a linear path: the ridge regression of its target."""

from __future__ import annotations

import numpy as np

from tailproof.arrays.ranges import as_slice
from tailproof.core.fit import Parameters
from tailproof.core.randomness import generator
from tailproof.core.records import Fold
from tailproof.engines.interface import Member
from tailproof.evaluation.baselines.ridge import fit_ridges
from tailproof.models.initialise import begin_at_line, initial_population
from tailproof.models.spec import NetSpec


def line_start(
    spec: NetSpec, members: tuple[Member, ...], x_NF: np.ndarray, y_NT: np.ndarray, fold: Fold
) -> Parameters:
    """First weights of a population: the drawn ones, with every member's linear path at ridge's line.

    The line is fitted to the member's own target column on the training rows, its penalty chosen on the validation
    rows, so that a placebo's members begin at the line of the placebo.
    """
    train, validation = as_slice(fold.train), as_slice(fold.validation)
    lines = fit_ridges(x_NF[train], y_NT[train], later_x_NF=x_NF[validation], later_target_NT=y_NT[validation])
    weight_M1F = np.stack([lines[member.target].slope_F[np.newaxis] for member in members])
    bias_M1 = np.array([[lines[member.target].level] for member in members])
    drawn = initial_population(spec, [generator(member.seed, "initial weights") for member in members])
    return begin_at_line(spec, drawn, weight_OI=weight_M1F, bias_O=bias_M1)
