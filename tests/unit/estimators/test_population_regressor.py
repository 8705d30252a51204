"""scikit-learn's own examination, and what it does not ask."""

import pickle
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import tailproof
from tailproof import PopulationRegressor, WalkForward

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 3))
Y = 5.0 + 2.0 * np.tanh(X[:, 0]) + 0.1 * RNG.normal(size=300)
SMALL = PopulationRegressor(members=2, epochs=20, random_state=0, n_jobs=1)


@pytest.mark.filterwarnings("ignore::Warning")
@parametrize_with_checks(
    [PopulationRegressor(members=2, n_jobs=1)],
    expected_failed_checks=lambda estimator: {
        f"check_sample_weight_equivalence_on_{kind}_data": "batches are drawn by row: weight 2 is not two rows"
        for kind in ("dense", "sparse")
    },
)
def test_scikit_learns_own_checks(estimator: PopulationRegressor, check: Callable[[PopulationRegressor], None]) -> None:
    check(estimator)


def test_it_learns_and_its_members_differ() -> None:
    model = tailproof.PopulationRegressor(random_state=0, n_jobs=1).fit(X, Y)
    assert model.score(X, Y) > 0.9
    forecast_MN = model.predict_members(X)
    assert forecast_MN.shape == (8, 300)
    np.testing.assert_array_equal(forecast_MN.mean(axis=0), model.predict(X))
    assert len(np.unique(forecast_MN[:, 0])) == 8


def test_a_pickle_forecasts_the_same() -> None:
    model = PopulationRegressor(**SMALL.get_params()).fit(X, Y)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))


def test_partial_fit_goes_on_from_the_weights_as_they_are() -> None:
    model = PopulationRegressor(**SMALL.get_params()).fit(X[:200], Y[:200])
    before, loss = model.parameters_, model.score(X[200:], Y[200:])
    for _ in range(3):
        model.partial_fit(X, Y)
    assert model.score(X[200:], Y[200:]) > loss
    assert any(not np.array_equal(value, model.parameters_[name]) for name, value in before.items())
    fresh = PopulationRegressor(**SMALL.get_params()).partial_fit(X, Y)
    np.testing.assert_array_equal(fresh.predict(X), PopulationRegressor(**SMALL.get_params()).fit(X, Y).predict(X))


def test_steps_of_a_feature_are_learned_in_bins_that_later_rows_keep() -> None:
    y_N = np.where(np.floor(X[:, 1] / 0.75) % 2 == 0, 1.0, -1.0)
    plain, in_bins = (
        PopulationRegressor(**SMALL.get_params() | {"embedding_bins": bins}).fit(X, y_N) for bins in (None, 16)
    )
    assert in_bins.score(X, y_N) > plain.score(X, y_N) + 0.2
    network = in_bins.spec_
    assert in_bins.partial_fit(3.0 * X, y_N).spec_ == network
    assert network.describe().startswith("PiecewiseLinear(3, 48)")


def test_it_works_where_estimators_work() -> None:
    splitter = WalkForward(n_splits=2)
    assert len(cross_val_score(make_pipeline(StandardScaler(), SMALL), X, Y, cv=splitter)) == 2
    search = GridSearchCV(SMALL, {"learning_rate": [1e-9, 1e-2]}, cv=splitter).fit(X, Y)
    assert search.best_params_ == {"learning_rate": 1e-2}


def test_a_weight_says_how_hard_a_row_pulls() -> None:
    weighted = np.arange(300) < 200
    other = np.where(weighted, Y, -Y)
    ignoring = PopulationRegressor(**SMALL.get_params()).fit(X, other, sample_weight=weighted)
    np.testing.assert_array_equal(
        ignoring.predict(X), PopulationRegressor(**SMALL.get_params()).fit(X[weighted], Y[weighted]).predict(X)
    )
    same = PopulationRegressor(**SMALL.get_params()).fit(X, Y, sample_weight=np.full(300, 7.0))
    np.testing.assert_array_equal(same.predict(X), PopulationRegressor(**SMALL.get_params()).fit(X, Y).predict(X))
    rng = np.random.default_rng(1)
    up = rng.random(300) < 0.5
    torn = np.where(up, 1.0, -1.0)
    means = [
        float(PopulationRegressor(**SMALL.get_params()).fit(X, torn, np.where(up, weight, 1.0)).predict(X).mean())
        for weight in (0.2, 5.0)
    ]
    assert means[0] < -0.3
    assert means[1] > 0.3
    for weights in (-weighted.astype(float), np.zeros(300), np.ones(3), np.full(300, np.nan)):
        with pytest.raises(ValueError):
            PopulationRegressor(**SMALL.get_params()).fit(X, Y, sample_weight=weights)


@pytest.mark.parametrize(
    ("parameter", "value"), [("members", 0), ("hidden_dims", "abc"), ("schedule", "cos"), ("n_jobs", 0)]
)
def test_a_parameter_that_cannot_be_is_named(parameter: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"The '{parameter}' parameter of PopulationRegressor must be"):
        tailproof.PopulationRegressor(**{parameter: value}).fit(X, Y)


def test_all_threads_by_the_number_that_scikit_learn_uses() -> None:
    first, second = (
        tailproof.PopulationRegressor(members=1, epochs=1, random_state=0, n_jobs=jobs) for jobs in (1, -1)
    )
    np.testing.assert_array_equal(first.fit(X, Y).predict(X), second.fit(X, Y).predict(X))


@pytest.mark.parametrize("widths", [(8.5,), [8, 0], ("8",)])
def test_widths_of_layers_are_refused_by_name(widths: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="hidden_dims must hold whole numbers of at least 1"):
        PopulationRegressor(hidden_dims=widths).fit(X, Y)  # type: ignore[arg-type]
