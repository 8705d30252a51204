"""How bars move beside the close of a joined series: relative strength, beta, correlation, lead, ratio and spread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import polars as pl

from tailproof.features.feature import Feature
from tailproof.features.windows import CLOSE, QUIET, RETURN, ratio

FAMILY = "relations to other series"
KNOWN = "when its bar is complete; the other close from when it was known"
MOVES = 8.0
"""Scores are held to ±8: a score of a window that hardly moves has no upper end."""


@cache
def relations(series: str, column: str) -> Mapping[str, Feature]:
    """Relations of the bars to a joined close, by name without that of the series.

    Both sides are taken at the bars: the other close is the last one that was known when the bar was complete, so that
    its return is 0 where no new one has come.

    Args:
        series: its name.
        column: of the bars, with its close.

    >>> relations("nq", "nq_close")["relative_strength_20"].needs
    ('close', 'nq_close')
    """
    other = pl.col(column)
    change = other / other.shift(1) - 1.0

    def feature(name: str, expression: pl.Expr, formula: str, look_back: int, source: str) -> Feature:
        return Feature(
            name=f"{series}:{name}",
            expression=expression,
            formula=formula.replace("OTHER", column),
            needs=("close", column),
            look_back=look_back,
            family=FAMILY,
            source=source,
            known=KNOWN,
            every_row=True,
        )

    relations = [make(feature, other, change, bars) for make, windows in _FAMILIES for bars in windows]
    return {each.name.partition(":")[2]: each for each in relations}


Make = Callable[[str, pl.Expr, str, int, str], Feature]


def _strength(feature: Make, other: pl.Expr, change: pl.Expr, bars: int) -> Feature:
    del change
    return feature(
        f"relative_strength_{bars}",
        (CLOSE / CLOSE.shift(bars)).log() - (other / other.shift(bars)).log(),
        f"ln(close[t] / close[t-{bars}]) - ln(OTHER[t] / OTHER[t-{bars}])",
        bars,
        "Levy (1967), relative strength",
    )


def _beta(feature: Make, other: pl.Expr, change: pl.Expr, bars: int) -> Feature:
    del other
    return feature(
        f"beta_{bars}",
        beta(change, bars),
        f"slope of the one-bar returns on those of OTHER, {bars} bars; 0 where OTHER rests",
        bars,
        "least squares; Sharpe (1964)",
    )


def _correlation(feature: Make, other: pl.Expr, change: pl.Expr, bars: int) -> Feature:
    del other
    both = pl.rolling_cov(RETURN, change, window_size=bars, ddof=0)
    spreads = RETURN.rolling_std(bars, ddof=0) * change.rolling_std(bars, ddof=0)
    return feature(
        f"correlation_{bars}",
        ratio(both, spreads, least=QUIET**2).clip(-1.0, 1.0),
        f"correlation of the one-bar returns with those of OTHER, {bars} bars; 0 where one rests",
        bars,
        "Pearson",
    )


def _lead(feature: Make, other: pl.Expr, change: pl.Expr, bars: int) -> Feature:
    mine, theirs = CLOSE / CLOSE.shift(bars) - 1.0, other / other.shift(bars) - 1.0
    return feature(
        f"lead_{bars}",
        beta(change, 60) * theirs - mine,
        f"beta_60 x return of OTHER over {bars} bars - return of the bars over them: what it has moved ahead",
        60,
        "Lo and MacKinlay (1990), lead and lag",
    )


def _ratio_score(feature: Make, other: pl.Expr, change: pl.Expr, bars: int) -> Feature:
    del change
    level = (CLOSE / other).log()
    return feature(
        f"ratio_z_{bars}",
        ratio(level - level.rolling_mean(bars), level.rolling_std(bars, ddof=0), least=QUIET).clip(-MOVES, MOVES),
        f"(x - mean) / standard deviation of x = ln(close / OTHER) over {bars} bars, within ±8; 0 where it rests",
        bars - 1,
        "Gatev, Goetzmann and Rouwenhorst (2006), pairs",
    )


def _spread_score(feature: Make, other: pl.Expr, change: pl.Expr, bars: int) -> Feature:
    del change
    mine, theirs = CLOSE.log(), other.log()
    slope = ratio(
        pl.rolling_cov(mine, theirs, window_size=bars, ddof=0), theirs.rolling_var(bars, ddof=0), least=QUIET**2
    )
    residual = mine - mine.rolling_mean(bars) - slope * (theirs - theirs.rolling_mean(bars))
    variance = mine.rolling_var(bars, ddof=0) - slope**2 * theirs.rolling_var(bars, ddof=0)
    return feature(
        f"spread_z_{bars}",
        ratio(residual, variance.clip(0.0).sqrt(), least=QUIET).clip(-MOVES, MOVES),
        f"residual of ln(close) on ln(OTHER) by least squares over {bars} bars / its standard deviation, within ±8",
        bars - 1,
        "Vidyamurthy (2004), pairs trading",
    )


def beta(change: pl.Expr, bars: int) -> pl.Expr:
    """Slope of the one-bar returns on those of another series, 0 where that rests."""
    both = pl.rolling_cov(RETURN, change, window_size=bars, ddof=0)
    return ratio(both, change.rolling_var(bars, ddof=0), least=QUIET**2)


_FAMILIES: tuple[tuple[Callable[[Make, pl.Expr, pl.Expr, int], Feature], tuple[int, ...]], ...] = (
    (_strength, (1, 5, 20, 60)),
    (_beta, (20, 60, 120)),
    (_correlation, (60,)),
    (_lead, (1, 5)),
    (_ratio_score, (20, 60)),
    (_spread_score, (20, 60)),
)
