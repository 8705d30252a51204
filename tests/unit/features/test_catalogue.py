import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.bars import sp500_days
from tailproof.core.errors import ConfigError
from tailproof.features import compute, feature_values, leave_out_seldom_known, select_features
from tailproof.features.clock import SAME_EVERY_DAY

FRAME = random_bar_frame(60, breaks=(30,))


def values(name: str, frame: pl.DataFrame = FRAME) -> np.ndarray:
    bars = bars_of(frame)
    return compute(bars, select_features(bars, [name]).features)[name].to_numpy()


def test_the_original_five_by_hand() -> None:
    bars = bars_of(FRAME)
    table = compute(bars, select_features(bars, ["original"]).features)
    close_N, high_N, low_N = (FRAME[name].to_numpy() for name in ("close", "high", "low"))
    volume_N, row = FRAME["volume"].to_numpy(), 50
    typical_N = (high_N + low_N + close_N) / 3
    window = slice(31, 51)
    assert table.columns == ["close_change_pct", "vwap", "price_range", "price_mom_3d", "price_mom_5d"]
    np.testing.assert_allclose(
        table.row(row),
        [
            close_N[row] / close_N[row - 1] - 1,
            (typical_N[window] * volume_N[window]).sum() / volume_N[window].sum(),
            (high_N[row] - low_N[row]) / close_N[row],
            close_N[row] / close_N[row - 3] - 1,
            close_N[row] / close_N[row - 5] - 1,
        ],
        rtol=1e-12,
    )


def test_nothing_reaches_over_a_break() -> None:
    assert np.isnan(values("close_change_pct")[[0, 30]]).all()
    assert np.isnan(values("price_mom_5d")[30:35]).all()
    assert np.isfinite(values("price_mom_5d")[35])


def test_vwap_without_volume_is_the_mean_typical_price() -> None:
    quiet = pl.int_range(pl.len()) < pl.len() - 1  # a file without any volume is read as one that has none
    frame = FRAME.with_columns(volume=pl.when(quiet).then(0.0).otherwise(pl.col("volume") + 1.0))
    typical_N = frame.select((pl.col("high") + pl.col("low") + pl.col("close")) / 3).to_series().to_numpy()
    np.testing.assert_allclose(values("vwap", frame)[10], typical_N[:11].mean(), rtol=1e-12)


def test_default_leaves_out_a_series_that_covers_too_few_bars_and_says_so() -> None:
    half = FRAME.with_columns(vix_close=pl.when(pl.int_range(pl.len()) < 30).then(pl.col("vix_close")))
    selection = select_features(bars_of(half), ["default"])
    assert "vix_log" not in [feature.name for feature in selection.features]
    assert any("50.0%" in note for note in selection.notes)


def test_default_adds_the_return_of_other_instruments() -> None:
    frame = FRAME.with_columns(nasdaq_close=pl.col("close") * 2)
    names = [feature.name for feature in select_features(bars_of(frame), ["default"]).features]
    assert names[-1] == "nasdaq_close_change_pct"


def test_presets_have_the_time_of_day_of_bars_that_are_shorter_than_a_day() -> None:
    day = {"day_sin_1", "day_cos_1"}
    for preset in ("default", "wide"):
        assert day <= {feature.name for feature in select_features(bars_of(FRAME), [preset]).features}
        of_days = {feature.name for feature in select_features(sp500_days(), [preset]).features}
        assert not SAME_EVERY_DAY & of_days
    assert "week_sin_1" in of_days
    assert [feature.name for feature in select_features(sp500_days(), ["day_sin_1"]).features] == ["day_sin_1"]


def test_levels_are_named_with_their_twin() -> None:
    assert "stationary twin is 'vwap_gap'" in select_features(bars_of(FRAME), ["original"]).notes[0]


def test_an_unknown_feature_gets_a_suggestion() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'vwap_gap'"):
        select_features(bars_of(FRAME), ["vwapgap"])


def test_a_named_feature_whose_column_is_absent_is_an_error() -> None:
    with pytest.raises(ConfigError, match="'vix_log' needs the column vix_close"):
        select_features(bars_of(FRAME.drop("vix_close")), ["vix_log"])


def test_what_is_seldom_known_is_left_out_and_said() -> None:
    bars = bars_of(FRAME)
    selection = select_features(bars, ["price_range", "rocp_20"])
    left = leave_out_seldom_known(selection, feature_values(bars, selection.features))
    assert [feature.name for feature in left.features] == ["price_range"]
    assert left.notes == ("'rocp_20' left out: it is known at only 33.3% of the bars (its history: 20 bars).",)
    seldom = select_features(bars, ["rocp_20"])
    with pytest.raises(ConfigError, match="none of 1 is"):
        leave_out_seldom_known(seldom, feature_values(bars, seldom.features))


def test_many_that_are_seldom_known_are_counted_in_one_line() -> None:
    bars = bars_of(FRAME)
    names = ["price_range", "rocp_20", "rocp_30", "ma_20", "rsv_20", "max_20", "min_20"]
    selection = select_features(bars, names)
    notes = leave_out_seldom_known(selection, feature_values(bars, selection.features)).notes
    assert len(notes) == 1
    assert notes[0].startswith("6 features left out: known at fewer than 80% of the bars")
    assert "ma_20 (37%, 19 bars)" in notes[0]
    assert "and 1 more" in notes[0]
