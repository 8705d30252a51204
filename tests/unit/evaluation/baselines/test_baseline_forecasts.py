import numpy as np
import pytest
from scipy.stats import linregress
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from tailproof.evaluation import LAST_RETURN, Forecaster, baseline_forecasts, fit_gradient_boosting, spearman
from tailproof.evaluation.baselines.last_return import last_return_forecast
from tailproof.evaluation.baselines.ridge import fit_ridge

RNG = np.random.default_rng(0)
X = (RNG.normal(size=(4_000, 3)) * [1.0, 100.0, 0.01] + [0.0, 5.0, 1.0]).astype(np.float32)
LAST = RNG.normal(size=4_000)
Y = 0.2 * X[:, 0] - 0.3 * LAST + RNG.normal(size=4_000)


@pytest.mark.parametrize("penalty", [1e-4, 0.1, 10.0])
def test_ridge_is_that_of_scikit_learn(penalty: float) -> None:
    ours = fit_ridge(X, Y, later_x_NF=X[:0], later_target_N=Y[:0], penalties=(penalty,))
    scaled = StandardScaler().fit(X.astype(np.float64))
    theirs = Ridge(alpha=penalty * len(X)).fit(scaled.transform(X.astype(np.float64)), Y)
    assert ours.forecast(X) == pytest.approx(theirs.predict(scaled.transform(X.astype(np.float64))), abs=1e-6)


def test_the_penalty_is_chosen_on_the_later_rows() -> None:
    noise_N = RNG.normal(size=60)
    wide_NF = RNG.normal(size=(4_060, 40))
    chosen = fit_ridge(wide_NF[:60], noise_N, later_x_NF=wide_NF[60:], later_target_N=RNG.normal(size=4_000))
    assert chosen.penalty == 10.0
    assert fit_ridge(X[:2_000], Y[:2_000], later_x_NF=X[2_000:], later_target_N=Y[2_000:]).penalty < 1.0


def test_a_feature_that_never_varies_does_no_harm() -> None:
    x_NF = np.c_[X[:, :1], np.ones(4_000)]
    assert np.isfinite(fit_ridge(x_NF, Y, later_x_NF=x_NF, later_target_N=Y).forecast(x_NF)).all()


def test_last_return_is_the_least_squares_line_of_scipy() -> None:
    line = linregress(LAST[:2_000], Y[:2_000])
    forecast_N = last_return_forecast(LAST[:2_000], Y[:2_000], LAST[2_000:])
    assert forecast_N == pytest.approx(line.intercept + line.slope * LAST[2_000:])
    assert line.slope < 0.0


def trees_of(target_N: np.ndarray) -> Forecaster:
    return fit_gradient_boosting(
        X[:2_000],
        target_N[:2_000],
        validation_x_NF=X[2_000:2_500],
        validation_target_N=target_N[2_000:2_500],
        rng=np.random.default_rng(0),
    )


def all_of(target_N: np.ndarray) -> dict[str, np.ndarray]:
    simple = baseline_forecasts(
        X,
        target_N,
        LAST,
        train=slice(0, 2_000),
        validation=slice(2_000, 2_500),
        test=slice(2_500, 4_000),
    )
    return {**simple, "LightGBM": trees_of(target_N)(X[2_500:])}


def test_each_baseline_finds_its_own_signal() -> None:
    forecasts = all_of(Y)
    assert list(forecasts) == [LAST_RETURN, "ridge", "LightGBM"]
    assert all(spearman(forecast_N, Y[2_500:]) > 0.1 for forecast_N in forecasts.values())


def test_nothing_is_learned_from_the_test_rows() -> None:
    wild_N = Y.copy()
    wild_N[2_500:] = 1e6
    for name, forecast_N in all_of(wild_N).items():
        assert (forecast_N == all_of(Y)[name]).all(), name


def test_rows_may_be_given_as_numbers() -> None:
    rows = baseline_forecasts(
        X,
        Y,
        LAST,
        train=np.arange(2_000),
        validation=np.arange(2_000, 2_500),
        test=np.arange(2_500, 4_000),
    )
    assert all((all_of(Y)[name] == forecast_N).all() for name, forecast_N in rows.items())
