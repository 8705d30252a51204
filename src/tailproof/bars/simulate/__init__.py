"""ES+VIX-like minute bars with a next-bar signal of exactly known population rank IC; none when it is 0."""

from tailproof.bars.simulate.bar_moments import moments
from tailproof.bars.simulate.driver import planted_driver
from tailproof.bars.simulate.planting import Planting, plant
from tailproof.bars.simulate.stream import simulate, simulate_chunks
from tailproof.bars.simulate.write import write_simulated

__all__ = ["Planting", "moments", "plant", "planted_driver", "simulate", "simulate_chunks", "write_simulated"]
