"""The whole study of a set of features, on purged folds of training rows only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tailproof.arrays.products import one_blas_thread
from tailproof.arrays.ranges import as_slice
from tailproof.core.records import Design, Fold
from tailproof.selection.agreement import concordance, mean_places
from tailproof.selection.greedy import Choice, choose
from tailproof.selection.redundancy import clusters, rank_correlation, variance_inflation
from tailproof.selection.univariate import Univariate, univariate
from tailproof.statistics.permutation import Predict, shuffled_forecasts
from tailproof.statistics.ranks import standard_rank_columns, standard_ranks

Learn = Callable[[range], Predict]
"""Maps training rows to the forecasts of a population trained on them."""
ORDERS = 3
"""Orders that each cluster of features is put in on the held-out rows of a fold."""


@dataclass(frozen=True, kw_only=True)
class Study:
    """Everything that was found out about F features on the training rows."""

    names: tuple[str, ...]
    rows: int
    groups: int
    alone: Univariate
    correlation_FF: np.ndarray
    cluster_F: np.ndarray
    vif_F: np.ndarray
    fold_ic_KF: np.ndarray
    """Rank IC on the held-out rows of each fold."""
    place_F: np.ndarray
    place_std_F: np.ndarray
    """Mean and standard deviation over folds of the place by |rank IC|, 1 the best."""
    concordance: float
    population_ic_K: np.ndarray
    """Rank IC of the trained population on the held-out rows of each fold; empty where none was trained."""
    importance_F: np.ndarray
    """Rank IC that the population loses without the feature's cluster, mean over folds; NaN where none was trained."""
    choice: Choice

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names in the order picked."""
        return tuple(self.names[column] for column in self.choice.picked)

    def sentence(self) -> str:
        """The outcome in one sentence."""
        if not self.chosen:
            return (
                f"No feature stands out: the largest |t| of {len(self.names)} is {np.abs(self.alone.t_F).max():.1f}, "
                f"and chance alone reaches {self.alone.bound:.1f} once in twenty times."
            )
        first, verb = self.choice.picked[0], "is" if len(self.chosen) == 1 else "are"
        return (
            f"{len(self.chosen)} of {len(self.names)} features {verb} worth keeping, {self.names[first]} first (rank "
            f"IC {self.alone.ic_F[first]:+.4f}, 95 % interval {self.alone.low_F[first]:+.4f} to "
            f"{self.alone.high_F[first]:+.4f})."
        )


def study_features(
    design: Design,
    train: range,
    folds: Sequence[Fold],
    group_N: np.ndarray,
    *,
    most: int,
    random: np.random.Generator,
    learn: Learn | None = None,
) -> Study:
    """Study the features of ``design`` on its rows ``train``; no row outside is read.

    Args:
        design: rows with features and forward returns.
        train: the training rows.
        folds: purged folds inside ``train``; their test parts are the held-out rows.
        group_N: session (or month) of each row of the design.
        most: features to choose at most.
        random: for all draws.
        learn: trains a population on a fold's training rows; None leaves permutation importance out.
    """
    assert all(train.start <= fold.train.start and fold.test.stop <= train.stop for fold in folds)
    part = as_slice(train)
    rank_NF, rank_N = _ranks(design, part)
    alone = univariate(rank_NF, rank_N, group_N[part], random=random)
    correlation_FF = rank_correlation(rank_NF)
    cluster_F = clusters(correlation_FF)
    fold_ic_KF = np.vstack([_held_out_ic(design, fold) for fold in folds])
    place_F, place_std_F = mean_places(np.abs(fold_ic_KF))
    population_ic_K, importance_F = _importance(design, folds, group_N, cluster_F, learn, random)
    return Study(
        names=design.names,
        rows=len(train),
        groups=len(np.unique(group_N[part])),
        alone=alone,
        correlation_FF=correlation_FF,
        cluster_F=cluster_F,
        vif_F=variance_inflation(correlation_FF),
        fold_ic_KF=fold_ic_KF,
        place_F=place_F,
        place_std_F=place_std_F,
        concordance=concordance(np.abs(fold_ic_KF)),
        population_ic_K=population_ic_K,
        importance_F=importance_F,
        choice=choose(
            rank_NF, rank_N, group_N[part], names=design.names, alone=alone, correlation_FF=correlation_FF, most=most,
            random=random,
        ),
    )  # fmt: skip


def _ranks(design: Design, rows: slice) -> tuple[np.ndarray, np.ndarray]:
    """Standard ranks (float32) of features and returns over these rows."""
    return standard_rank_columns(design.x_NF[rows]), standard_rank_columns(design.return_N[rows, None])[:, 0]


def _ic(prediction_R: np.ndarray, rank_R: np.ndarray) -> float:
    """Rank IC of forecasts with the standard ranks of the returns; 0 for forecasts that never vary."""
    return float((np.nan_to_num(standard_ranks(prediction_R)) * rank_R).mean())


@one_blas_thread()
def _held_out_ic(design: Design, fold: Fold) -> np.ndarray:
    rows = as_slice(fold.test)
    rank_NF, rank_N = _ranks(design, rows)
    return np.asarray((rank_NF.T @ rank_N) / len(rank_N), dtype=np.float64)


def _importance(
    design: Design,
    folds: Sequence[Fold],
    group_N: np.ndarray,
    cluster_F: np.ndarray,
    learn: Learn | None,
    random: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    if learn is None:
        return np.empty(0), np.full(len(design.names), np.nan)
    sets = [np.flatnonzero(cluster_F == number).tolist() for number in range(int(cluster_F.max()) + 1)]
    own_K, loss_KC = [], []
    for fold in folds:
        rows = as_slice(fold.test)
        predict, x_RF = learn(fold.train), design.x_NF[rows].copy()
        rank_R = np.nan_to_num(standard_ranks(design.return_N[rows]))
        own = _ic(predict(x_RF), rank_R)
        shuffled_SCR = shuffled_forecasts(predict, x_RF, group_N[rows], sets, orders=ORDERS, random=random)
        own_K.append(own)
        ic_SC = [[_ic(forecast_R, rank_R) for forecast_R in forecast_CR] for forecast_CR in shuffled_SCR]
        loss_KC.append(own - np.mean(ic_SC, axis=0))
    return np.array(own_K), np.mean(loss_KC, axis=0)[cluster_F]
