"""Feature values of every bar, each from bars up to and including its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from tailproof.core.errors import ConfigError
from tailproof.core.feature_values import FeatureValues
from tailproof.core.records import Bars
from tailproof.core.stretches import whole_segments
from tailproof.features.clock import CLOCK_COLUMNS, with_clock
from tailproof.features.feature import Feature, Times, over_segment
from tailproof.features.longer_bars import lengthen
from tailproof.features.windows import SHARED, columns_read_by


@dataclass(frozen=True, kw_only=True)
class PieceSize:
    """How much is computed at a time; it changes no value."""

    rows: int = 150_000
    """Rows computed at a time, in whole segments: what lies in memory between stays small and near the processor, and
    is used again (a column of 8 MiB or more is fetched from the operating system anew each time)."""
    values: int = 32_000_000
    """Values (256 MB) that a piece of more rows than that may have, as long as it has more than one feature."""


PIECE_SIZE = PieceSize()
FOR_FUNCTIONS = (*CLOCK_COLUMNS, "one_bar_return", "one_bar_log_return")


Piece = tuple[int, pl.DataFrame]
"""Some features of consecutive bars (float64, null where not yet known), and the row of the first of these bars."""


def compute(bars: Bars, features: Sequence[Feature], *, size: PieceSize = PIECE_SIZE) -> pl.DataFrame:
    """One float64 column per feature, one row per bar; null where the feature is not yet known.

    >>> from tailproof.bars import sp500_days
    >>> from tailproof.features.price import CLOSE_CHANGE
    >>> compute(sp500_days(), [CLOSE_CHANGE]).head(2)["close_change_pct"].to_list()
    [None, 0.013581999288305502]

    Raises:
        ConfigError: names a feature whose expression cannot be computed on these bars.
    """
    return _table(pieces(bars, features, size=size), features)


def feature_values(bars: Bars, features: Sequence[Feature], *, size: PieceSize = PIECE_SIZE) -> FeatureValues:
    """``compute`` in single precision, as networks read it: in a mapped file where it is large, a piece at a time."""
    names = [feature.name for feature in features]
    return FeatureValues.gather(names, pieces(bars, features, size=size), bars=len(bars))


def pieces(bars: Bars, features: Sequence[Feature], *, size: PieceSize = PIECE_SIZE) -> Iterator[Piece]:
    """``compute``, bit for bit, in pieces that tile its table, each column's in the order of the rows.

    So only a piece lies in memory at a time: about ``size.rows`` bars, in whole segments, of the features that stay
    inside them. Of a longer segment, of features that cross breaks and of longer bars, which must be computed in one,
    it is few enough features at a time to stay near ``size.values`` values.
    """
    for series, times in dict.fromkeys((feature.series, feature.times) for feature in features):
        chosen = [feature for feature in features if (feature.series, feature.times) == (series, times)]
        if series is not None:
            yield from _series_pieces(bars, chosen, series, size)
        else:
            yield from _pieces(bars, chosen, size) if times == 1 else _longer_pieces(bars, chosen, times, size)


def _table(parts: Iterable[Piece], features: Sequence[Feature]) -> pl.DataFrame:
    columns: dict[str, list[pl.Series]] = {feature.name: [] for feature in features}
    for _, values in parts:
        for column in values:
            columns[column.name].append(column)
    return pl.DataFrame([pl.concat(column) for column in columns.values()])


def _pieces(bars: Bars, features: Sequence[Feature], size: PieceSize) -> Iterator[Piece]:
    inside = [feature for feature in features if feature.crosses is None]
    across = [feature for feature in features if feature.crosses is not None]
    if inside:
        for start, block in _blocks(bars, size):
            yield from ((start, _values(block, group)) for group in _groups(inside, len(block), size))
    yield from ((0, _values(bars, group)) for group in _groups(across, len(bars), size))


def _longer_pieces(bars: Bars, features: Sequence[Feature], times: Times, size: PieceSize) -> Iterator[Piece]:
    longer = lengthen(bars, times)
    for group in _groups(features, len(longer.bars), size):
        values = _table(_pieces(longer.bars, group, size), group)
        for start in range(0, len(bars), size.rows):
            yield start, values.select(pl.all().gather(longer.last_complete.slice(start, size.rows)))


def _series_pieces(bars: Bars, features: Sequence[Feature], name: str, size: PieceSize) -> Iterator[Piece]:
    """Features of the rows of a joined series, at each bar those of the row in force."""
    series = bars.series[name]
    row = series.rows_at(bars.frame["known_at"])
    own = [replace(feature, series=None) for feature in features]
    for group in _groups(own, len(series.rows), size):
        values = _table(pieces(series.rows, group, size=size), group)
        for start in range(0, len(bars), size.rows):
            yield start, values.select(pl.all().gather(row.slice(start, size.rows)))


def _groups(features: Sequence[Feature], rows: int, size: PieceSize) -> Iterator[Sequence[Feature]]:
    at_once = max(1, size.values // max(rows, 1))
    return (features[start : start + at_once] for start in range(0, len(features), at_once))


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
    """The cause of an error, without polars' query plan."""
    first = next((line for line in str(error).splitlines() if line.strip()), "no message").rstrip(".")
    return f"{type(error).__name__}: {first.partition('; valid columns')[0]}"


def _blocks(bars: Bars, size: PieceSize) -> Iterator[tuple[int, Bars]]:
    """Whole segments, about ``size.rows`` rows of them at a time, and the row at which each block starts."""
    for rows in whole_segments(bars.frame["segment"].to_numpy(), rows=size.rows):
        yield rows.start, replace(bars, frame=bars.frame.slice(rows.start, len(rows)))


def _prepared(bars: Bars, features: Sequence[Feature]) -> pl.DataFrame:
    """The frame with the clock and the shared columns that the features read, in one chunk of at least two rows."""
    # polars divides a single value by a literal, but multiplies a longer column by its reciprocal, which may differ in
    # the last bit: so there is one chunk, never of a single row, nor of one value that polars knows to repeat (which a
    # frame joined to itself would be).
    roots = [root for feature in features for root in _roots(feature, bars.frame)]
    frame = with_clock(bars) if set(roots) & set(CLOCK_COLUMNS) else bars.frame
    frame = pl.DataFrame([pl.concat([column, column]) for column in frame]) if len(bars) == 1 else frame
    read = columns_read_by(feature.expression for feature in features)
    if read is not None:
        frame = frame.select({"segment", *read})
    frame = frame.rechunk()
    if frame["segment"].is_sorted():  # as everywhere today: polars then slices segments instead of gathering their rows
        frame = frame.with_columns(pl.col("segment").set_sorted())
    for layer in _layers(roots):
        columns = [over_segment(SHARED[name], end_to_end=True).alias(name) for name in layer]
        frame = frame.with_columns(columns)
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
