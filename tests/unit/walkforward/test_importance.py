"""A population that truly reads one feature is found to lean on that one alone."""

from dataclasses import replace

import numpy as np
import pytest

from tailproof.core.records import Design, Fold
from tailproof.settings.train_settings import TrainSettings
from tailproof.walkforward import importance
from tailproof.walkforward.importance import Asking, Importance
from tailproof.walkforward.plan import make_plan
from tailproof.walkforward.training import fold_training

SETTINGS = TrainSettings(members=2, folds=2, placebos=0, baselines=False)
WEIGHTS = {"0.weight": np.zeros((SETTINGS.members, 1, 3), dtype=np.float32)}
SESSIONS, ROWS = 60, 50


def make_design() -> Design:
    random = np.random.default_rng(0)
    rows = SESSIONS * ROWS
    x_NF = random.normal(size=(rows, 3)).astype(np.float32)
    session_N = np.repeat(np.arange(SESSIONS, dtype=np.int32), ROWS)
    known_at_N = session_N.astype(np.int64) * 86_400_000_000_000 + np.arange(rows) % ROWS * 60_000_000_000
    return Design(
        names=("read", "ignored", "idle"),
        x_NF=x_NF,
        return_N=1e-4 * (0.3 * x_NF[:, 0] + random.normal(size=rows)),
        last_return_N=np.zeros(rows),
        close_N=np.full(rows, 100.0),
        known_at_N=known_at_N,
        label_end_N=known_at_N + 60_000_000_000,
        session_N=session_N,
        bar_N=np.arange(rows),
    )


class Reader:
    """Members that all forecast their first input, and count what they are asked."""

    name = "reader"
    asked = 0

    def predict(self, spec: object, parameters: object, x_NF: np.ndarray) -> np.ndarray:
        self.asked += SETTINGS.members * len(x_NF)
        return np.repeat(x_NF[None, :, :1], SETTINGS.members, axis=0)


def asked(design: Design, reader: Reader, settings: TrainSettings = SETTINGS) -> Importance:
    plan = make_plan(design, settings)
    asking = Asking(design, plan, settings)
    for number, fold in enumerate(plan.folds, start=1):
        asking.ask(reader, fold_training(design, fold, SETTINGS), WEIGHTS, number=number)  # type: ignore[arg-type]
    found = asking.answer()
    assert found is not None
    return found


def test_the_feature_that_is_read_is_the_one_that_counts() -> None:
    found = asked(make_design(), Reader())
    read, ignored, idle = found.lost
    assert read.low > 0.1
    assert (ignored.value, idle.value) == (0.0, 0.0)
    assert (found.rows, found.of, found.orders) == (1_500, 1_500, 5)
    told = found.as_json()
    assert [each["name"] for each in told["importance"]] == ["read", "ignored", "idle"]
    assert told["importance_of"] == {"rows": 1_500, "of": 1_500, "orders": 5}


def test_the_same_seed_asks_the_same() -> None:
    assert asked(make_design(), Reader()) == asked(make_design(), Reader())


def test_no_more_is_asked_than_the_budget_and_only_whole_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importance, "MOST_FORECASTS", 2_000)
    reader = Reader()
    found = asked(make_design(), reader)
    assert (found.rows % ROWS, found.orders) == (0, 1)
    assert 200 <= found.rows <= 450
    assert reader.asked == SETTINGS.members * found.rows * 4


def test_a_budget_holds_over_folds_of_one_session_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importance, "MOST_FORECASTS", 2_000)
    reader, settings = Reader(), SETTINGS.model_copy(update={"refit_every": 1})
    found = asked(make_design(), reader, settings)
    assert len(make_plan(make_design(), settings).folds) == 30
    assert (found.rows % ROWS, found.of) == (0, 1_500)
    assert 200 <= found.rows <= 450


def test_rows_of_the_fold_are_left_as_they_were() -> None:
    design = make_design()
    fold = Fold(train=range(1_000), validation=range(1_000, 1_200), test=range(1_200, 2_000), purged=0)
    training = fold_training(design, fold, SETTINGS)
    before = training.job.x_NF.copy()
    plan = replace(make_plan(design, SETTINGS), folds=(fold,))
    Asking(design, plan, SETTINGS).ask(Reader(), training, WEIGHTS, number=1)  # type: ignore[arg-type]
    np.testing.assert_array_equal(training.job.x_NF, before)
