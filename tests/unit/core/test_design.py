import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.core.design import build_design
from tailproof.core.errors import DataError
from tailproof.core.feature_values import FeatureValues
from tailproof.features import compute, select_features
from tailproof.tasks import forward_return

BARS = bars_of(random_bar_frame(50, breaks=(25,)))


def test_rows_are_those_with_features_and_label_and_the_rest_is_counted() -> None:
    features = compute(BARS, select_features(BARS, ["original"]).features)
    design = build_design(BARS, features, forward_return(BARS, horizon=1))
    assert design.bar_N.tolist() == [*range(5, 24), *range(30, 49)]
    assert sum(design.dropped.values()) + len(design) == len(BARS)
    assert list(design.dropped.values()) == [10, 2]
    assert design.x_NF.dtype == np.float32
    assert (design.label_end_N > design.known_at_N).all()


def test_a_feature_that_is_not_finite_is_named_with_its_bar() -> None:
    features = pl.DataFrame({"mine": pl.Series(np.r_[np.zeros(7), np.inf, np.zeros(42)])})
    with pytest.raises(DataError, match="'mine' is inf at 1 bar, first 2024-01-02 14:37 UTC"):
        build_design(BARS, features, forward_return(BARS, horizon=1))


def test_no_row_at_all_is_an_error_that_counts() -> None:
    with pytest.raises(DataError, match="no bar has both features and a label"):
        build_design(
            BARS, pl.DataFrame({"mine": pl.Series([None] * 50, dtype=pl.Float64)}), forward_return(BARS, horizon=1)
        )


def test_a_feature_that_is_not_finite_in_a_later_piece_is_counted_over_all() -> None:
    pieces = [
        (0, pl.DataFrame({"mine": np.zeros(20)})),
        (20, pl.DataFrame({"mine": [None, np.nan, *np.zeros(8), 1e39]})),
        (31, pl.DataFrame({"mine": [np.inf, *np.zeros(18)]})),
    ]
    values = FeatureValues.gather(["mine"], pieces, bars=50)
    with pytest.raises(DataError, match="'mine' is nan at 3 bars, first 2024-01-02 14:51 UTC"):
        build_design(BARS, values, forward_return(BARS, horizon=1))
