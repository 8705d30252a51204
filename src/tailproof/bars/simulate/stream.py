"""Simulated bars as polars frames, whole or in chunks of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from tailproof.bars.simulate.block import SESSIONS, TICK, Carry, SimulatedBlock, simulate_block
from tailproof.bars.simulate.log_volatility import MINUTES
from tailproof.bars.simulate.planting import Planting, plant
from tailproof.bars.simulate.session_clock import opening_seconds, trade_dates, usual_start
from tailproof.core.errors import ConfigError
from tailproof.core.randomness import generator

BLOCK_ROWS = SESSIONS * MINUTES
MAX_ROWS = 100_000_000
"""About 280 years of minutes: times in nanoseconds end with the year 2262."""


def simulate(
    *, rows: int, ic: float = 0.0, seed: int = 0, bounce: float = 0.0, start: date | None = None
) -> pl.DataFrame:
    """ES+VIX-like minute bars whose next return carries a signal of known population rank IC ``ic``, 0 for none.

    Columns: ``time`` (bar start, UTC), ``open``, ``high``, ``low``, ``close`` (index points, tick 0.25), ``volume``
    (contracts) and ``vix_close`` (VIX points to the cent at the end of the same minute). All of a row, its VIX
    included, is known when its bar is complete, one minute after ``time``; an order may be filled from the next bar's
    open. Sessions run from 18:00 New York to 17:00 of a trade date, each minute present, Monday to Friday without New
    Year's Day and Christmas, from the trade date ``start`` on (by default 2015-01-05, or earlier where needed to end
    by 2025).

    The signal: let the driver d of bar t be the sign of close[t-5] - close[t-1], the 5-bar move without the last bar,
    reversed (``planted_driver`` has the rule for ties). The next move's size comes from volatility alone; its sign is
    +1 with probability (1 + tilt·d)/2. ``plant`` finds the tilt for which the Spearman correlation of d with
    close[t+1]/close[t] - 1, over neighbouring minutes of a session, is exactly ``ic`` in the population. At 0 every
    sign is a fair coin, independent of all before it, so nothing known at t says anything of the sign of the next
    return, though much of its size. A sample's figure scatters around it by about 1/√rows. The figure is not a bound: a
    forecast that also scales with expected volatility ranks a little better than d.

    With ``bounce`` 0 closes are clean, so the last return reversed earns nothing; opens alone sit on the other side of
    the spread. ``bounce`` > 0 puts that share of closes one tick off, which plants the reversal stated as
    ``plant(ic, bounce=bounce).reversal_rank_ic``. The same seed gives the same sizes of moves for every ``ic``.

    Raises ConfigError where rows lies outside [1, 100,000,000], seed < 0, ic outside [0, 0.2] or bounce outside [0, 1].

    >>> bars = simulate(rows=1500, ic=0.02, seed=0)
    >>> bars.columns
    ['time', 'open', 'high', 'low', 'close', 'volume', 'vix_close']
    >>> bars["time"][0].isoformat()
    '2015-01-04T23:00:00+00:00'
    """
    return pl.concat(simulate_chunks(rows=rows, ic=ic, seed=seed, bounce=bounce, start=start))


def simulate_chunks(
    *,
    rows: int,
    ic: float,
    seed: int,
    bounce: float = 0.0,
    start: date | None = None,
    chunk_rows: int = BLOCK_ROWS,
) -> Iterator[pl.DataFrame]:
    """The frame of ``simulate`` in pieces of ``chunk_rows`` rows, the last one shorter; memory holds one piece.

    >>> [len(chunk) for chunk in simulate_chunks(rows=2500, ic=0.0, seed=0, chunk_rows=1000)]
    [1000, 1000, 500]
    """
    _check_sizes(rows=rows, seed=seed, chunk_rows=chunk_rows)
    planting = plant(ic, bounce=bounce)
    blocks = _blocks(rows, planting, seed=seed, start=start or usual_start(rows))
    return _regrouped(blocks, chunk_rows)


def _check_sizes(*, rows: int, seed: int, chunk_rows: int) -> None:
    faults = [
        f"{name} must be at least {least}, got {name}={value}."
        for name, value, least in (("rows", rows, 1), ("seed", seed, 0), ("chunk_rows", chunk_rows, 1))
        if value < least
    ]
    if rows > MAX_ROWS:
        faults.append(f"rows must be at most {MAX_ROWS:,}, as times end with the year 2262, got rows={rows}.")
    if faults:
        raise ConfigError(" ".join(faults))


def _blocks(rows: int, planting: Planting, *, seed: int, start: date) -> Iterator[pl.DataFrame]:
    carry = Carry()
    for number, row in enumerate(range(0, rows, BLOCK_ROWS)):
        block = simulate_block(generator(seed, "simulate", number), planting, carry)
        carry = block.carry
        opening_S = opening_seconds(trade_dates(start, first=number * SESSIONS, count=SESSIONS))
        yield _frame(block, opening_S).head(rows - row)


def _frame(block: SimulatedBlock, opening_S: np.ndarray) -> pl.DataFrame:
    second_MS = opening_S + 60 * np.arange(MINUTES)[:, None]
    prices = {"open": block.open, "high": block.high, "low": block.low, "close": block.close}
    return pl.DataFrame(
        {
            "time": pl.from_epoch(pl.Series(_by_session(second_MS)), time_unit="s"),
            **{name: _by_session(ticks_MS * TICK) for name, ticks_MS in prices.items()},
            "volume": _by_session(block.volume),
            "vix_close": _by_session(block.vix),
        }
    ).with_columns(pl.col("time").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))


def _by_session(values_MS: np.ndarray) -> np.ndarray:
    return values_MS.T.ravel()


def _regrouped(frames: Iterator[pl.DataFrame], chunk_rows: int) -> Iterator[pl.DataFrame]:
    held: list[pl.DataFrame] = []
    for frame in frames:
        held.append(frame)
        while sum(map(len, held)) >= chunk_rows:
            together = pl.concat(held)
            yield together.head(chunk_rows)
            held = [together.slice(chunk_rows)]
    if any(map(len, held)):
        yield pl.concat(held)
