"""A model that somebody else wrote, and how fresh copies of it are made."""

from __future__ import annotations

import copy
import hashlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tailproof.core.errors import ConfigError
from tailproof.referee.adapters import is_estimator, is_module

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


@dataclass(frozen=True, kw_only=True)
class OutsideModel:
    """Makes estimators or torch modules, each as if no other had been there before."""

    name: str
    make: Callable[[], Any]
    source: str
    """Fingerprint of the code or the parameters: a changed model is another trial."""
    where: str | None = None
    """FILE.py:NAME, from which another process loads it; None for a model that exists in memory alone."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process loads the file anew, since it has none of this one's modules."""
        if self.where is not None:
            return load_same, (self.where, self.source)
        return partial(OutsideModel, name=self.name, make=self.make, source=self.source), ()

    def fresh(self, *, seed: int) -> Any:
        """An estimator or module that has seen nothing, with its random states set.

        Raises:
            ConfigError: what is made is neither.
        """
        model = self.make()
        if not (is_estimator(model) or is_module(model)):
            kind = model.__name__ if isinstance(model, type) else type(model).__name__
            raise ConfigError(
                f"{self.name} must make objects with fit(X, y) and predict(X), or torch modules, got {kind}."
            )
        if hasattr(model, "get_params") and hasattr(model, "set_params"):
            names = [name for name in model.get_params() if name.rsplit("__", 1)[-1] == "random_state"]
            model.set_params(**dict.fromkeys(names, seed))
        return model


def outside_model(model: Any, *, name: str | None = None, where: str | None = None) -> OutsideModel:
    """A model from a function that makes estimators or torch modules, or from one of these, which is cloned each time.

    Raises:
        ConfigError: it is none of them, or cannot be cloned.
    """
    if isinstance(model, OutsideModel):
        return model
    if is_estimator(model) or is_module(model):
        kind = name or type(model).__name__
        return OutsideModel(
            name=kind, make=partial(_clone, model, kind), source=_digest(_description(model)), where=where
        )
    if callable(model):
        named = name or str(getattr(model, "__name__", type(model).__name__))
        return OutsideModel(name=named, make=model, source=_digest(_source_of(model)), where=where)
    raise ConfigError(
        "model must be an estimator with fit(X, y) and predict(X), a torch module, or a function that makes one, got "
        f"{model!r}."
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
    content = path.read_bytes()
    module = _executed(path, content)
    if not hasattr(module, attribute):
        raise ConfigError(f"{path} must define {attribute}, but it does not.")
    absolute = f"{path.resolve()}:{attribute}"
    model = outside_model(getattr(module, attribute), name=f"{path.name}:{attribute}", where=absolute)
    source = hashlib.sha256(content + attribute.encode()).hexdigest()
    return OutsideModel(name=model.name, make=model.make, source=source, where=absolute)


def load_same(where: str, source: str) -> OutsideModel:
    """The model that another process has loaded from FILE.py:NAME.

    Raises:
        ConfigError: it cannot be loaded here, or the file is another one than there.
    """
    model = load_model(where)
    if model.source != source:
        file = where.rpartition(":")[0]
        raise ConfigError(
            f"{file} must stay as it is while its model is judged, but a process that fits it finds other content than "
            "the one that asks it. Put the file back, the same on every machine, and begin again."
        )
    return model


def _executed(path: Path, content: bytes) -> Any:
    """The module of a file. It is registered, as dataclasses and pickles look up the module of a class by its name."""
    name = f"tailproof_model_{path.stem}_{_digest(str(path.resolve()))[:8]}_{hashlib.sha256(content).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    if (folder := str(path.resolve().parent)) not in sys.path:
        sys.path.append(folder)  # what lies beside it can be imported in every process, and hides no package
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise ConfigError(f"{path}: the file cannot be run ({type(error).__name__}: {error}).") from error
    return module


def _clone(model: Any, name: str) -> Any:
    """A copy that has learned nothing: without what fitting added, and with the weights of a module drawn anew."""
    try:
        if hasattr(model, "get_params"):
            from sklearn.base import clone

            return clone(model)
        copied = copy.deepcopy(model)
    except Exception as error:
        raise ConfigError(
            f"{name} cannot be copied for each fit ({type(error).__name__}: {error}). Give a function that makes one."
        ) from error
    if is_module(copied) and not is_estimator(copied):
        from tailproof.engines.torch.own_module import reset_weights

        return reset_weights(copied)
    return copied


def _description(model: Any) -> str:
    """What an object is, without the address that it happens to have."""
    return ADDRESS.sub("", f"{_source_of(type(model))}{model!r}{sorted(vars(model).items()) if _plain(model) else ''}")


def _plain(model: Any) -> bool:
    return not hasattr(model, "get_params") and not is_module(model) and hasattr(model, "__dict__")


def _source_of(model: Callable[..., Any]) -> str:
    try:
        return inspect.getsource(model)
    except (OSError, TypeError):
        return repr(getattr(model, "__qualname__", type(model)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
