"""Features in pieces are the features of all bars at once, to the bit."""

import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.features import CATALOGUE, compute, feature_values
from tailproof.features.compute import PieceSize

FRAME = random_bar_frame(2600, seed=3, breaks=(150, 800, 801, 1100, 1500)).with_columns(
    vix_close_age_hours=pl.int_range(pl.len()) % 60 / 60.0
)
BARS = bars_of(FRAME)
FEATURES = tuple(CATALOGUE.values())


@pytest.mark.parametrize(("rows", "values"), [(100, 10**8), (700, 1), (10**6, 5000)])
def test_pieces_of_any_size_make_the_same_table(rows: int, values: int) -> None:
    whole = compute(BARS, FEATURES)
    size = PieceSize(rows=rows, values=values)
    pieced = compute(BARS, FEATURES, size=size)
    assert pieced.columns == whole.columns == [feature.name for feature in FEATURES]
    assert [name for name in whole.columns if not pieced[name].equals(whole[name], null_equal=True)] == []
    single = feature_values(BARS, FEATURES, size=size)
    expected_BF = whole.cast(pl.Float32).to_numpy()
    assert np.array_equal(single.x_BF, expected_BF, equal_nan=True)
    assert single.known_F.tolist() == [column.count() for column in whole]
