from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.core.records import Bars
from tailproof.runs.run_summary import tick_warning
from tailproof.settings.cost_settings import CostSettings


def moving_by(tick: float) -> Bars:
    bars = bars_of(random_bar_frame(40))
    close_N = np.round(1.08 / tick + np.arange(40) % 7) * tick
    return replace(bars, frame=bars.frame.with_columns(close=pl.Series(close_N)))


@pytest.mark.parametrize(
    ("costs", "warns"),
    [
        (CostSettings(), False),
        (CostSettings(cost_unit="ticks"), True),
        (CostSettings(cost_unit="ticks", tick=1e-5), False),
    ],
)
def test_costs_in_ticks_of_another_instrument_are_named(costs: CostSettings, *, warns: bool) -> None:
    lines = tick_warning(moving_by(1e-5), costs)
    assert bool(lines) == warns
    if warns:
        assert "in ticks of 0.25, and the closes keep to ticks of 1e-05" in lines[0]
        assert "set tick=1e-05" in lines[0]
