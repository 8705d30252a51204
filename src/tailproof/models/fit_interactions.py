"""Which pairs of inputs a target moves with beyond a line, and how far: chosen and shrunk on training rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from tailproof.arrays.parallel import Result, map_in_threads
from tailproof.arrays.products import one_blas_thread
from tailproof.models.interactions import NO_INTERACTIONS, Interactions

STRETCHES = 50
"""Consecutive stretches of the training rows: an interaction must hold over time, not in a few of them."""
MIN_ROWS = 10 * STRETCHES
"""Training rows below which no interaction is looked for."""
MAX_INPUTS = 200
"""Inputs above which no interaction is looked for: there are 20,100 pairs of 200."""
MAX_TERMS = 16
"""The most interactions of one target."""
MIN_CANDIDATES = 8
"""Candidates that the threshold is meant for at least."""
VALUES_AT_ONCE = 1 << 21
"""Values (16 MB) that are worked on at a time."""
MAX_KEPT_VALUES = 1 << 23
"""Values of all inputs (64 MB of tanh) up to which their tanh is kept; of more, each of three passes computes it."""
MIN_VALUES_FOR_THREADS = 1 << 22
"""Values of all inputs from which stretches are shared among threads: threads with short steps hold each other up."""
RIDGE = 1e-3
"""Penalty of the joint fit, as a share of each product's variance: keeps it solvable where products repeat."""
ROUNDING = 1e-9
"""Errors of a line, as a share of the target's standard deviation, below which they are rounding."""


def are_sought(rows: int, inputs: int) -> bool:
    """Whether interactions are looked for with so many training rows and inputs."""
    return rows >= MIN_ROWS and inputs <= MAX_INPUTS


@one_blas_thread()
def fit_interactions(x_NF: np.ndarray, y_NT: np.ndarray) -> tuple[Interactions, ...]:
    """The interactions of each target column, known when the last of its labels ended.

    1. A line is fitted to each target by least squares; its errors are what interactions may explain.
    2. Each product of two squashed inputs (and each square) is a candidate. Its t is that of the mean of error times
       product, from the sums of 50 consecutive stretches of the rows (Liang and Zeger 1986), so that neither fat tails
       nor an effect of one short time pass for a steady one.
    3. Only |t| above sqrt(2 log(candidates)) is kept, which the largest of so many pure noises seldom exceeds (the
       universal threshold of Donoho and Johnstone 1994); of a target at most 16.
    4. What is kept is fitted jointly beside the line, and each weight multiplied by 1 - threshold² / t², which is 0 at
       the threshold and near 1 for what is sure (the nonnegative garrote, Breiman 1995).

    Where nothing interacts, one target in three or four keeps a term, whose weight is close to 0.

    Args:
        x_NF: scaled inputs of the training rows in time order, none beyond ±5.
        y_NT: one target column for each population of networks.

    Returns:
        One record per target column; empty ones below 500 rows, and above 200 inputs.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal((4000, 3)).astype(np.float32)
    >>> y = 0.3 * np.sign(x[:, :1] * x[:, 2:]) + rng.standard_normal((4000, 1))
    >>> (terms,) = fit_interactions(x, y)
    >>> terms.first, terms.second, round(terms.weight[0], 1)
    ((0,), (2,), 0.6)
    """
    if not are_sought(*x_NF.shape):
        return tuple(NO_INTERACTIONS for _ in range(y_NT.shape[1]))
    input_rows = _InputRows.of(x_NF)
    line = _fit_line(input_rows, y_NT)
    first_P, second_P = np.triu_indices(x_NF.shape[1])
    score_SPT = _scores(input_rows, y_NT, line, first_P, second_P)
    total_PT = score_SPT.sum(axis=0)
    error_PT = np.sqrt(STRETCHES / (STRETCHES - 1) * ((score_SPT - total_PT / STRETCHES) ** 2).sum(axis=0))
    rounding_T = ROUNDING * np.sqrt(len(x_NF)) * line.deviation_T
    t_PT = np.divide(total_PT, error_PT, out=np.zeros_like(total_PT), where=error_PT > rounding_T)
    threshold = 2.0 * np.log(max(len(first_P), MIN_CANDIDATES))
    kept = [_strongest(t_P, threshold) for t_P in t_PT.T]
    union_K = np.unique(np.concatenate(kept))
    variance_KK = _variances(input_rows, line, first_P[union_K], second_P[union_K])

    def fitted(target: int) -> Interactions:
        kept_P = kept[target]
        place_P = np.searchsorted(union_K, kept_P)
        variance_PP = variance_KK[np.ix_(place_P, place_P)]
        penalised_PP = variance_PP + RIDGE * np.diag(np.diag(variance_PP))
        full_P = np.linalg.solve(penalised_PP, total_PT[kept_P, target] / len(x_NF)) if len(kept_P) else np.zeros(0)
        weight_P = full_P * (1.0 - threshold / t_PT[kept_P, target] ** 2)
        return Interactions(
            first=tuple(first_P[kept_P].tolist()),
            second=tuple(second_P[kept_P].tolist()),
            weight=tuple(weight_P.astype(np.float32).tolist()),
        )

    return tuple(fitted(target) for target in range(y_NT.shape[1]))


