"""A user's own features: from a Python file, or from installed packages by entry point."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl

from tailproof.core.errors import ConfigError
from tailproof.core.records import Bars
from tailproof.features.catalogue import CATALOGUE, FAMILIES, PRESETS, named
from tailproof.features.clock import CLOCK_COLUMNS
from tailproof.features.feature import Feature
from tailproof.features.windows import columns_read

ENTRY_POINTS = "tailproof.features"
IMPORTABLE = {id(feature) for family in FAMILIES for feature in family.FEATURES}
"""Features of the catalogue that a user's file may import to build on: they are not its own."""
NO_OTHERS: Mapping[str, Feature] = {}


def read_own_features(path: Path) -> dict[str, Feature]:
    """The features that a Python file defines: every public function of one argument, and every Feature.

    A function takes the frame of the bars and returns an expression; it is evaluated inside segments, and its name and
    docstring become the feature's. The file is executed: it is the user's own program.

    Raises:
        ConfigError: the file cannot be executed, defines none, or takes a name of the catalogue.
    """
    module = _execute(path)
    features: dict[str, Feature] = {}
    for name, value in vars(module).items():
        if isinstance(value, Feature):
            features |= {value.name: value} if id(value) not in IMPORTABLE else {}
        elif inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_"):
            features[name] = feature_of(value)
    if not features:
        raise ConfigError(
            f"{path}: defines no feature. Write a function of the bars' frame that returns a polars expression, "
            "such as: def jump(frame): return pl.col('close') / pl.col('open') - 1"
        )
    return _refuse_taken(features, source=str(path), others=NO_OTHERS)


def given_features(features: Sequence[Any], bars: Bars) -> dict[str, Feature]:
    """Features that a caller hands over: each a Feature, or a function like those of a file.

    Raises:
        ConfigError: something is neither, or takes a name of the catalogue or of another.
    """
    own: dict[str, Feature] = {}
    for value in features:
        if not (isinstance(value, Feature) or inspect.isfunction(value)):
            raise ConfigError(
                "features must be names, Features, or functions of the bars' frame that return a polars expression, "
                f"got {type(value).__name__}."
            )
        feature = value if isinstance(value, Feature) else feature_of(value)
        own |= _refuse_taken({feature.name: feature}, source="features", others=own)
    return {name: with_needs(feature, bars) for name, feature in own.items()}


def installed_features() -> dict[str, Feature]:
    """The features that installed packages offer under the entry point group ``tailproof.features``.

    An entry point names a Feature, a function like those of a file, or a sequence of them.

    Raises:
        ConfigError: an entry point cannot be loaded, is neither a Feature nor a function, or takes a name of the
            catalogue or of another package.
    """
    features: dict[str, Feature] = {}
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        source = f"entry point '{entry.name} = {entry.value}' of {entry.dist.name if entry.dist else 'a package'}"
        offered = _loaded(entry, source)
        values = offered if isinstance(offered, Sequence) else [offered]
        entry_features = [value if isinstance(value, Feature) else _own_feature(value, source) for value in values]
        features |= _refuse_taken({feature.name: feature for feature in entry_features}, source=source, others=features)
    return features


def own_features(path: Path | None, bars: Bars) -> dict[str, Feature]:
    """Installed features, and those of the file where there is one, with the columns that each needs of these bars."""
    return {name: with_needs(feature, bars) for name, feature in all_own_features(path).items()}


def all_own_features(path: Path | None) -> dict[str, Feature]:
    """Installed features, and those of the file where there is one.

    Raises:
        ConfigError: they cannot be had, or the file takes the name of an installed one.
    """
    features = installed_features()
    if path is not None:
        features |= _refuse_taken(read_own_features(path), source=str(path), others=features)
    return features


def is_own(feature: Feature) -> bool:
    """Whether the feature is missing from the catalogue, so that the project's own tests do not cover it."""
    return named(feature.name) is None and ":" not in feature.name


def _loaded(entry: importlib.metadata.EntryPoint, source: str) -> Any:
    try:
        return entry.load()
    except Exception as error:
        raise ConfigError(
            f"{source}: could not be loaded: {type(error).__name__}: {error}. Fix or uninstall the package."
        ) from error


def _own_feature(value: Any, source: str) -> Feature:
    try:
        return feature_of(value)
    except ConfigError as error:
        raise ConfigError(f"{source}: {error}") from error


def feature_of(function: Callable[[pl.DataFrame], pl.Expr]) -> Feature:
    """A function from a frame to an expression as a feature; the audit finds which columns it reads, and how far back.

    >>> def body(frame):
    ...     "Close less open."
    ...     return pl.col("close") - pl.col("open")
    >>> feature_of(body).formula
    'Close less open.'
    """
    if not callable(function) or len(inspect.signature(function).parameters) != 1:
        raise ConfigError(
            f"a feature must be a function of one argument, the bars' frame, got {function!r}. "
            "Names that begin with _ are not taken for features."
        )
    return Feature(
        name=function.__name__,
        expression=function,
        formula=inspect.getdoc(function) or "not described",
        needs=(),
        look_back=None,
    )


def with_needs(feature: Feature, bars: Bars) -> Feature:
    """The feature with the columns that its expression names for these bars, but for the clock, which is always there.

    Raises:
        ConfigError: its function fails, or gives something else than an expression of columns that the bars have.
    """
    try:
        expression = feature.expression if isinstance(feature.expression, pl.Expr) else feature.expression(bars.frame)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # of any kind: polars panics with one that is no Exception
        raise ConfigError(
            f"feature '{feature.name}' failed on {bars.source}: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(expression, pl.Expr):
        raise ConfigError(
            f"feature '{feature.name}' must return a polars expression, but it returned "
            f"{type(expression).__name__}. Return pl.col('close') and what can be made of it, not values."
        )
    return replace(feature, needs=tuple(name for name in columns_read(expression) or () if name not in CLOCK_COLUMNS))


def _execute(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"tailproof_own_{path.stem}", path)
    if specification is None or specification.loader is None or not path.is_file():
        raise ConfigError(f"{path}: not a Python file that can be read. Give the path of a .py file.")
    module = importlib.util.module_from_spec(specification)
    try:
        with chdir(Path.cwd()):  # back to it: paths that the command was given count from there
            specification.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise ConfigError(f"{path}: could not be executed: {type(error).__name__}: {error}") from error
    return module


def _refuse_taken(features: Mapping[str, Feature], *, source: str, others: Mapping[str, Feature]) -> dict[str, Feature]:
    colons = sorted(name for name in features if ":" in name)
    if colons:
        raise ConfigError(f"{source}: {', '.join(colons)} is named like a feature of a joined series. Leave the : out.")
    for names, whose in ((CATALOGUE, "in the catalogue"), (PRESETS, "a preset"), (others, "an installed feature")):
        taken = sorted(set(features) & set(names))
        if taken:
            raise ConfigError(f"{source}: {', '.join(taken)} is already {whose}. Give it another name.")
    return dict(features)
