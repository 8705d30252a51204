from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score

from tailproof.core.errors import ConfigError, DataError, InputError
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
    with pytest.raises(DataError, match="known_at must have one value per row of X, got 5 values for 300 rows"):
        list(WalkForward(known_at=np.arange(5), label_end=np.arange(5) + 1).split(X))
    with pytest.raises(DataError, match="must be given together"):
        list(CombinatorialPurged(known_at=np.arange(300)).split(X))
    with pytest.raises(DataError, match="to split by sessions, give session"):
        list(WalkForward(unit="sessions").split(X))


HOURS = pd.date_range("2024-01-02", periods=300, freq="h", tz="America/New_York")
EMBARGOED = [
    (train.tolist(), test.tolist())
    for train, test in WalkForward(
        folds=3,
        embargo=timedelta(hours=5),
        known_at=HOURS.as_unit("ns").asi8,
        label_end=HOURS.as_unit("ns").asi8 + 3_600_000_000_000,
    ).split(X)
]


def without_zone(times: pd.DatetimeIndex) -> np.ndarray:
    return np.asarray(times.tz_convert(None))


def in_unit(unit: str) -> Callable[[pd.DatetimeIndex], np.ndarray]:
    return lambda times: without_zone(times).astype(f"datetime64[{unit}]")


KINDS = {
    **{unit: in_unit(unit) for unit in ("s", "ms", "us", "ns")},
    "index with a zone": lambda times: times,
    "Series with a zone": lambda times: times.to_series(),
    "index without a zone": without_zone,
    "Series of ns with a zone": lambda times: times.to_series().dt.as_unit("ns"),
    "datetimes of Python": lambda times: list(times.to_pydatetime()),
    "polars with a zone": lambda times: pl.Series(without_zone(times)).dt.replace_time_zone("UTC"),
    "polars without a zone": lambda times: pl.Series(without_zone(times)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("embargo", ["5h", timedelta(hours=5), np.timedelta64(300, "m"), pd.Timedelta("5h")])
def test_times_of_every_kind_are_the_same_instants(kind: str, embargo: object) -> None:
    known_at, label_end = KINDS[kind](HOURS), KINDS[kind](HOURS + timedelta(hours=1))
    splitter = WalkForward(folds=3, embargo=embargo, known_at=known_at, label_end=label_end)
    assert [(train.tolist(), test.tolist()) for train, test in splitter.split(X)] == EMBARGOED
    assert len(EMBARGOED[0][0]) == 150 - 5, "an embargo of five hours on hours, not of all rows"


def test_sessions_may_have_names() -> None:
    numbers = np.repeat([3, 1, 2], 100)
    named = WalkForward(folds=1, unit="sessions", session=np.repeat(["Wed", "Mon", "Tue"], 100))
    numbered = WalkForward(folds=1, unit="sessions", session=np.repeat([0, 1, 2], 100))
    ((train, test),), ((same_train, same_test),) = named.split(X), numbered.split(X)
    assert (train.tolist(), test.tolist()) == (same_train.tolist(), same_test.tolist())
    assert (len(train), len(test)) == (200, 100)
    with pytest.raises(DataError, match="must not fall, but they do after row 99"):
        list(WalkForward(folds=2, unit="sessions", session=numbers).split(X))


SECONDS = 1_700_000_000 + 60 * np.arange(300)


def test_integers_of_any_unit_are_in_order_where_no_distance_in_time_matters() -> None:
    rows = list(WalkForward(folds=2, embargo=3, known_at=SECONDS, label_end=SECONDS + 60).split(X))
    assert [len(train) for train, _ in rows] == [147, 222]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"unit": "session"}, "unit must be rows, sessions or months, got 'session'. Did you mean 'sessions'"),
        ({"window": "roling"}, "window must be expanding or rolling, got 'roling'. Did you mean 'rolling'"),
        ({"embargo": "2 fortnights"}, "embargo should be a number of bars, or a duration"),
        ({"embargo": "1M"}, "embargo should be a number of bars, or a duration .* a month is 30d"),
        ({"embargo": np.timedelta64(5)}, "embargo must be a number of rows or a time such as 2h or a timedelta"),
        ({"embargo": 2.5}, "embargo must be a number of rows or a time such as 2h or a timedelta, got 2.5"),
        ({"embargo": -1}, "embargo must not be negative, got embargo=-1"),
        ({"embargo": "2h"}, "an embargo in time needs the times of the rows, got embargo='2h' without known_at"),
        ({"known_at": np.arange(300.0), "label_end": np.arange(300.0) + 1}, "known_at must be datetimes, or integers"),
        ({"known_at": ["a"] * 300, "label_end": ["b"] * 300}, "known_at must be datetimes, or integers"),
        ({"known_at": [None] * 300, "label_end": [None] * 300}, "known_at must be datetimes, got None in row 0"),
        (
            {"known_at": np.full(300, np.datetime64("NaT", "s")), "label_end": np.arange(300)},
            "known_at must have a time in each row, got none in row 0",
        ),
        (
            {"embargo": "2h", "known_at": SECONDS, "label_end": SECONDS + 60},
            "nanoseconds since 1970 where it is integers and the embargo is a time, .* 1970-01-01T00:00:01.7",
        ),
        ({"unit": "months", "known_at": SECONDS * 10**6, "label_end": SECONDS * 10**6 + 1}, "months are counted"),
    ],
)
def test_what_cannot_be_read_is_refused(changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        list(WalkForward(**changes).split(X))


def test_scikit_learns_name_for_folds() -> None:
    splitter = WalkForward(n_splits=3)
    assert (splitter.get_n_splits(), len(list(splitter.split(X)))) == (3, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WalkForward(n_splits=0), "n_splits must be a whole number of at least 1, got 0"),
        (lambda: WalkForward(n_splits=True), "n_splits must be a whole number of at least 1, got True"),
        (lambda: WalkForward(folds="3"), "folds must be a whole number of at least 1, got '3'"),
        (lambda: WalkForward(folds=None), "folds must be a whole number of at least 1, got None"),
        (lambda: WalkForward(horizon="1d"), "horizon must be a whole number of at least 1, got '1d'"),
        (lambda: WalkForward(train_fraction=1), "train_fraction must be a number between 0 and 1, got 1"),
        (lambda: WalkForward(window="roling"), "window must be expanding or rolling, got 'roling'"),
        (lambda: CombinatorialPurged(groups=2.5), r"groups must be a whole number of at least 2, got 2\.5"),
        (
            lambda: CombinatorialPurged(groups=3, test_groups=3),
            "test_groups must be less than groups, got test_groups=3",
        ),
        (lambda: list(WalkForward(embargo="x").split(X)), "embargo should be a number of bars.*, got 'x'"),
        (
            lambda: list(WalkForward(n_splits=1_000).split(X)),
            "for 1,000 folds. Give more bars.* another train_fraction",
        ),
    ],
)
def test_a_splitter_refuses_by_the_names_of_its_arguments(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make()


def test_a_fold_without_validation_asks_for_no_validation_row() -> None:
    with pytest.raises(DataError, match="at least 10 training rows, got 0 in fold 1 of 5, after purging 0 rows"):
        list(WalkForward(embargo=1_000).split(X))
