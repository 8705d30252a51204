"""Feature values of every bar, each from bars up to and including its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from tailproof.core.errors import ConfigError
from tailproof.core.records import Bars
from tailproof.features.clock import CLOCK_COLUMNS, with_clock
from tailproof.features.feature import Feature, laid
from tailproof.features.longer_bars import lengthen
from tailproof.features.windows import SHARED

BLOCK = 150_000
"""Rows computed at a time, in whole segments: what lies in memory between stays small and near the processor, and
is used again (a column of 8 MiB or more is fetched from the operating system anew each time)."""
FOR_FUNCTIONS = (*CLOCK_COLUMNS, "one_bar_return", "one_bar_log_return")


def compute(bars: Bars, features: Sequence[Feature]) -> pl.DataFrame:
    """One float64 column a feature, one row a bar; null where the feature is not yet known.

    >>> from tailproof.bars import sp500_days
    >>> from tailproof.features.price import CLOSE_CHANGE
    >>> compute(sp500_days(), [CLOSE_CHANGE]).head(2)["close_change_pct"].to_list()
    [None, 0.013581999288305502]

    Raises:
        ConfigError: names a feature whose expression cannot be computed on these bars.
    """
    columns: dict[str, pl.Series] = {}
    for times in dict.fromkeys(feature.times for feature in features):
        chosen = [feature for feature in features if feature.times == times]
        if times == 1:
            columns |= _columns(bars, chosen).to_dict()
        else:
            longer = lengthen(bars, times)
            columns |= _columns(longer.bars, chosen).select(pl.all().gather(longer.last_complete)).to_dict()
    return pl.DataFrame([columns[feature.name] for feature in features])


def _columns(bars: Bars, features: Sequence[Feature]) -> pl.DataFrame:
    inside = [feature for feature in features if feature.crosses is None]
    across = [feature for feature in features if feature.crosses is not None]
    parts = [_values(block, inside) for block in _blocks(bars)] if inside else []
    whole = [_values(bars, across)] if across else []
    return pl.concat([*([pl.concat(parts)] if parts else []), *whole], how="horizontal")


def _values(bars: Bars, features: Sequence[Feature]) -> pl.DataFrame:
    try:
        frame = _prepared(bars, features)
        return frame.select(feature.on(frame).cast(pl.Float64) for feature in features).head(len(bars))
    except Exception as error:  # a user's expression or function may raise anything
        if len(features) > 1:
            for feature in features:
                _values(bars, [feature])
        names = ", ".join(feature.name for feature in features)
        raise ConfigError(
            f"feature '{names}' failed on {bars.source}: {_first_line(error)}. It must be an expression of the bars' "
            "columns that gives one number for each bar of a segment, however short the segment is."
        ) from error


def _first_line(error: Exception) -> str:
    """What went wrong, without polars' plan of the query."""
    first = next((line for line in str(error).splitlines() if line.strip()), "no message").rstrip(".")
    return f"{type(error).__name__}: {first.partition('; valid columns')[0]}"


def _blocks(bars: Bars) -> Iterator[Bars]:
    """Whole segments, about BLOCK rows of them at a time."""
    segment_N = bars.frame["segment"].to_numpy()
    assert (np.diff(segment_N) >= 0).all(), "bars must be in time order, their segments numbered in that order"
    start = 0
    while True:
        stop = start + BLOCK
        stop = len(bars) if stop >= len(bars) else int(np.searchsorted(segment_N, segment_N[stop], side="right"))
        yield replace(bars, frame=bars.frame.slice(start, stop - start))
        if stop == len(bars):
            return
        start = stop


def _prepared(bars: Bars, features: Sequence[Feature]) -> pl.DataFrame:
    """The frame with the clock and the shared columns that the features read, in one chunk of at least two rows."""
    # polars divides a single value by a literal, but multiplies a longer column by its reciprocal, which may differ in
    # the last bit: so there is one chunk, never of a single row, nor of one value that polars knows to repeat (which a
    # frame joined to itself would be).
    roots = [root for feature in features for root in _roots(feature, bars.frame)]
    frame = with_clock(bars) if set(roots) & set(CLOCK_COLUMNS) else bars.frame
    frame = pl.DataFrame([pl.concat([column, column]) for column in frame]) if len(bars) == 1 else frame
    frame = frame.rechunk()
    # Segments are neighbours: told so, polars slices the rows instead of gathering those of each segment.
    frame = frame.with_columns(pl.col("segment").set_sorted())
    for layer in _layers(roots):
        made = [laid(SHARED[name], end_to_end=True).alias(name) for name in layer]
        frame = frame.with_columns(made)
    return frame


def _layers(roots: Iterable[str]) -> list[list[str]]:
    """Shared columns that these need, each layer made of the frame and of the layers before it."""
    depth: dict[str, int] = {}

    def depth_of(name: str) -> int:
        if name not in SHARED:
            return 0
        if name not in depth:
            depth[name] = 1 + max((depth_of(root) for root in SHARED[name].meta.root_names()), default=0)
        return depth[name]

    deepest = max((depth_of(root) for root in roots), default=0)
    return [[name for name, at in depth.items() if at == layer] for layer in range(1, deepest + 1)]


def _roots(feature: Feature, frame: pl.DataFrame) -> Sequence[str]:
    """The columns it reads; a user's function may read the clock and the one-bar returns off the frame too."""
    if isinstance(feature.expression, pl.Expr):
        return feature.expression.meta.root_names()
    return [*FOR_FUNCTIONS, *feature.expression(frame).meta.root_names()]
