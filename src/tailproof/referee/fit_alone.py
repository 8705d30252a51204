"""One fit of a model from outside, in this process or another: the same whatever was fitted before it and beside it."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from functools import lru_cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from tailproof.arrays.ranges import as_slice
from tailproof.core.errors import ConfigError, TailproofError
from tailproof.engines.interface import TrainingJob
from tailproof.referee.adapters import Estimator, ModuleEstimator, adapted, imported, is_estimator, is_module
from tailproof.referee.outside_model import OutsideModel

FRAME_SIGNS = ("DataFrame", "ndarray", "only integers, slices", "string")
"""Words in an error of a model that looks for columns by their names."""
_made_before: set[str] = set()
"""Models that this process has made once; see ``fit_alone``."""


def fit_alone(model: OutsideModel, job: TrainingJob, seed: int) -> Estimator | ModuleEstimator:
    """A fresh estimator, fitted to the targets of the job's only member on its training rows.

    Raises:
        ConfigError: it cannot be made or fitted, or is the same object each time.
    """
    if model.source not in _made_before:
        _make_twice(model)
        _made_before.add(model.source)
    train, member = as_slice(job.train), job.members[0]
    x_NF, y_N = job.x_NF[train].copy(), job.y_NT[train, member.target].astype(np.float64)
    arrays = f"It was given X of shape {x_NF.shape} (float32) and y of shape {y_N.shape} (float64)."
    with _one_order_of_sums(), seeded(seed), user_code(model.name, "fit", arrays=arrays):
        estimator = adapted(model.fresh(seed=seed))
        if isinstance(estimator, ModuleEstimator):
            estimator.train(job)
        else:
            estimator.fit(x_NF, y_N)
    return estimator


def _make_twice(model: OutsideModel) -> None:
    """What a model imports when it is made for the first time (torch, say) is imported before generators are seeded."""
    with user_code(model.name, "make"):
        first, second = model.make(), model.make()
    if first is second and (is_estimator(first) or is_module(first)):
        raise ConfigError(
            f"{model.name} must make a new object each time that it is called, got the same {type(first).__name__} "
            "twice, in which each fit would replace the one before. Make the object inside the function."
        )


def forecast_alone(estimator: Estimator | ModuleEstimator, x_NF: np.ndarray, *, name: str, seed: int) -> np.ndarray:
    """One finite forecast (float64) for each row.

    Raises:
        ConfigError: the estimator fails, or gives anything else.
    """
    arrays = f"It was given X of shape {x_NF.shape} (float32)."
    with _one_order_of_sums(), seeded(seed), user_code(name, "predict", arrays=arrays):
        output = np.asarray(estimator.predict(x_NF.copy()), dtype=np.float64)
    if output.shape not in ((len(x_NF),), (len(x_NF), 1)):
        raise ConfigError(f"{name} must predict one number per row, got shape {output.shape} for {len(x_NF):,} rows.")
    forecast_N = output.reshape(-1)
    if not np.isfinite(forecast_N).all():
        row = int(np.argmin(np.isfinite(forecast_N)))
        raise ConfigError(
            f"{name} must predict finite numbers, got {forecast_N[row]} in row {row:,} of {len(x_NF):,} "
            f"({int((~np.isfinite(forecast_N)).sum()):,} such rows)."
        )
    return forecast_N


def _one_order_of_sums() -> Any:
    """Every BLAS that is loaded (NumPy's, SciPy's, the model's own) runs on one thread meanwhile: processes that share
    fits have fewer threads, with which its last digits would be others."""
    return _loaded_libraries(len(sys.modules)).limit(limits=1, user_api="blas")


@lru_cache(maxsize=1)
def _loaded_libraries(modules: int) -> ThreadpoolController:
    """The libraries that so many modules have loaded; looking for them takes as long as a small forecast."""
    del modules
    return ThreadpoolController()


@contextmanager
def user_code(name: str, what: str, *, arrays: str = "") -> Iterator[None]:
    """Code of the user: what it prints goes to stderr, and whatever it raises becomes one sentence.

    Raises:
        ConfigError: the code failed, or tried to end the program.
    """
    try:
        with redirect_stdout(sys.stderr):
            yield
    except TailproofError:
        raise
    except SystemExit as error:
        raise ConfigError(
            f"{name}: {what} ends the program (sys.exit({error.code!r})). Raise an error instead."
        ) from error
    except Exception as error:
        hint = ""
        if any(sign in str(error) for sign in FRAME_SIGNS):
            hint = (
                " Where it needs a DataFrame, make one of the array at its start: pandas.DataFrame(X, columns=NAMES)."
            )
        raise ConfigError(
            f"{name}: {what} fails ({type(error).__name__}: {error}).{' ' if arrays else ''}{arrays}{hint}"
        ) from error


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """The global generators of Python, NumPy and (where it is loaded) torch, seeded inside and as before outside."""
    python, legacy = random.getstate(), np.random.get_state()
    with ExitStack() as stack:
        torch = imported("torch")
        if torch is not None:
            stack.enter_context(torch.random.fork_rng(devices=[]))
            torch.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed)
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(legacy)
