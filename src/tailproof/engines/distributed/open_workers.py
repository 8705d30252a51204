"""Which processes train: this one alone, those of torchrun, or a Ray cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tailproof.core.errors import ConfigError
from tailproof.core.surface import setting
from tailproof.engines.distributed.fit_pool import Workers
from tailproof.engines.distributed.torchrun_rank import started_by_torchrun


@contextmanager
def open_workers(*, ray: str | None, threads: int) -> Iterator[Workers | None]:
    """The processes that share what is trained; None where this one is alone.

    Args:
        ray: ``local`` for a cluster of this machine, ``auto`` for one that runs, or its address; None for no Ray.
        threads: of the lanes engine in each process; 0 leaves it to the pool.

    Raises:
        ConfigError: Ray is not installed or not reached, or torchrun has started this process too.
    """
    if started_by_torchrun():
        if ray is not None:
            raise ConfigError(f"{setting('ray')} and torchrun both share out what is trained. Use one of them.")
        from tailproof.engines.distributed.torchrun import ranks

        with ranks(threads=threads) as started:
            yield started
    else:
        with open_ray(ray, threads=threads) as cluster:
            yield cluster


@contextmanager
def open_ray(address: str | None, *, threads: int) -> Iterator[Workers | None]:
    """The Ray cluster at an address; None where none is named. Arguments and errors as for ``open_workers``."""
    if address is None:
        yield None
        return
    from tailproof.engines.distributed.ray_cluster import ray_cluster

    with ray_cluster(address, threads=threads) as cluster:
        yield cluster
