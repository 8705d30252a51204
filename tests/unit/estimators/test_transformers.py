"""The target and the scaling as transformers: scikit-learn's own examination, and the values."""

import pickle
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.base import BaseEstimator, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from tailproof import RankTarget, RobustClip, WalkForward

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))
Y = np.exp(X[:, 0])


@pytest.mark.filterwarnings("ignore::Warning")
@parametrize_with_checks([RankTarget(), RobustClip()])
def test_scikit_learns_own_checks(estimator: BaseEstimator, check: Callable[[BaseEstimator], None]) -> None:
    check(estimator)


def test_ranks_are_those_of_scipy_and_come_back() -> None:
    ranks = RankTarget().fit(X)
    np.testing.assert_allclose(ranks.transform(X), (rankdata(X, axis=0) - 1.0) / 199.0, rtol=1e-12)
    np.testing.assert_allclose(ranks.inverse_transform(ranks.transform(X)), X, rtol=1e-9)
    np.testing.assert_array_equal(RankTarget().fit_transform(np.full((4, 1), 7.0)), 0.5)


def test_they_stand_where_transformers_stand() -> None:
    model = TransformedTargetRegressor(make_pipeline(RobustClip(), Ridge()), transformer=RankTarget())
    assert model.fit(X, Y).predict(X).max() <= Y.max()
    assert len(cross_val_score(clone(model), X, Y, cv=WalkForward(n_splits=3))) == 3
    search = GridSearchCV(
        model, {"regressor__ridge__alpha": [1e-3, 1e6]}, cv=WalkForward(n_splits=2), scoring="neg_mean_absolute_error"
    )
    again = pickle.loads(pickle.dumps(search.fit(X, Y)))
    np.testing.assert_array_equal(again.predict(X), search.predict(X))
    assert search.best_params_ == {"regressor__ridge__alpha": 1e-3}
