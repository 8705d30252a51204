"""Several processes, on one machine or many, that train the members of a population between them."""

from tailproof.engines.distributed.open_workers import open_workers
from tailproof.engines.distributed.spread_engine import SpreadEngine, WorkerPool

__all__ = ["SpreadEngine", "WorkerPool", "open_workers"]
