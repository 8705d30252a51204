"""A population that truly reads one feature is found to lean on that one alone."""

from dataclasses import replace

import numpy as np

from tailproof.core.records import Design, Fold
from tailproof.settings.evaluation_settings import EvaluationSettings
from tailproof.settings.network_settings import NetworkSettings
from tailproof.settings.optimisation_settings import OptimisationSettings
from tailproof.settings.population_settings import PopulationSettings
from tailproof.settings.split_settings import SplitSettings
from tailproof.tasks import TASKS
from tailproof.walkforward.importance import MAX_FORECASTS, Importance, PermutationImportance
from tailproof.walkforward.plan import Plan, make_plan
from tailproof.walkforward.training import FoldTraining, fold_training

SPLIT = SplitSettings(folds=2)
POPULATION = PopulationSettings(members=2)
WEIGHTS = {"0.weight": np.zeros((POPULATION.members, 1, 3), dtype=np.float32)}
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
        stretch_N=session_N.astype(np.int64),
        open_return_N=np.zeros(rows),
    )


class Reader:
    """Members that all forecast their first input, and count what they are asked."""

    name = "reader"
    asked = 0

    def predict(self, spec: object, parameters: object, x_NF: np.ndarray) -> np.ndarray:
        self.asked += POPULATION.members * len(x_NF)
        return np.repeat(x_NF[None, :, :1], POPULATION.members, axis=0)


def plan_of(design: Design, split: SplitSettings = SPLIT) -> Plan:
    return make_plan(
        design, split=split, evaluation=EvaluationSettings(placebos=0, baselines=False), population=POPULATION
    )


def training_of(design: Design, fold: Fold) -> FoldTraining:
    return fold_training(
        design,
        fold,
        task=TASKS["rank"],
        network=NetworkSettings(),
        optimisation=OptimisationSettings(),
        population=POPULATION,
        log_interval=1000,
    )


def measured(
    design: Design, reader: Reader, *, split: SplitSettings = SPLIT, max_forecasts: int = MAX_FORECASTS
) -> Importance:
    plan = plan_of(design, split)
    importance = PermutationImportance(design, plan, POPULATION, max_forecasts=max_forecasts)
    for number, fold in enumerate(plan.folds, start=1):
        assert isinstance(fold, Fold)
        importance.measure(reader, training_of(design, fold), WEIGHTS, number=number)  # type: ignore[arg-type]
    result = importance.result()
    assert result is not None
    return result


def test_the_feature_that_is_read_is_the_one_that_counts() -> None:
    importance = measured(make_design(), Reader())
    read, ignored, idle = importance.lost
    assert read.low > 0.1
    assert (ignored.value, idle.value) == (0.0, 0.0)
    assert (importance.rows, importance.of, importance.orders) == (1_500, 1_500, 5)
    stored = importance.as_json()
    assert [each["name"] for each in stored["importance"]] == ["read", "ignored", "idle"]
    assert stored["importance_of"] == {"rows": 1_500, "of": 1_500, "orders": 5}


def test_the_same_seed_measures_the_same() -> None:
    assert measured(make_design(), Reader()) == measured(make_design(), Reader())


def test_no_more_is_measured_than_the_budget_and_only_whole_sessions() -> None:
    reader = Reader()
    importance = measured(make_design(), reader, max_forecasts=2_000)
    assert (importance.rows % ROWS, importance.orders) == (0, 1)
    assert 200 <= importance.rows <= 450
    assert reader.asked == POPULATION.members * importance.rows * 4


def test_a_budget_holds_over_folds_of_one_session_each() -> None:
    split = SplitSettings(refit_every=1)
    importance = measured(make_design(), Reader(), split=split, max_forecasts=2_000)
    assert len(plan_of(make_design(), split).folds) == 30
    assert (importance.rows % ROWS, importance.of) == (0, 1_500)
    assert 200 <= importance.rows <= 450


def test_rows_of_the_fold_are_left_as_they_were() -> None:
    design = make_design()
    fold = Fold(train=range(1_000), validation=range(1_000, 1_200), test=range(1_200, 2_000), purged=0)
    training = training_of(design, fold)
    before = training.job.x_NF.copy()
    plan = replace(plan_of(design), folds=(fold,))
    PermutationImportance(design, plan, POPULATION).measure(Reader(), training, WEIGHTS, number=1)  # type: ignore[arg-type]
    np.testing.assert_array_equal(training.job.x_NF, before)