@dataclass(frozen=True, kw_only=True)
class _InputRows:
    """The inputs of the training rows, and their tanh where it is small enough to keep: it costs more than all else."""

    x_NF: np.ndarray
    squashed_NF: np.ndarray | None = None

    @classmethod
    def of(cls, x_NF: np.ndarray) -> _InputRows:
        input_rows = cls(x_NF=x_NF)
        if x_NF.size > MAX_KEPT_VALUES:
            return input_rows
        squashed_NF = np.empty(x_NF.shape)

        def squash(rows: slice) -> None:
            np.tanh(x_NF[rows], out=squashed_NF[rows], dtype=np.float64)

        input_rows.by_stretch(squash)
        return replace(input_rows, squashed_NF=squashed_NF)

    def squashed(self, part: slice) -> np.ndarray:
        """tanh (float64) of some rows."""
        return np.tanh(self.x_NF[part], dtype=np.float64) if self.squashed_NF is None else self.squashed_NF[part]

    def by_stretch(self, function: Callable[[slice], Result]) -> list[Result]:
        """What a function returns for each of consecutive stretches, whose lengths differ by one at most."""
        edges = np.linspace(0, len(self.x_NF), STRETCHES + 1).astype(int)
        stretches = [slice(start, stop) for start, stop in pairwise(edges)]
        if self.x_NF.size < MIN_VALUES_FOR_THREADS:
            return [function(rows) for rows in stretches]
        return map_in_threads(function, stretches)


@dataclass(frozen=True, kw_only=True)
class _FittedLines:
    """The least-squares line of each target, and the moments of the inputs that it was made of."""

    mean_F: np.ndarray
    covariance_FF: np.ndarray
    slope_FT: np.ndarray
    level_T: np.ndarray
    deviation_T: np.ndarray
    """Standard deviation of each target."""
    product_mean_FF: np.ndarray
    """Mean of each product of two squashed inputs."""

    def errors(self, x_RF: np.ndarray, y_RT: np.ndarray) -> np.ndarray:
        return np.asarray(y_RT - self.level_T - (x_RF - self.mean_F) @ self.slope_FT)


