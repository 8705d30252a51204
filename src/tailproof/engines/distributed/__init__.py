"""Several processes, on one machine or many, that share the members of a population or the fits of an outside model."""

from tailproof.engines.distributed.fit_pool import FitPool, Workers
from tailproof.engines.distributed.open_workers import open_ray, open_workers
from tailproof.engines.distributed.processes import Processes
from tailproof.engines.distributed.spread_engine import SpreadEngine, WorkerPool

__all__ = ["FitPool", "Processes", "SpreadEngine", "WorkerPool", "Workers", "open_ray", "open_workers"]
