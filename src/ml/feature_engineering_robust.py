"""The original project's feature engineer under its original name; the work is done by tailproof.

Three things are done otherwise than in the original, because there they leaked or were wrong: the ranks of the target
are fitted on the training rows alone (the original ranked the whole sample), the last row, whose next return is not
known, is dropped (the original let its NaN take part in the ranking), and a return across a break between sessions has
no rank.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from tailproof.bars.load import bars_from_frame
from tailproof.bars.read.columns import recognise
from tailproof.bars.read.frames import as_polars
from tailproof.core.records import PRICES
from tailproof.features import PRESETS, compute, select_features
from tailproof.tasks import RankTransform
from tailproof.tasks.forward_return import forward_return

__all__ = ["RobustFeatureEngineer"]


class RobustFeatureEngineer:
    """The five original features and the rank target of a pandas or polars frame of bars.

    >>> frame = pl.DataFrame({"close": [100.0, 101.0, 100.5, 100.5, 102.0, 101.0]})
    >>> RobustFeatureEngineer().create_target_robust(frame).round(3).tolist()
    [0.667, 0.0, 0.333, 1.0, 0.0]
    """

    feature_names = PRESETS["original"]

    def __init__(self, train_fraction: float = 0.8) -> None:
        self.train_fraction = train_fraction
        self.ranks: RankTransform | None = None

    def create_features(self, data: Any) -> pl.DataFrame:
        """Columns close_change_pct, vwap, price_range, price_mom_3d, price_mom_5d, one row per bar; null while not
        known. ``data`` has the times in a column or, of a pandas frame, in its index."""
        bars = bars_from_frame(as_polars(data, name="data"), source="data")
        return compute(bars, select_features(bars, self.feature_names).features)

    def create_target_robust(self, data: Any) -> np.ndarray:
        """Ranks in [0, 1] of the next bar's return, for every row but the last: float64, one value less than rows.

        A return across a break between sessions has no rank: NaN. Breaks are known from the times, in a column or in
        the index of a pandas frame; without times every row follows the one before.

        The ranks are (rank - 1) / (n - 1) among the first ``train_fraction`` of the returns; later ones are placed
        between them. ``ranks`` then holds the table, with its inverse.
        """
        return_N = _returns(as_polars(data, name="data"))
        known_N = np.isfinite(return_N)
        within_N = return_N[known_N]
        self.ranks = RankTransform.fit(within_N[: max(2, round(len(within_N) * self.train_fraction))])
        target_N = np.full(len(return_N), np.nan)
        target_N[known_N] = self.ranks.transform(within_N)
        return target_N


def _returns(frame: pl.DataFrame) -> np.ndarray:
    """Return from each close to the next but for the last row's, NaN across a break between sessions (float64)."""
    names = recognise(frame.columns, source="data", required=("close",)).meanings
    (close,) = (name for name, meaning in names.items() if meaning == "close")
    if not {"time", "date"} & set(names.values()):
        close_N = frame[close].cast(pl.Float64).to_numpy()
        return np.asarray(close_N[1:] / close_N[:-1] - 1.0)
    prices = [pl.col(close).alias(price) for price in PRICES if price not in names.values()]
    bars = bars_from_frame(frame.with_columns(prices), source="data")
    return np.asarray(forward_return(bars, horizon=1)["forward_return"].fill_null(np.nan).to_numpy()[:-1])
