from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.core.errors import DataError
from tailproof.tasks import forward_return


@pytest.mark.parametrize("horizon", [1, 3])
def test_the_return_ends_horizon_bars_later_and_never_crosses_a_break(horizon: int) -> None:
    frame = random_bar_frame(40, breaks=(15,))
    labels = forward_return(bars_of(frame), horizon=horizon)
    close_N = frame["close"].to_numpy()
    for row in range(40):
        end = row + horizon
        inside = end < 40 and not row < 15 <= end
        value = labels["forward_return"][row]
        assert (value is not None) == inside
        if inside:
            np.testing.assert_allclose(value, close_N[end] / close_N[row] - 1.0)
            assert (labels["label_end"][row] - frame["time"][end]).total_seconds() == 60


def test_a_price_of_zero_or_below_has_no_return_in_percent() -> None:
    bars = bars_of(random_bar_frame(40))
    below = replace(bars, frame=bars.frame.with_columns(pl.col("close") - pl.col("close").get(20)))
    count = int((below.frame["close"] <= 0.0).sum())
    with pytest.raises(DataError, match=rf"closes above 0, got {count} closes of 0 or below, first at .* by ratio"):
        forward_return(below, horizon=1)
