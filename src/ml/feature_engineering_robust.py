"""The original project's feature engineer under its original name; the work is done by tailproof.

Two things are done otherwise than in the original, because there they leaked: the ranks of the target are fitted on the
training rows alone (the original ranked the whole sample), and the last row, whose next return is not known, is dropped
(the original let its NaN take part in the ranking).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from tailproof.bars.clean.table import read_frame
from tailproof.bars.load import bars_from_frame
from tailproof.features import PRESETS, compute, select_features
from tailproof.tasks import RankTransform

__all__ = ["RobustFeatureEngineer"]


class RobustFeatureEngineer:
    """The five original features and the rank target of a pandas or polars frame of bars.

    >>> frame = pl.DataFrame({"close": [100.0, 101.0, 100.5, 100.5, 102.0, 101.0]})
    >>> RobustFeatureEngineer().create_target_robust(frame).tolist()
    [1.0, 0.0, 0.5, 1.0, 0.0]
    """

    feature_names = PRESETS["original"]

    def __init__(self, train_fraction: float = 0.8) -> None:
        self.train_fraction = train_fraction
        self.ranks: RankTransform | None = None

    def create_features(self, data: Any) -> pl.DataFrame:
        """Columns close_change_pct, vwap, price_range, price_mom_3d, price_mom_5d, one row a bar; null while not
        known."""
        bars = bars_from_frame(read_frame(_polars(data), source="data"), source="data")
        return compute(bars, select_features(bars, self.feature_names).features)

    def create_target_robust(self, data: Any) -> np.ndarray:
        """Ranks in [0, 1] of the next bar's return, for every row but the last: float64, one value less than rows.

        The ranks are (rank - 1) / (n - 1) among the first ``train_fraction`` of the rows; later rows are placed between
        them. ``ranks`` then holds the table, with its inverse.
        """
        close_N = _polars(data)["close"].cast(pl.Float64).to_numpy()
        return_N = close_N[1:] / close_N[:-1] - 1.0
        self.ranks = RankTransform.fit(return_N[: max(2, round(len(return_N) * self.train_fraction))])
        return self.ranks.transform(return_N)


def _polars(data: Any) -> pl.DataFrame:
    return data if isinstance(data, pl.DataFrame) else pl.from_pandas(data)
