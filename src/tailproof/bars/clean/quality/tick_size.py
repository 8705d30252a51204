"""The grid of prices an instrument trades on, and prices off it."""

from __future__ import annotations

import numpy as np

from tailproof.bars.clean.quality.quality_part import QualityPart
from tailproof.bars.faults import Fault, FaultBook
from tailproof.core.records import PRICES
from tailproof.core.surface import setting

TICKS = (
    *(100.0, 50.0, 25.0, 10.0, 5.0, 2.5, 1.0, 0.5, 0.25, 0.125, 0.1, 0.0625, 0.05, 0.03125, 0.025, 0.015625, 0.01),
    *(0.005, 0.0025, 0.001, 0.0005, 0.00025, 0.0001, 0.00005, 0.00001, 0.000001, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12),
)
SHARE_ON_GRID = 0.995
MIN_SHARE = 1e-8
"""Share of the price; a finer grid only reflects the decimals that a file was written with."""
SAMPLE = 20_000
SCALES = (10**9, 10**4)
"""Databento counts in billionths, Lean in ten-thousandths."""
SCALED_FROM = 100_000
TOLERANCE = 1e-3
"""Share of a tick: files round 1/64 to cents, not to thousandths of a tick."""


class OffTick:
    """Prices that are not multiples of the tick, which is the coarsest that 99.5 % of the first prices fit."""

    def __init__(self) -> None:
        self.book = FaultBook()
        self.tick: float | None = None
        self.known = False
        self.scale = self.rows = 0

    def see(self, part: QualityPart) -> None:
        """Take in a part."""
        self.rows += len(part.time_N) - part.lead
        if not self.known:
            prices = [_sample(part.array(name)) for name in PRICES]
            price_N = np.concatenate(prices)
            self.tick, self.known = infer_tick(price_N), True
            self.scale = scale_of(price_N)
        if self.tick is None:
            return
        off_N = np.zeros(len(part.time_N), dtype=bool)
        for name in PRICES:
            off_N |= _off_grid(part.array(name), self.tick)
        off_N[: part.lead] = False
        rows = np.flatnonzero(off_N)
        if len(rows):
            row = part.frame[int(rows[0])]
            found = ", ".join(f"{name} {row[name][0]:g}" for name in PRICES)
            expected = f"multiples of the tick {self.tick:g}, inferred from the first rows"
            self.book.add(part.fault("price off the tick", rows, found=found, expected=expected))

    def faults(self) -> list[Fault]:
        """Warnings."""
        if self.scale:
            self.book.add(
                Fault(
                    kind="prices look multiplied",
                    lines=[],
                    found=f"whole numbers above {SCALED_FROM:,}, all multiples of {self.scale // 100:,}",
                    expected=f"prices as they are traded; if these are such prices times {self.scale:,}: "
                    + setting("price_scale", self.scale),
                    severity="warning",
                    total=self.rows,
                )
            )
        return list(self.book.of("warning"))

    def notes(self) -> list[str]:
        """The tick."""
        if self.tick is None:
            return ["No tick fits the prices: they are adjusted, averaged or converted."]
        return [f"The tick is {self.tick:g}."]


def infer_tick(price_N: np.ndarray) -> float | None:
    """The coarsest tick that the prices keep to; None where none does.

    >>> infer_tick(np.array([4000.25, 4000.5, 4001.75, 4002.0]))
    0.25
    """
    sample_N = _sample(price_N)
    smallest = float(np.min(sample_N))
    for tick in TICKS:
        if tick > smallest * (1 + TOLERANCE):
            continue  # every price would be near 0 ticks
        if tick < MIN_SHARE * float(np.median(sample_N)):
            return None
        if 1 - _off_grid(sample_N, tick).mean() >= SHARE_ON_GRID:
            return tick
    return None


def scale_of(price_N: np.ndarray) -> int:
    """The power of ten, 10,000 or 1e9, by which prices look multiplied; 0 where they do not.

    >>> scale_of(np.array([4742.25e9, 4743.5e9])), scale_of(np.array([4742.25, 4743.5]))
    (1000000000, 0)
    """
    sample_N = _sample(price_N)
    if np.median(sample_N) < SCALED_FROM or (sample_N != np.rint(sample_N)).any():
        return 0
    return next((scale for scale in SCALES if not (sample_N % (scale // 100)).any()), 0)


def _sample(price_N: np.ndarray) -> np.ndarray:
    return price_N[:: max(1, len(price_N) // SAMPLE)]


def _off_grid(price_N: np.ndarray, tick: float) -> np.ndarray:
    ticks_N = price_N * (1 / tick)
    ticks_N -= np.rint(ticks_N)
    off_N: np.ndarray = np.abs(ticks_N, out=ticks_N) > TOLERANCE
    return off_N
