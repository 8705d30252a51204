import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score

from tailproof.core.errors import DataError
from tailproof.splits import CombinatorialPurged, WalkForward

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 2))
Y = X[:, 0] + RNG.normal(size=300)


@pytest.mark.parametrize("splitter", [WalkForward(folds=4, horizon=3), CombinatorialPurged(groups=5, horizon=3)])
def test_scikit_learn_takes_the_splitters(splitter) -> None:
    assert len(cross_val_score(Ridge(), X, Y, cv=splitter)) == splitter.get_n_splits()
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1e6]}, cv=splitter).fit(X, Y)
    assert search.best_params_ == {"alpha": 0.1}


def test_times_given_on_construction_decide_what_is_purged() -> None:
    known_N = np.arange(300) * 10
    splitter = WalkForward(folds=1, known_at=known_N, label_end=known_N + 45)
    ((train, test),) = splitter.split(X)
    assert (train[-1], test[0]) == (145, 150)


def test_times_of_other_rows_are_refused() -> None:
    with pytest.raises(DataError, match="known_at must have one value a row of X, however: 5 values, 300 rows"):
        list(WalkForward(known_at=np.arange(5), label_end=np.arange(5) + 1).split(X))
    with pytest.raises(DataError, match="must be given together"):
        list(CombinatorialPurged(known_at=np.arange(300)).split(X))
    with pytest.raises(DataError, match="to split by sessions, give session"):
        list(WalkForward(unit="sessions").split(X))
