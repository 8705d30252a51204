"""A model that somebody else wrote, and how fresh, seeded copies of it are made."""

from __future__ import annotations

import copy
import hashlib
import importlib.util
import inspect
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tailproof.core.errors import ConfigError


class Estimator(Protocol):
    """An estimator: scikit-learn's regressors, and anything else with these two methods."""

    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> Any:
        """Learn the targets of the training rows."""
        ...

    def predict(self, x_NF: np.ndarray) -> np.ndarray:
        """One forecast per row."""
        ...


@dataclass(frozen=True, kw_only=True)
class OutsideModel:
    """Makes estimators, each as if no other had been there before."""

    name: str
    make: Callable[[], Estimator]
    source: str
    """Fingerprint of the code or the parameters: a changed model is another trial."""

    def fresh(self, *, seed: int) -> Estimator:
        """An estimator that has seen nothing, with its random states set.

        Raises:
            ConfigError: what is made has no ``fit`` and ``predict``.
        """
        estimator = self.make()
        if not (hasattr(estimator, "fit") and hasattr(estimator, "predict")):
            raise ConfigError(
                f"{self.name} must make objects with fit(X, y) and predict(X), got {type(estimator).__name__}. "
                "Wrap a torch module in a class with these methods."
            )
        if hasattr(estimator, "get_params") and hasattr(estimator, "set_params"):
            names = [name for name in estimator.get_params() if name.rsplit("__", 1)[-1] == "random_state"]
            estimator.set_params(**dict.fromkeys(names, seed))
        return estimator


def outside_model(model: Any, *, name: str | None = None) -> OutsideModel:
    """A model from a function that makes estimators, or from an estimator, which is cloned each time.

    Raises:
        ConfigError: it is neither.
    """
    if hasattr(model, "fit") and hasattr(model, "predict") and not isinstance(model, type):
        kind = type(model).__name__
        return OutsideModel(name=name or kind, make=lambda: _clone(model), source=_digest(repr(model)))
    if callable(model):
        named = name or str(getattr(model, "__name__", type(model).__name__))
        return OutsideModel(name=named, make=model, source=_digest(_source_of(model)))
    raise ConfigError(
        f"model must be an estimator with fit(X, y) and predict(X), or a function that makes one, got {model!r}."
    )


def load_model(where: str) -> OutsideModel:
    """A model from FILE.py:NAME.

    Raises:
        ConfigError: there is no such file or name, the file cannot be run, or what it names is no model.
    """
    file, colon, attribute = where.rpartition(":")
    path = Path(file)
    if not colon or not attribute or path.suffix != ".py":
        raise ConfigError(f"model must be FILE.py:NAME, such as my.py:make, got {where!r}.")
    if not path.is_file():
        raise ConfigError(f"{path}: there is no such file. Give the Python file that makes the model.")
    spec = importlib.util.spec_from_file_location(f"tailproof_model_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ConfigError(f"{path}: the file cannot be run ({type(error).__name__}: {error}).") from error
    if not hasattr(module, attribute):
        raise ConfigError(f"{path} must define {attribute}, but it does not.")
    made = outside_model(getattr(module, attribute), name=f"{path.name}:{attribute}")
    return OutsideModel(name=made.name, make=made.make, source=hashlib.sha256(path.read_bytes()).hexdigest())


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """The global generators of Python, NumPy and (where it is loaded) torch, seeded inside and as before outside."""
    python, legacy = random.getstate(), np.random.get_state()
    with ExitStack() as stack:
        torch = sys.modules.get("torch")
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


def _clone(estimator: Any) -> Any:
    if not hasattr(estimator, "get_params"):
        return copy.deepcopy(estimator)
    from sklearn.base import clone

    return clone(estimator)


def _source_of(model: Callable[..., Any]) -> str:
    try:
        return inspect.getsource(model)
    except (OSError, TypeError):
        return repr(getattr(model, "__qualname__", type(model)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
