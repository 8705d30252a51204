import numpy as np
import pytest
from sklearn.preprocessing import RobustScaler as SklearnScaler

from tailproof.scaling import RobustScaler

RNG = np.random.default_rng(0)


def test_medians_and_iqrs_equal_scikit_learn() -> None:
    x_NF = RNG.standard_t(3, (999, 4)).astype(np.float32)
    ours, theirs = RobustScaler.fit(x_NF), SklearnScaler().fit(x_NF.astype(np.float64))
    np.testing.assert_allclose(ours.median_F, theirs.center_, rtol=1e-6)
    np.testing.assert_allclose(ours.scale_F, theirs.scale_, rtol=1e-6)


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 997])
def test_quartiles_are_those_of_numpy_to_the_bit(rows: int) -> None:
    x_NF = RNG.standard_t(3, (rows, 4)).astype(np.float32)
    scaler = RobustScaler.fit(x_NF)
    low_F, middle_F, high_F = np.percentile(x_NF, [25.0, 50.0, 75.0], axis=0)
    np.testing.assert_array_equal(scaler.median_F, middle_F)
    np.testing.assert_array_equal(scaler.iqr_F, high_F - low_F)


def test_the_clip_is_smooth_bounded_and_almost_linear_near_zero() -> None:
    x_NF = np.linspace(-1.0, 1.0, 1001, dtype=np.float32)[:, None]
    scaled_NF = RobustScaler.fit(x_NF).transform(np.array([[0.1], [1e9], [-1e9]], dtype=np.float32))
    np.testing.assert_allclose(scaled_NF[:, 0], [0.1, 5.0, -5.0], rtol=1e-3)
    assert scaled_NF.dtype == np.float32


def test_a_feature_that_rests_is_scaled_by_its_deviation_and_a_constant_becomes_zero() -> None:
    resting_N = np.zeros(1000)
    resting_N[::10] = RNG.normal(size=100)
    x_NF = np.c_[resting_N, np.full(1000, 7.0), RNG.normal(size=1000)].astype(np.float32)
    scaler = RobustScaler.fit(x_NF)
    np.testing.assert_allclose(scaler.scale_F[0], 1.349 * x_NF[:, 0].std(), rtol=1e-3)
    assert not scaler.transform(x_NF)[:, 1].any()
    assert scaler.zero_iqr_features(("resting", "constant", "moving")) == ("resting", "constant")
