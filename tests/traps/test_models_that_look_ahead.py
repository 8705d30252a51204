"""A hundred models whose own features look at later rows of the test that they are given: each is stopped."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from tests.support.bars import bars_of, random_bar_frame

from tailproof.core.errors import LeakError
from tailproof.referee.examination import rehearse
from tailproof.referee.outside_model import outside_model
from tailproof.runs.prepared_run import PreparedRun, prepare_run
from tailproof.settings.train_settings import TrainSettings

Column = Callable[[np.ndarray], np.ndarray]


def ahead(rows: int) -> Column:
    """The value so many rows later."""
    return lambda x_N: np.r_[x_N[rows:], np.zeros(min(rows, len(x_N)))][: len(x_N)]


def centred(width: int) -> Column:
    """A mean around each row."""
    return lambda x_N: np.convolve(np.pad(x_N, width // 2, mode="edge"), np.ones(width) / width, mode="valid")


def sometimes(column: Column, one_in: int) -> Column:
    """A look ahead on a few rows alone, those with the largest values."""
    return lambda x_N: np.where(np.abs(x_N) >= np.quantile(np.abs(x_N), 1.0 - 1.0 / one_in), column(x_N), x_N)


def fixed(column: Column, bound: float) -> Column:
    """The same where a value lies above a fixed bound."""
    return lambda x_N: np.where(np.abs(x_N) >= bound, column(x_N), x_N)


def low_pass(frequencies: int) -> Column:
    def filtered(x_N: np.ndarray) -> np.ndarray:
        spectrum = np.fft.rfft(x_N)
        spectrum[frequencies:] = 0.0
        return np.fft.irfft(spectrum, len(x_N))

    return filtered


LOOKS: dict[str, Column] = {
    **{f"{rows} ahead": ahead(rows) for rows in (1, 2, 3, 5, 10)},
    **{f"centred {width}": centred(width) for width in (3, 5, 9)},
    "standardised": lambda x_N: (x_N - x_N.mean()) / (x_N.std() or 1.0),
    "ranked": lambda x_N: rankdata(x_N) / len(x_N),
    "bent at the mean size": lambda x_N: np.tanh(x_N / (np.abs(x_N).mean() or 1.0)),
    "less the mean": lambda x_N: x_N - x_N.mean(),
    "summed from the end": lambda x_N: np.cumsum(x_N[::-1])[::-1],
    "largest still to come": lambda x_N: np.maximum.accumulate(x_N[::-1])[::-1],
    "low pass": low_pass(20),
    "gradient": lambda x_N: np.gradient(x_N) if len(x_N) > 1 else x_N,
    "rare, of a share": sometimes(ahead(1), 100),
    "rare, of a bound": fixed(ahead(1), 2.5),
    "rarer, three ahead": fixed(ahead(3), 3.0),
    "last row": lambda x_N: x_N + x_N[-1],
}
"""Twenty ways to look ahead, each tried with each of five features."""


@pytest.fixture(scope="module")
def ready() -> PreparedRun:
    settings = TrainSettings(folds=1, placebos=0, baselines=False, features=("original",))
    return prepare_run(bars_of(random_bar_frame(3000, breaks=tuple(range(60, 3000, 60)))), settings)


def model_of(look: Column, column: int) -> object:
    """A regression on a feature of its own, computed from the rows that it is given.

    On that alone: beside others its weight on noise is next to nothing in one case of a hundred, and so is its look.
    """

    def own_feature(x_NF: np.ndarray) -> np.ndarray:
        return look(x_NF[:, column].astype(np.float64))[:, None]

    return make_pipeline(FunctionTransformer(own_feature), Ridge(alpha=1e-3))


def rows_changed(look: Column, ready: PreparedRun, column: int) -> int:
    """Rows of the first test whose own feature is another one before the rows after them are there."""
    training = ready.set_up(ready.plan.folds[0])
    test = training.fold.test
    x_R = np.asarray(training.job.x_NF[test.start : test.stop, column], dtype=np.float64)
    early_R = np.array([look(x_R[: row + 1])[row] for row in range(len(x_R))])
    return int((np.abs(early_R - look(x_R)) > 1e-3).sum())


@pytest.mark.slow
@pytest.mark.parametrize("column", range(5))
@pytest.mark.parametrize("kind", LOOKS)
def test_a_model_that_looks_ahead_is_stopped(kind: str, column: int, ready: PreparedRun) -> None:
    assert rows_changed(LOOKS[kind], ready, column) >= 2, "what looks at nothing later shows nothing"
    with pytest.raises(LeakError, match="looks ahead"):
        rehearse(outside_model(model_of(LOOKS[kind], column)), ready, on_leak="stop", seed=0)


HONEST: dict[str, Column] = {
    "behind": lambda x_N: np.r_[np.zeros(min(3, len(x_N))), x_N[:-3]][: len(x_N)],
    "mean so far": lambda x_N: np.cumsum(x_N) / np.arange(1, len(x_N) + 1),
    "largest so far": np.maximum.accumulate,
    "its own": np.tanh,
}


@pytest.mark.parametrize("kind", HONEST)
def test_a_model_that_looks_back_is_not(kind: str, ready: PreparedRun) -> None:
    assert rehearse(outside_model(model_of(HONEST[kind], 0)), ready, on_leak="stop", seed=0).findings == ()
