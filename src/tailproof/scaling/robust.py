"""Scaling by median and interquartile range, fitted on training rows, followed by a smooth clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tailproof.arrays.parallel import map_in_threads
from tailproof.arrays.scratch import blocks, rows_array

NORMAL_IQR = 1.3489795003921634
"""Interquartile range of the standard normal distribution."""
CLIP = 5.0
"""Scaled values are clipped smoothly to (-5, 5)."""
VALUES_AT_ONCE = 1 << 24
"""Values (64 MB) that are copied to take percentiles of, or one column."""
ROWS_IN_CACHE = 1 << 13
"""Rows that are scaled at a time."""


@dataclass(frozen=True, kw_only=True)
class RobustScaler:
    """``clip(x) = 5 tanh((x - median) / (5 scale))``: close to linear near 0, never beyond ±5.

    ``scale`` is the IQR; where that is zero (a feature that mostly rests) 1.349 standard deviations, which is the IQR
    of a normal with that deviation; where that is zero too (a constant) 1, so that the feature becomes 0.

    >>> scaler = RobustScaler.fit(np.array([[0.0], [1.0], [2.0], [3.0], [4.0]], dtype=np.float32))
    >>> scaler.median_F.tolist(), scaler.scale_F.tolist()
    ([2.0], [2.0])
    """

    median_F: np.ndarray
    iqr_F: np.ndarray
    scale_F: np.ndarray

    @classmethod
    def fit(cls, x_NF: np.ndarray) -> RobustScaler:
        """Medians and IQRs (float64) of training rows."""
        median_F, iqr_F = np.empty((2, x_NF.shape[1]))
        scale_F = np.empty(x_NF.shape[1])
        at_once = max(1, VALUES_AT_ONCE // max(len(x_NF), 1))
        for start in range(0, x_NF.shape[1], at_once):
            group = slice(start, start + at_once)
            columns_GN = np.array(x_NF[:, group].T, order="C")
            map_in_threads(np.ndarray.sort, columns_GN)
            lower_G, median_F[group], upper_G = _quartiles(columns_GN)
            iqr_F[group] = upper_G - lower_G
            scale_F[group] = iqr_F[group]
            for column in np.flatnonzero(~(iqr_F[group] > 0.0)):
                spread = NORMAL_IQR * float(columns_GN[column].std(dtype=np.float64))
                scale_F[start + column] = spread if spread > 0.0 else 1.0
        return cls(median_F=median_F, iqr_F=iqr_F, scale_F=scale_F)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], names: tuple[str, ...]) -> RobustScaler:
        """Restore the scaler from ``as_json``, for the features in this order.

        >>> scaler = RobustScaler.fit(np.array([[0.0], [1.0], [5.0]], dtype=np.float32))
        >>> RobustScaler.from_json(scaler.as_json(("a",)), ("a",)).median_F.tolist()
        [1.0]
        """
        median_F, iqr_F, scale_F = (
            np.array([stored["features"][name][key] for name in names]) for key in ("median", "iqr", "scale")
        )
        return cls(median_F=median_F, iqr_F=iqr_F, scale_F=scale_F)

    def transform(self, x_NF: np.ndarray) -> np.ndarray:
        """Scaled and smoothly clipped rows, float32, in a ``rows_array``."""
        median_F, factor_F = self.median_F.astype(np.float32), (1.0 / (CLIP * self.scale_F)).astype(np.float32)
        scaled_NF = rows_array(x_NF.shape)

        def scale(block: slice) -> None:
            scaled_RF = scaled_NF[block]
            np.subtract(x_NF[block], median_F, out=scaled_RF)
            scaled_RF *= factor_F
            np.tanh(scaled_RF, out=scaled_RF)
            scaled_RF *= np.float32(CLIP)

        map_in_threads(scale, blocks(len(x_NF), size=ROWS_IN_CACHE))
        return scaled_NF

    def zero_iqr_features(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Names of the features whose IQR is zero on the training rows."""
        return tuple(name for name, iqr in zip(names, self.iqr_F, strict=True) if iqr == 0.0)

    def as_json(self, names: tuple[str, ...]) -> dict[str, Any]:
        """The scaler as plain types, by feature name."""
        columns = {"median": self.median_F, "iqr": self.iqr_F, "scale": self.scale_F}
        rows = {name: {key: float(value_F[f]) for key, value_F in columns.items()} for f, name in enumerate(names)}
        return {"rule": "clip x tanh((x - median) / (clip x scale))", "clip": CLIP, "features": rows}


def _quartiles(sorted_GN: np.ndarray) -> np.ndarray:
    """``np.percentile(sorted_GN, [25, 50, 75], axis=1)`` to the bit, without the search for what is in order already.

    Values between two of a column are interpolated linearly (Hyndman and Fan 1996, definition 7).
    """
    place_Q = (sorted_GN.shape[1] - 1) * np.array([0.25, 0.5, 0.75])
    below_Q = place_Q.astype(np.int64)
    below_GQ, above_GQ = sorted_GN[:, below_Q], sorted_GN[:, np.ceil(place_Q).astype(np.int64)]
    gap_GQ, share_Q = above_GQ - below_GQ, place_Q - below_Q
    quartile_GQ = np.where(share_Q < 0.5, below_GQ + gap_GQ * share_Q, above_GQ - gap_GQ * (1.0 - share_Q))
    return np.asarray(quartile_GQ.T)
