"""A pattern of the day alone earns no small p: the placebos keep the time of day, and learn the pattern too."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.worlds.known_skill import protocol_verdict

from tailproof.bars.simulate import simulate
from tailproof.settings.train_settings import TrainSettings


@pytest.mark.slow
def test_a_pattern_of_the_day_is_learned_by_the_placebos_too() -> None:
    evidence = protocol_verdict(bars_with_a_daily_wave(), TrainSettings(members=2, threads=1, baselines=False)).rank_ic
    assert evidence.value > 0.05
    assert min(evidence.placebos) > 0.8 * evidence.value
    assert evidence.p_placebo is not None
    assert evidence.p_placebo >= 0.2


def bars_with_a_daily_wave() -> pl.DataFrame:
    """Minutes that know nothing of their past, of which each return leans the way of its minute of the day."""
    bars = simulate(rows=60_000, ic=0.0, seed=1)
    minute_N = (bars["time"].dt.epoch("s") // 60 % 1440).to_numpy()
    return_N = np.diff(np.log(bars["close"].to_numpy()), prepend=np.log(bars["close"][0]))
    factor_N = np.exp(np.cumsum(0.08 * return_N.std() * np.sin(2.0 * np.pi * minute_N / 1440.0)))
    bars = bars.with_columns(
        *(bars[name] * factor_N for name in ("high", "low", "close")), bars["open"] * np.r_[1.0, factor_N[:-1]]
    )
    return bars.with_columns(
        high=pl.max_horizontal("open", "high", "close"), low=pl.min_horizontal("open", "low", "close")
    )
