"""The values of the newest bar alone, from only as much history as its features need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from tailproof.core.errors import ConfigError
from tailproof.core.records import Bars
from tailproof.features.compute import compute
from tailproof.features.feature import Feature

BOUND = 1e-5
"""Largest difference from the batch value, relative to the feature's spread; exact for features without running sums.

See ``tailproof.audit.start_up``: at the declared look-back a recursive average still remembers a millionth.
"""


def history_needed(bars: Bars, features: Sequence[Feature]) -> int:
    """Bars, the newest included, from which the newest bar's values can be computed.

    Raises:
        ConfigError: a feature declares no look-back.
    """
    features = [feature for feature in features if feature.series is None]
    unknown = [feature.name for feature in features if feature.look_back is None]
    if unknown:
        raise ConfigError(
            f"{', '.join(unknown)}: how far back it reads must be declared before bars can be streamed. Define a "
            "Feature with look_back; the audit says how much it measured."
        )
    rows = 1 + max((feature.look_back or 0 for feature in features), default=0)
    sessions = max((feature.look_back_sessions for feature in features), default=0)
    if sessions:
        session_N = bars.frame["session"].to_numpy()
        rows = max(rows, len(bars) - int(np.searchsorted(session_N, session_N[-1] - sessions + 1)))
    return min(rows, len(bars))


def latest(bars: Bars, features: Sequence[Feature]) -> pl.DataFrame:
    """One row: the values of the newest bar, equal to ``compute``'s last row within BOUND of each feature's spread.

    >>> from tailproof.bars import sp500_days
    >>> from tailproof.features.price import MOMENTUM_5
    >>> bars = sp500_days()
    >>> latest(bars, [MOMENTUM_5]).item() == compute(bars, [MOMENTUM_5])["price_mom_5d"][-1]
    True
    """
    # Features that read whole sessions need thousands of bars: the others need not pay for them.
    columns: dict[str, pl.Series] = {}
    of_series = [feature for feature in features if feature.series is not None]
    if of_series:
        columns |= {column.name: column for column in compute(replace(bars, frame=bars.frame.tail(1)), of_series)}
    own = [feature for feature in features if feature.series is None]
    for sessions in (False, True):
        group = [feature for feature in own if (feature.look_back_sessions > 0) is sessions]
        if group:
            tail = bars.frame.tail(history_needed(bars, group))
            values = compute(Bars(frame=tail, bar_length=bars.bar_length, source=bars.source), group).tail(1)
            columns |= {column.name: column for column in values}
    return pl.DataFrame([columns[feature.name] for feature in features])
