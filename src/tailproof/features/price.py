"""Returns and momentum over bars and over sessions, and the shape of the single bar."""

from __future__ import annotations

import polars as pl

from tailproof.core.records import PRICES
from tailproof.features.feature import Feature
from tailproof.features.windows import CLOSE, HIGH, LOG_RETURN, LOW, OPEN, QUIET, RETURN, ratio, shared

FAMILY = "returns and momentum"
BAR_FAMILY = "shape of the bar"
ALPHA158 = "Alpha158 (Microsoft Qlib)"
ORIGINAL = "the original project"
WINDOWS = (2, 10, 20, 30, 60, 120)


def momentum(bars: int) -> pl.Expr:
    """Return from the close ``bars`` bars ago to this close."""
    return CLOSE / CLOSE.shift(bars) - 1.0


def _momentum(name: str, bars: int, *, source: str) -> Feature:
    return Feature(
        name=name,
        expression=momentum(bars),
        formula=f"close[t] / close[t-{bars}] - 1",
        needs=("close",),
        look_back=bars,
        family=FAMILY,
        source=source,
    )


CLOSE_CHANGE = _momentum("close_change_pct", 1, source=ORIGINAL)
MOMENTUM_3 = _momentum("price_mom_3d", 3, source=f"{ORIGINAL}, read as bars")
MOMENTUM_5 = _momentum("price_mom_5d", 5, source=f"{ORIGINAL}, read as bars")
ROCP = tuple(_momentum(f"rocp_{bars}", bars, source="TA-Lib ROCP") for bars in WINDOWS)

_IN_SESSION = LOG_RETURN.fill_null((CLOSE / OPEN).log())
"""Log return of a bar from the close before it in its segment, of a segment's first bar from its open."""


def _session_momentum(sessions: int) -> Feature:
    number = pl.col("session").cast(pl.Int64)
    earlier = _IN_SESSION.rolling_sum_by(number, f"{sessions}i", closed="left")
    total = (earlier + _IN_SESSION.cum_sum().over("session")).exp() - 1.0
    enough = pl.col("session") - pl.col("session").first() >= sessions
    return Feature(
        name=f"price_mom_{sessions}s",
        expression=pl.when(enough).then(total),
        formula=f"exp(sum of the log returns inside the last {sessions} sessions and this one so far) - 1",
        needs=("open", "close"),
        look_back=0,
        look_back_sessions=sessions + 1,
        family=FAMILY,
        source=f"{ORIGINAL}, read as sessions; gaps between sessions, where contracts roll, are left out",
        crosses="returns inside each session; the gaps between sessions are left out",
    )


SESSION_MOMENTUM = tuple(_session_momentum(sessions) for sessions in (3, 5))
SESSION_RETURN = Feature(
    name="session_return",
    # Not CLOSE / OPEN.first(): polars divides a group of one row truly, longer ones by way of the reciprocal.
    expression=CLOSE * (1.0 / OPEN.first()) - 1.0,
    formula="close[t] / open of the segment's first bar - 1 (the session, unless a pause broke it)",
    needs=("open", "close"),
    look_back=0,
    look_back_sessions=1,
    family=FAMILY,
    source="Gao, Han, Li and Zhou (2018), Market intraday momentum",
)
RETURN_Z = Feature(
    name="return_z_20",
    expression=ratio(RETURN, RETURN.rolling_std(20), least=QUIET),
    formula="close_change_pct[t] / standard deviation of the last 20, 0 where nothing moved",
    needs=("close",),
    look_back=20,
    family=FAMILY,
    source="Moskowitz, Ooi and Pedersen (2012): returns scaled by volatility",
)
OPEN_GAP = Feature(
    name="open_gap",
    expression=OPEN / CLOSE.shift(1) - 1.0,
    formula="open[t] / close[t-1] - 1",
    needs=("open", "close"),
    look_back=1,
    family=FAMILY,
    source="opening gap, inside the segment",
)

RANGE = Feature(
    name="price_range",
    expression=(HIGH - LOW) / CLOSE,
    formula="(high[t] - low[t]) / close[t]",
    needs=("high", "low", "close"),
    look_back=0,
    family=BAR_FAMILY,
    source=ORIGINAL,
)
LOCATION = shared("close_location", pl.when(HIGH > LOW).then((2.0 * CLOSE - HIGH - LOW) / (HIGH - LOW)).otherwise(0.0))
CLOSE_LOCATION = Feature(
    name="close_location",
    expression=LOCATION,
    formula="((close - low) - (high - close)) / (high - low), 0 where high = low",
    needs=("high", "low", "close"),
    look_back=0,
    family=BAR_FAMILY,
    source="close location value (Williams; Chaikin); Alpha158 KSFT2",
)

_BODY_TOP, _BODY_BOTTOM = pl.max_horizontal(OPEN, CLOSE), pl.min_horizontal(OPEN, CLOSE)
_SHAPES = {
    "kmid": (CLOSE - OPEN, "close - open"),
    "kup": (HIGH - _BODY_TOP, "high - max(open, close)"),
    "klow": (_BODY_BOTTOM - LOW, "min(open, close) - low"),
}


def _shape(name: str, distance: pl.Expr, words: str) -> tuple[Feature, Feature]:
    """A distance in the bar over its open, and over its range (Alpha158's second form)."""
    needs = PRICES
    return (
        Feature(
            name=name,
            expression=distance / OPEN,
            formula=f"({words}) / open",
            needs=needs,
            look_back=0,
            family=BAR_FAMILY,
            source=f"{ALPHA158} {name.upper()}",
        ),
        Feature(
            name=f"{name}2",
            expression=pl.when(HIGH > LOW).then(distance / (HIGH - LOW)).otherwise(0.0),
            formula=f"({words}) / (high - low), 0 where high = low",
            needs=needs,
            look_back=0,
            family=BAR_FAMILY,
            source=f"{ALPHA158} {name.upper()}2",
        ),
    )


SHAPES = tuple(feature for name, (distance, words) in _SHAPES.items() for feature in _shape(name, distance, words))

FEATURES = (
    CLOSE_CHANGE,
    MOMENTUM_3,
    MOMENTUM_5,
    *ROCP,
    *SESSION_MOMENTUM,
    SESSION_RETURN,
    RETURN_Z,
    OPEN_GAP,
    RANGE,
    CLOSE_LOCATION,
    *SHAPES,
)
