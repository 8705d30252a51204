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
@parametrize_with_checks([PopulationRegressor(members=2, n_jobs=1)])
def test_scikit_learns_own_checks(estimator: PopulationRegressor, check: Callable[[PopulationRegressor], None]) -> None:
    check(estimator)


def test_it_learns_and_its_members_differ() -> None:
    model = tailproof.PopulationRegressor(random_state=0, n_jobs=1).fit(X, Y)
    assert model.score(X, Y) > 0.9
    said_MN = model.predict_members(X)
    assert said_MN.shape == (8, 300)
    np.testing.assert_array_equal(said_MN.mean(axis=0), model.predict(X))
    assert len(np.unique(said_MN[:, 0])) == 8


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


def test_it_works_where_estimators_work() -> None:
    splitter = WalkForward(n_splits=2)
    assert len(cross_val_score(make_pipeline(StandardScaler(), SMALL), X, Y, cv=splitter)) == 2
    search = GridSearchCV(SMALL, {"learning_rate": [1e-9, 1e-2]}, cv=splitter).fit(X, Y)
    assert search.best_params_ == {"learning_rate": 1e-2}
