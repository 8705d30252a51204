"""Whichever processes make the fits of a model, the run is that of one process to the bit."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from tests.support.bars import bars_of, random_bar_frame
from tests.support.rank_in_a_thread import serve, two_ranks
from tests.support.ray_stand_in import ray_stand_in

from tailproof.core.errors import ConfigError, WorkerError
from tailproof.core.events import LogLine, RunEvent
from tailproof.engines.distributed import FitPool, Processes, open_ray
from tailproof.engines.distributed.pickled import Pickled, pickled, unpickled
from tailproof.engines.distributed.shards import even_ranges
from tailproof.engines.distributed.torchrun import Ranks
from tailproof.referee.judge_model import judge_model
from tailproof.referee.outside_model import load_model, outside_model
from tailproof.runs.finished_run import Run
from tailproof.runs.pace import Pace
from tailproof.settings.train_settings import TrainSettings

BARS = bars_of(random_bar_frame(400, breaks=tuple(range(40, 400, 40))))
SETTINGS = TrainSettings(folds=1, placebos=2, baselines=False, features=("original",), unit="rows", audit="off")
TWO_FOLDS = SETTINGS.replace(folds=2)
FITS = 2 * (1 + 2) + 1


class Lines:
    """Keeps the lines of a run."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def emit(self, event: RunEvent) -> None:
        if isinstance(event, LogLine):
            self.lines.append(event.text)


class RanksInTurn:
    """Ranks of which the other begins when this one has made its share: what a fit seeds is a whole process's."""

    fit_workers = 2

    def __init__(self, ranks: Ranks, turn: threading.Semaphore) -> None:
        self._ranks, self._turn = ranks, turn
        self.describe_fits = ranks.describe_fits

    def fits(self, make: Pickled, count: int, *, on_fit: Callable[[], None]) -> list[Pickled]:
        left = len(even_ranges(count, self.fit_workers)[0])

        def one_less() -> None:
            nonlocal left
            on_fit()
            left -= 1
            if left == 0:
                self._turn.release()

        return self._ranks.fits(make, count, on_fit=one_less)


@contextmanager
def ranks_in_turn() -> Iterator[FitPool]:
    turn = threading.Semaphore(0)

    def work(connection: Connection) -> None:
        serve(connection, before=lambda: turn.acquire(timeout=30))

    with two_ranks(work) as ranks:
        yield RanksInTurn(ranks, turn)


@contextmanager
def ray_tasks() -> Iterator[FitPool]:
    with ray_stand_in(), open_ray("local", threads=0) as cluster:
        assert cluster is not None
        yield cluster


@contextmanager
def processes() -> Iterator[FitPool]:
    yield Processes(2)


POOLS = {"torchrun": ranks_in_turn, "ray": ray_tasks}


def judged(out: Path, model: Any, reporter: Any = None, *, settings: TrainSettings = SETTINGS, **how: Any) -> Run:
    return judge_model(BARS, outside_model(model), settings=settings, out=out, reporter=reporter or Lines(), **how)


def from_a_file(folder: Path) -> Any:
    file = folder / "mine.py"
    file.write_text(
        "import random\nimport numpy as np\n\n\nclass Mine:\n"
        "    def fit(self, x, y):\n        self.level_ = y.mean() + random.random() * np.random.rand()\n"
        "        self.weight_ = x.T @ y\n\n"
        "    def predict(self, x):\n        return self.level_ + 1e-3 * x @ self.weight_\n\n\nmake = Mine\n"
    )
    return load_model(f"{file}:make")


def in_memory(folder: Path) -> Any:
    del folder
    forest = RandomForestRegressor(n_estimators=2, max_depth=2)
    return lambda: make_pipeline(FunctionTransformer(lambda x: x * 2.0), clone(forest))


MODELS = {"a class of a file": from_a_file, "a function in memory": in_memory}


@pytest.fixture(scope="module", params=MODELS)
def alone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """A model and the run of one process."""
    folder = tmp_path_factory.mktemp("alone")
    model = MODELS[request.param](folder)
    return model, judged(folder / "run", model).folder


