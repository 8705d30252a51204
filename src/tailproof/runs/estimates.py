"""What a run will take, said before it trains; what cannot fit is refused."""

from __future__ import annotations

from tailproof.core.errors import ConfigError
from tailproof.core.events import LogLine, details
from tailproof.core.surface import setting
from tailproof.engines.distributed import SpreadEngine
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.engines.select import RateOf, measured_rate
from tailproof.models.spec import NetSpec

COPIES = 16
"""Copies of all weights that training holds at its widest: weights, gradients and two moments of AdamW, in the order of
networks and in that of SIMD lanes; the state at the beginning of the epoch; the best weights; one to save."""
MIN_STEPS_MEASURED = 5_000_000
"""Model-steps from which the time is worth measuring: some seconds of the slowest engine's best."""
MAX_DAYS = 366
"""A run that would take longer is refused."""


def training_bytes(spec: NetSpec, *, networks: int, average_epochs: int) -> int:
    """The memory of a population in training, without its rows, which lie in files where they are long.

    >>> from tailproof.models.spec import robust_financial_net
    >>> spec = robust_financial_net(inputs=5, hidden_dims=(16, 8), dropout_rate=0.1)
    >>> training_bytes(spec, networks=64, average_epochs=1)
    1183744
    """
    return spec.parameter_count * networks * 4 * (COPIES + average_epochs - 1)


def refuse_no_memory(spec: NetSpec, *, networks: int, average_epochs: int, available: int | None) -> None:
    """Refuse a population that the memory of this machine cannot hold.

    Args:
        spec: of the networks.
        networks: how many train at once, placebos included.
        average_epochs: sets of weights that are averaged.
        available: bytes that are free; None where that is not known.

    Raises:
        ConfigError: says what is needed, what there is, and which settings lower it.
    """
    needed = training_bytes(spec, networks=networks, average_epochs=average_epochs)
    if available is None or needed <= available:
        return
    raise ConfigError(
        f"training must fit into memory, but {networks:,} networks of {spec.parameter_count:,} weights take about "
        f"{needed / 1e9:,.1f} GB, and {available / 1e9:,.1f} GB are free. Give smaller {setting('hidden_dims')}, or "
        f"fewer {setting('members')} or {setting('placebos')}."
    )


def time_lines(engine: Engine, job: TrainingJob, *, model_steps: int, rate_of: RateOf = measured_rate) -> list[LogLine]:
    """How long training will take, measured for a moment on the job; nothing for a short run, or for several processes.

    Args:
        engine: that trains.
        job: of the shipped members.
        model_steps: of all networks in all windows.
        rate_of: measures the model-steps a second of the engine on the job.

    Raises:
        ConfigError: it would take more than a year.
    """
    if model_steps < MIN_STEPS_MEASURED or isinstance(engine, SpreadEngine):
        return []
    rate = rate_of(engine, job)
    seconds = model_steps / rate
    if seconds > MAX_DAYS * 86_400:
        raise ConfigError(
            f"a run must end within {MAX_DAYS} days, but {model_steps:,} model-steps take about "
            f"{seconds / 86_400:,.0f} days at {rate:,.0f} a second. Give fewer {setting('epochs')}, "
            f"{setting('members')}, {setting('placebos')} or {setting('folds')}, or a larger {setting('batch_size')}."
        )
    return details([f"Estimate: {model_steps:,} model-steps, about {_spoken(seconds)} at {rate:,.0f} a second."])


def _spoken(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{max(1.0, seconds):,.0f} s"
