"""Time of day and week, by the New York clock: known in advance, so no bar is needed to know it."""

from __future__ import annotations

import math

import polars as pl

from tailproof.core.new_york import CASH_CLOSE, CASH_OPEN, NEW_YORK
from tailproof.core.records import Bars
from tailproof.features.feature import Feature
from tailproof.features.windows import ROW

FAMILY = "time of day and week"
KNOWN = "in advance"
HALF_HOUR = 30
DAY, WEEK = 24 * 60, 7 * 24 * 60
EPOCH_WEEKDAY = 3
"""Days from Monday to 1 January 1970, a Thursday."""
HARMONICS = (1, 2, 3)
MINUTE, WEEK_MINUTE = pl.col("new_york_minute"), pl.col("new_york_week_minute")
CLOCK_COLUMNS = ("new_york_minute", "new_york_week_minute")
"""``known_at`` in New York as the minute of the day (Int16) and of the week from Monday (Int32)."""


def with_clock(bars: Bars) -> pl.DataFrame:
    """The bars' frame with CLOCK_COLUMNS: the time at which a bar is complete, read off a clock in New York.

    >>> from tailproof.bars import sp500_days
    >>> with_clock(sp500_days())["new_york_minute"][0]
    960
    """
    # One conversion, and arithmetic from there: asking polars for hour, minute and weekday converts three times.
    wall = pl.col("known_at").dt.convert_time_zone(NEW_YORK).dt.replace_time_zone(None)
    minutes = wall.dt.epoch("s") // 60
    return (
        bars.frame.with_columns(minutes.alias("minutes"))
        .with_columns(
            (pl.col("minutes") % DAY).cast(pl.Int16).alias(CLOCK_COLUMNS[0]),
            ((pl.col("minutes") + EPOCH_WEEKDAY * DAY) % WEEK).cast(pl.Int32).alias(CLOCK_COLUMNS[1]),
        )
        .drop("minutes")
    )


def _feature(name: str, expression: pl.Expr, formula: str, source: str) -> Feature:
    return Feature(
        name=name,
        expression=expression,
        formula=formula,
        needs=(),
        look_back=0,
        family=FAMILY,
        source=source,
        known=KNOWN,
    )


def _fourier(period: str, clock: pl.Expr, minutes: int) -> list[Feature]:
    return [
        _feature(
            f"{period}_{wave}_{harmonic}",
            getattr(clock.cast(pl.Float64) * (2.0 * math.pi * harmonic / minutes), wave)(),
            f"{wave}(2 pi {harmonic} minute of the {period} / {minutes:,}), New York clock when the bar is complete",
            "Fourier terms: Andersen and Bollerslev (1997)",
        )
        for harmonic in HARMONICS
        for wave in ("sin", "cos")
    ]


_OPEN = (MINUTE > CASH_OPEN) & (MINUTE <= CASH_CLOSE)
_HALVES = "Gao, Han, Li and Zhou (2018): the first half hour forecasts the last"
CASH = (
    _feature(
        "minutes_since_open",
        pl.when(_OPEN).then(MINUTE - CASH_OPEN).otherwise(0).cast(pl.Float64),
        "minutes since 9:30 New York when the bar is complete, 0 outside 9:30 to 16:00",
        "hours of the New York Stock Exchange",
    ),
    _feature(
        "minutes_to_close",
        pl.when(_OPEN).then(CASH_CLOSE - MINUTE).otherwise(CASH_CLOSE - CASH_OPEN).cast(pl.Float64),
        "minutes to 16:00 New York when the bar is complete, 390 outside 9:30 to 16:00",
        "hours of the New York Stock Exchange; half days are not known to it",
    ),
    _feature(
        "opening_half_hour",
        ((MINUTE > CASH_OPEN) & (MINUTE <= CASH_OPEN + HALF_HOUR)).cast(pl.Float64),
        "1 for bars complete after 9:30 and by 10:00 New York, else 0",
        _HALVES,
    ),
    _feature(
        "closing_half_hour",
        ((MINUTE > CASH_CLOSE - HALF_HOUR) & (MINUTE <= CASH_CLOSE)).cast(pl.Float64),
        "1 for bars complete after 15:30 and by 16:00 New York, else 0",
        _HALVES,
    ),
)
DAY_WAVES = tuple(_fourier("day", MINUTE, DAY))
SAME_EVERY_DAY = frozenset(feature.name for feature in (*DAY_WAVES, *CASH))
"""Features that bars of a day or longer have one value of."""
SINCE_BREAK = Feature(
    name="bars_since_break",
    expression=((ROW + 1).cast(pl.Float64)).log(),
    formula="ln(bars since the segment began, this one included)",
    needs=(),
    look_back=0,
    look_back_sessions=1,
    family=FAMILY,
    source="age of the session, from the bars themselves",
)

WEEK_WAVES = tuple(_fourier("week", WEEK_MINUTE, WEEK))
OF_THE_CLOCK = frozenset(feature.name for feature in (*DAY_WAVES, *WEEK_WAVES, *CASH))
"""Features that repeat every week: bars of a shorter time hold a part of their values, whatever the market does."""

FEATURES = (*DAY_WAVES, *WEEK_WAVES, *CASH, SINCE_BREAK)