def _fit_line(input_rows: _InputRows, y_NT: np.ndarray) -> _FittedLines:
    x_NF, (rows, inputs) = input_rows.x_NF, input_rows.x_NF.shape
    mean_F, level_T = x_NF.mean(axis=0, dtype=np.float64), y_NT.mean(axis=0, dtype=np.float64)

    def moments(rows: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        square_FF, product_FF = np.zeros((2, inputs, inputs))
        with_target_FT, square_T = np.zeros((inputs, len(level_T))), np.zeros(len(level_T))
        for part in _parts(rows, inputs):
            centred_RF, squashed_RF = x_NF[part] - mean_F, input_rows.squashed(part)
            centred_RT = y_NT[part] - level_T
            square_FF += centred_RF.T @ centred_RF
            with_target_FT += centred_RF.T @ centred_RT
            product_FF += squashed_RF.T @ squashed_RF
            square_T += (centred_RT**2).sum(axis=0)
        return square_FF, with_target_FT, product_FF, square_T

    every = input_rows.by_stretch(moments)
    square_FF, with_target_FT, product_FF, square_T = (
        np.sum([each[kind] for each in every], axis=0) for kind in range(4)
    )
    return _FittedLines(
        mean_F=mean_F,
        covariance_FF=square_FF / rows,
        slope_FT=np.linalg.pinv(square_FF, hermitian=True) @ with_target_FT,
        level_T=level_T,
        deviation_T=np.sqrt(square_T / rows),
        product_mean_FF=product_FF / rows,
    )


def _scores(
    input_rows: _InputRows, y_NT: np.ndarray, line: _FittedLines, first_P: np.ndarray, second_P: np.ndarray
) -> np.ndarray:
    """Sums over each stretch of error times product (less its mean), by stretch, candidate and target."""
    x_NF, inputs, targets = input_rows.x_NF, input_rows.x_NF.shape[1], y_NT.shape[1]
    mean_P1 = line.product_mean_FF[first_P, second_P][:, np.newaxis]

    def score(rows: slice) -> np.ndarray:
        score_FFT, error_T = np.zeros((inputs, inputs, targets)), np.zeros(targets)
        for part in _parts(rows, inputs + targets):
            error_RT, squashed_RF = line.errors(x_NF[part], y_NT[part]), input_rows.squashed(part)
            error_T += error_RT.sum(axis=0)
            for first in range(inputs):  # the products themselves would take inputs / 2 times as much memory
                score_FFT[first, first:] += squashed_RF[:, first:].T @ (squashed_RF[:, first, np.newaxis] * error_RT)
        return np.asarray(score_FFT[first_P, second_P] - mean_P1 * error_T)

    return np.stack(input_rows.by_stretch(score))


def _strongest(t_P: np.ndarray, threshold: float) -> np.ndarray:
    """Places of the candidates whose t² exceeds the threshold, at most ``MAX_TERMS`` of them, in their own order."""
    kept_P = np.flatnonzero(t_P**2 > threshold)
    return np.sort(kept_P[np.argsort(-np.abs(t_P[kept_P]), kind="stable")][:MAX_TERMS])


def _variances(input_rows: _InputRows, line: _FittedLines, first_K: np.ndarray, second_K: np.ndarray) -> np.ndarray:
    """Covariances of products, less what a line of the inputs says of them."""
    x_NF = input_rows.x_NF
    mean_K = line.product_mean_FF[first_K, second_K]

    def moments(rows: slice) -> tuple[np.ndarray, np.ndarray]:
        product_KK, with_input_FK = np.zeros((len(mean_K), len(mean_K))), np.zeros((x_NF.shape[1], len(mean_K)))
        for part in _parts(rows, max(len(mean_K), x_NF.shape[1])):
            squashed_RF = input_rows.squashed(part)
            centred_RK = squashed_RF[:, first_K] * squashed_RF[:, second_K] - mean_K
            product_KK += centred_RK.T @ centred_RK
            with_input_FK += (x_NF[part] - line.mean_F).T @ centred_RK
        return product_KK, with_input_FK

    every = input_rows.by_stretch(moments)
    product_KK, with_input_FK = (np.sum([each[kind] for each in every], axis=0) / len(x_NF) for kind in range(2))
    slope_FK = np.linalg.pinv(line.covariance_FF, hermitian=True) @ with_input_FK
    return np.asarray(product_KK - with_input_FK.T @ slope_FK)


def _parts(rows: slice, width: int) -> Iterator[slice]:
    """Parts of a stretch of which so many values a row fit into ``VALUES_AT_ONCE``."""
    step = max(1, VALUES_AT_ONCE // max(width, 1))
    for start in range(rows.start, rows.stop, step):
        yield slice(start, min(start + step, rows.stop))
