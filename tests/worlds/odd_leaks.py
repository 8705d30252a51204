"""Feature files that know a later bar in ways nobody would list, and files beside them that know none.

Each is what a user would write: the text of a Python file with the function ``leak``. ``BARS`` stands for the path of
the bars as a Parquet file.
"""

from __future__ import annotations

HEAD = """
import functools
import numpy as np
import polars as pl

CLOSE, HIGH, LOW, VOLUME = (pl.col(name) for name in ("close", "high", "low", "volume"))
NEXT = (CLOSE.shift(-1) / CLOSE - 1.0).fill_null(0.0)
MOVE = (CLOSE / CLOSE.shift(1) - 1.0).fill_null(0.0)
HOUR, MINUTE = (pl.col("time").dt.hour().cast(pl.Int32), pl.col("time").dt.minute().cast(pl.Int32))
ROW = pl.int_range(pl.len())
SEEN = {}
"""


def when(rows: str, seen: str = "NEXT", otherwise: str = "0.0") -> str:
    """A feature that is ``seen`` on some rows."""
    return f"def leak(frame):\n    return pl.when({rows}).then({seen}).otherwise({otherwise})\n"


RARE_ROWS = {
    "at an hour and at large volume": "(HOUR == 15) & (VOLUME > 3000)",
    "on the first bar after a gap": "ROW == 0",
    "on the second bar after a gap, on Mondays": "(ROW == 1) & (pl.col('time').dt.weekday() == 1)",
    "at the highest close of 500 bars": "CLOSE == CLOSE.rolling_max(500)",
    "at the lowest close of an hour, at large volume": "(CLOSE == CLOSE.rolling_min(60)) & (VOLUME > 2000)",
    "after a move of four spreads": "MOVE.abs() > 4 * MOVE.rolling_std(200)",
    "after five falls": "pl.all_horizontal([MOVE.shift(k) < 0 for k in range(5)])",
    "at round prices": "(CLOSE % 25.0) == 0.0",
    "where volume repeats": "VOLUME == VOLUME.shift(1)",
    "where the bar did not move": "(HIGH == LOW) | ((CLOSE == pl.col('open')) & (MINUTE == 7))",
    "at the last minute of an hour, one day in ten": "(MINUTE == 59) & (pl.col('session') % 10 == 3)",
    "on one single day": "pl.col('session') == 20",
    "in the last tenth, one minute of the hour": "(pl.col('time').dt.ordinal_day() > 40) & (MINUTE == 13)",
    "where a recursive average crosses": "(CLOSE > CLOSE.ewm_mean(span=300)) & "
    "(CLOSE.shift(1) <= CLOSE.shift(1).ewm_mean(span=300))",
}
SEEN_THERE = {
    "the next volume": "(VOLUME.shift(-1) / VOLUME).fill_null(1.0)",
    "the next high": "(HIGH.shift(-1) / CLOSE - 1.0).fill_null(0.0)",
    "the direction of the next bar": "NEXT.sign()",
    "the highest close of the next five bars": "(CLOSE.rolling_max(5).shift(-5) / CLOSE - 1.0).fill_null(0.0)",
    "the close two bars on": "(CLOSE.shift(-2) / CLOSE.shift(-1) - 1.0).fill_null(0.0)",
    "the close 30 bars on": "(CLOSE.shift(-30) / CLOSE - 1.0).fill_null(0.0)",
    "the close 300 bars on": "(CLOSE.shift(-300) / CLOSE - 1.0).fill_null(0.0)",
    "a centred mean": "CLOSE.rolling_mean(9, center=True) / CLOSE - 1.0",
    "an average from the end": "CLOSE.reverse().ewm_mean(alpha=0.3).reverse() / CLOSE - 1.0",
    "a mean made by a function": "CLOSE.map_batches(lambda x: (x + x.shift(-1).fill_null(x[-1])) / 2) / CLOSE - 1.0",
}
OTHER_WAYS = {
    "the largest volume of its session": when("VOLUME == VOLUME.max().over('session')", "MOVE", "0.0"),
    "above a quantile of the whole file": "def leak(frame):\n    high = frame['close'].quantile(0.99)\n"
    "    return (CLOSE > high).cast(pl.Float64)\n",
    "a gap is ahead": "def leak(frame):\n    return ((pl.col('time').shift(-1) - pl.col('time')).dt.total_minutes()"
    ".fill_null(99) > 1).cast(pl.Float64)\n",
    "filled backward": when("(ROW % 700) == 650", "None", "CLOSE").replace(
        "otherwise(CLOSE)", "otherwise(CLOSE).backward_fill() / CLOSE - 1.0"
    ),
    "a module that remembers the longest frame": "def leak(frame):\n"
    "    if len(frame) > len(SEEN.get('frame', ())): SEEN['frame'] = frame\n"
    "    known = SEEN['frame']\n"
    "    ahead = dict(zip(known['time'].to_list(), (known['close'].shift(-1) / known['close'] - 1.0).to_list()))\n"
    "    return pl.col('time').replace_strict(ahead, default=None, return_dtype=pl.Float64) + CLOSE * 0\n",
    "a module that remembers the first frame": "def leak(frame):\n    known = SEEN.setdefault('frame', frame)\n"
    "    ahead = dict(zip(known['time'].to_list(), (known['close'].shift(-1) / known['close'] - 1.0).to_list()))\n"
    "    return pl.col('time').replace_strict(ahead, default=None, return_dtype=pl.Float64)\n",
    "a module that remembers some rows": "def leak(frame):\n"
    "    known = SEEN.setdefault('frame', frame).gather_every(40)\n"
    "    full = SEEN['frame']['close'].shift(-1).gather_every(40)\n"
    "    ahead = dict(zip(known['time'].to_list(), (full / known['close'] - 1.0).to_list()))\n"
    "    return pl.col('time').replace_strict(ahead, default=0.0, return_dtype=pl.Float64)\n",
    "a file that reads the bars": "_BARS = pl.read_parquet('BARS')\n"
    "_AHEAD = dict(zip(_BARS['time'].to_list(), (_BARS['close'].shift(-1) / _BARS['close'] - 1.0).to_list()))\n"
    "def leak(frame):\n    return pl.col('time').replace_strict(_AHEAD, default=None, return_dtype=pl.Float64)\n",
    "a file that reads the bars, one row in 50": "_BARS = pl.read_parquet('BARS')\n"
    "_SOME = _BARS.with_columns(ahead=pl.col('close').shift(-1) / pl.col('close') - 1.0).gather_every(50)\n"
    "_AHEAD = dict(zip(_SOME['time'].to_list(), _SOME['ahead'].to_list()))\n"
    "def leak(frame):\n    return pl.col('time').replace_strict(_AHEAD, default=0.0, return_dtype=pl.Float64)\n",
}
ODD_LEAKS = {
    **{f"the next return {name}": when(rows) for name, rows in RARE_ROWS.items()},
    **{f"{name} on 1 row in 1,000": when("ROW % 1000 == 717", seen) for name, seen in SEEN_THERE.items()},
    **OTHER_WAYS,
}
INNOCENT = {
    **{f"the last return {name}": when(rows, "MOVE") for name, rows in RARE_ROWS.items()},
    "a clock that knows the day": when("HOUR == 14", "1.0 * MINUTE", "0.0"),
    "a count of bars": "def leak(frame):\n    return ROW * 1.0\n",
    "a mean made by NumPy": "def leak(frame):\n"
    "    mean = CLOSE.map_batches(lambda x: pl.Series(np.convolve(x.to_numpy(), [0.5, 0.5])[: len(x)]))\n"
    "    return mean / CLOSE - 1.0\n",
    "an expanding rank of volume": "def leak(frame):\n    return VOLUME / VOLUME.cum_max()\n",
    "a session's first close": "def leak(frame):\n    return CLOSE / CLOSE.first() - 1.0\n",
    "a constant": "def leak(frame):\n    return pl.lit(1.0) + CLOSE * 0\n",
}
