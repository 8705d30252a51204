"""Models that are no regressors behind the interface of one: classifiers, skorch's networks, torch modules."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from tailproof.engines.interface import TrainingJob


class Estimator(Protocol):
    """An estimator: scikit-learn's regressors, and anything else with these two methods."""

    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> Any:
        """Learn the targets of the training rows."""
        ...

    def predict(self, x_NF: np.ndarray) -> np.ndarray:
        """One forecast per row."""
        ...


class ClassifierEstimator:
    """A classifier of up and down as a regressor: the mean target of each class, weighted by its probability.

    Up are the training rows whose target lies above the median. Without ``predict_proba`` its class counts as certain.
    """

    def __init__(self, classifier: Any) -> None:
        self._classifier = classifier

    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        """Learn which rows lie above the median."""
        up_N = y_N > np.median(y_N)
        self._mean_down, self._mean_up = float(y_N[~up_N].mean()), float(y_N[up_N].mean())
        self._classifier.fit(x_NF, up_N.astype(np.int64))

    def predict(self, x_NF: np.ndarray) -> np.ndarray:
        """Expected targets."""
        if hasattr(self._classifier, "predict_proba"):
            classes = np.asarray(self._classifier.classes_).tolist()
            share_N = np.asarray(self._classifier.predict_proba(x_NF), dtype=np.float64)[:, classes.index(1)]
        else:
            share_N = np.asarray(self._classifier.predict(x_NF), dtype=np.float64)
        return np.asarray(self._mean_down + share_N * (self._mean_up - self._mean_down))


class ColumnTargets:
    """A network of skorch, which wants float32 targets in a column."""

    def __init__(self, network: Any) -> None:
        self._network = network

    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        """Train the network."""
        self._network.fit(x_NF, y_N.astype(np.float32)[:, None])

    def predict(self, x_NF: np.ndarray) -> np.ndarray:
        """Its outputs."""
        return np.asarray(self._network.predict(x_NF))


class ModuleEstimator:
    """A torch module, which the torch engine trains on a job's rows, with the best epoch chosen on the fold's
    validation rows as that of a network is."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def train(self, job: TrainingJob) -> None:
        """Train it on the job's rows; the job has one member."""
        from tailproof.engines.torch.own_module import train_module

        self._module = train_module(self._module, job)

    def predict(self, x_NF: np.ndarray) -> np.ndarray:
        """Outputs with dropout off."""
        from tailproof.engines.torch.own_module import module_forecasts

        return module_forecasts(self._module, x_NF)


def imported(name: str) -> ModuleType | None:
    """A module that something has imported; where another thread is at it, it is waited for and not seen half made."""
    return import_module(name) if name in sys.modules else None


def is_module(model: Any) -> bool:
    """Whether something is a torch module; torch is imported nowhere for this."""
    torch = imported("torch")
    return torch is not None and isinstance(model, torch.nn.Module)


def is_estimator(model: Any) -> bool:
    """Whether something has ``fit`` and ``predict``, and is no class that would make such a thing."""
    return (
        not isinstance(model, type)
        and callable(getattr(model, "fit", None))
        and callable(getattr(model, "predict", None))
    )


def adapted(model: Any) -> Estimator | ModuleEstimator:
    """What was made, behind the interface of a regressor."""
    if is_module(model) and not is_estimator(model):
        return ModuleEstimator(model)
    if any(kind.__module__.partition(".")[0] == "skorch" for kind in type(model).__mro__):
        return ColumnTargets(model)
    return ClassifierEstimator(model) if _is_classifier(model) else model


def _is_classifier(model: Any) -> bool:
    base = imported("sklearn.base")
    if base is not None and isinstance(model, base.BaseEstimator):
        return bool(base.is_classifier(model))
    return getattr(model, "_estimator_type", None) == "classifier"