def assert_same(run: Path, whole: Path) -> None:
    for name in ("predictions.parquet", "verdict.json"):
        assert (run / name).read_bytes() == (whole / name).read_bytes(), name


@pytest.mark.parametrize("pool", [*POOLS, pytest.param("processes", marks=pytest.mark.slow)])
def test_a_pool_changes_no_bit(pool: str, alone: tuple[Any, Path], tmp_path: Path) -> None:
    model, whole = alone
    shown = Lines()
    with {**POOLS, "processes": processes}[pool]() as several:
        run = judged(tmp_path / "run", model, shown, pool=several)
        assert shown.lines.count(several.describe_fits()) == 1
    assert_same(run.folder, whole)


class Interrupted(Ridge):
    """A ridge whose fit is interrupted once, when the countdown is over."""

    fits_left: ClassVar[int | None] = None

    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> Ridge:
        if Interrupted.fits_left == 0:
            Interrupted.fits_left = None
            raise KeyboardInterrupt
        if Interrupted.fits_left is not None:
            Interrupted.fits_left -= 1
        return super().fit(x_NF, y_N)


def test_a_stopped_run_resumes_with_other_workers_or_none(tmp_path: Path) -> None:
    """The rehearsal and the three fits of fold 1 are done; the second fit of fold 2 is interrupted."""
    model = outside_model(Interrupted())
    often: dict[str, Any] = {"settings": TWO_FOLDS, "pace": Pace(seconds_between=0.0, max_share=1e9)}
    Interrupted.fits_left = 1 + 3 + 1
    with ray_tasks() as pool, pytest.raises(KeyboardInterrupt):
        judged(tmp_path / "stopped", model, pool=pool, **often)
    shown = Lines()
    resumed = judged(tmp_path / "stopped", model, shown, resume=True, **often)
    (line,) = [line for line in shown.lines if line.startswith("Resumed from fit ")]
    assert line.startswith(f"Resumed from fit 3 of {FITS}: about ")
    assert_same(resumed.folder, judged(tmp_path / "whole", model, **often).folder)


class Locked(Ridge):
    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> Ridge:
        self.lock_ = threading.Lock()
        return super().fit(x_NF, y_N)


def closure() -> Any:
    lock = threading.Lock()

    def make() -> Ridge:
        with lock:
            return Ridge()

    return make


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Locked(), "Locked, once it is fitted, cannot be sent to another process"),
        (closure(), r"make cannot be sent to another process \(TypeError: .*lock.*FILE\.py:NAME"),
    ],
)
def test_a_model_that_cannot_be_sent_is_refused_before_anything_is_written(
    model: Any, message: str, tmp_path: Path
) -> None:
    with ray_tasks() as pool, pytest.raises(ConfigError, match=message):
        judged(tmp_path / "run", model, pool=pool)
    assert not (tmp_path / "run").exists()


def test_a_file_that_changes_while_it_is_judged_is_refused(tmp_path: Path) -> None:
    model = from_a_file(tmp_path)
    sent = pickled(model)
    assert unpickled(sent).source == model.source
    (tmp_path / "mine.py").write_text("from sklearn.linear_model import Ridge as make\n")
    with pytest.raises(ConfigError, match=r"mine\.py must stay as it is while its model is judged"):
        unpickled(sent)


class Dies(Ridge):
    """Ends every process that fits it but the one that made it."""

    def __init__(self, lives_in: int) -> None:
        super().__init__()
        self.lives_in = lives_in

    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> Ridge:
        if os.getpid() != self.lives_in:
            os._exit(1)
        return super().fit(x_NF, y_N)


@pytest.mark.slow
def test_a_process_that_dies_ends_the_run_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(WorkerError, match="a process that makes fits of the fold is gone") as caught:
        judged(tmp_path / "run", Dies(os.getpid()), pool=Processes(2))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run" / "manifest.json").exists()
