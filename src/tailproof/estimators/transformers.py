"""tailproof's target and its scaling as transformers of scikit-learn."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from tailproof.scaling import RobustScaler
from tailproof.tasks.rank import RankTransform


class RankTarget(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The rank in [0, 1] of each value among those of its column that it was fitted on, average ranks for ties.

    What networks are trained on by default: no outlier rules the loss. Meant for the target, in scikit-learn's
    ``TransformedTargetRegressor``, which fits it on training targets alone; values outside their range get the nearest
    end. The inverse interpolates between the fitted values.

    >>> from sklearn.compose import TransformedTargetRegressor
    >>> from sklearn.linear_model import Ridge
    >>> x_NF, y_N = np.arange(9.0)[:, None], np.array([0.0, 1, 2, 3, 4, 5, 6, 7, 1e9])
    >>> TransformedTargetRegressor(Ridge(alpha=1e-9), transformer=RankTarget()).fit(x_NF, y_N).predict([[3.0]]).round(6)
    array([3.])
    """

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Learn the ranks of each column."""
        x_NF = validate_data(self, X, dtype=np.float64)
        self.ranks_ = [_ranks(column_N) for column_N in x_NF.T]
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Ranks (float64) of the values."""
        check_is_fitted(self)
        x_NF = validate_data(self, X, dtype=np.float64, reset=False)
        return np.column_stack([ranks.transform(x_N) for ranks, x_N in zip(self.ranks_, x_NF.T, strict=True)])

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Values (float64) of ranks."""
        check_is_fitted(self)
        rank_NF = validate_data(self, X, dtype=np.float64, reset=False)
        return np.column_stack([ranks.inverse(rank_N) for ranks, rank_N in zip(self.ranks_, rank_NF.T, strict=True)])


class RobustClip(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Medians and interquartile ranges, then a smooth clip to (-5, 5): what networks see of features.

    ``clip(x) = 5 tanh((x - median) / (5 scale))``; see ``tailproof.scaling``. Values are computed in single precision.

    >>> RobustClip().fit([[0.0], [1.0], [2.0], [3.0], [4.0]]).transform([[2.0], [1e9]]).tolist()
    [[0.0], [5.0]]
    """

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Learn the median and the interquartile range of each column."""
        self.scaler_ = RobustScaler.fit(validate_data(self, X, dtype=np.float64))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Scaled and clipped values (float64)."""
        check_is_fitted(self)
        return np.array(self.scaler_.transform(validate_data(self, X, dtype=np.float64, reset=False)), dtype=np.float64)


def _ranks(value_N: np.ndarray) -> RankTransform:
    """The ranks of a column; 0.5 for one that never varies."""
    if value_N.min() == value_N.max():
        return RankTransform(return_K=value_N[:1].copy(), rank_K=np.array([0.5]))
    return RankTransform.fit(value_N)
