"""Features of joined series by name, ``nq:rsi_14_x5``: the catalogue on their own bars, relations, published values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase

import polars as pl

from tailproof.core.records import Bars, JoinedSeries
from tailproof.features import clock
from tailproof.features.catalogue import CATALOGUE, named
from tailproof.features.feature import Feature
from tailproof.features.relations import relations

MARK = ":"
"""Between the name of a series and that of its feature."""
FAMILY = "published values"
DEFAULT_OF_BARS = ("close_change_pct", "price_mom_5d", "volatility_20", "relative_strength_20")
"""Features that ``default`` takes of joined bars."""
DEFAULT_OF_VALUES = ("change", "surprise")
"""Features that ``default`` takes of each column of published values."""
MAX_DEFAULT_COLUMNS = 4
"""Columns of a series from which ``default`` takes features; of more, the user says which matter."""
VIX = "vix"
"""Its features are in the catalogue under names of their own; ``default`` takes no others of it."""


def joined_named(bars: Bars, name: str) -> Feature | None:
    """The feature of a joined series by its whole name; None where there is none.

    Raises:
        ConfigError: it cannot be computed on sessions.
    """
    label, _, own = name.partition(MARK)
    series = bars.series.get(label)
    if series is None or not own:
        return None
    special = {**_relations(series), **_values(series), **_age(series)}
    return special.get(own) or _of_rows(series, own)


def joined_names(series: JoinedSeries) -> list[str]:
    """The features of a series by whole name: relations, published values, and of bars the stationary catalogue."""
    special = [*_relations(series), *_values(series), *_age(series)]
    catalogue = [name for name, feature in CATALOGUE.items() if not feature.level and _of_rows(series, name)]
    return [f"{series.name}{MARK}{own}" for own in (*special, *catalogue)]


def offered(name: str) -> list[Feature]:
    """What a series of that name offers beside the catalogue: relations of an instrument, and published values."""
    columns = (f"{name}_close", f"{name}_age_hours")
    empty = Bars(frame=pl.DataFrame(), bar_length=timedelta(days=1), source=name)
    series = JoinedSeries(name=name, rows=empty, values=("value",), columns=columns, stale_after=timedelta(days=1))
    return [*_relations(series).values(), *_values(series).values(), *_age(series).values()]


def matching(bars: Bars, pattern: str, others: Mapping[str, Feature]) -> list[str]:
    """Names that a pattern with * or ? finds: of joined series before the colon, else of the features given."""
    if MARK in pattern:
        names = [name for series in bars.series.values() for name in joined_names(series)]
    else:
        names = [name for name, feature in others.items() if not feature.level]
    return [name for name in names if fnmatchcase(name, pattern)]


def default_of(series: JoinedSeries) -> list[str]:
    """The short list of features that ``default`` takes of a series, by whole name."""
    if series.name == VIX:
        return []
    if not series.values:
        own = [*_relations(series)]
        names = [name for name in DEFAULT_OF_BARS if name in own or _of_rows(series, name)]
    elif len(series.values) > MAX_DEFAULT_COLUMNS:
        names = []
    else:
        names = [name for name in _values(series) if name.rpartition("_")[2] in DEFAULT_OF_VALUES]
    return [f"{series.name}{MARK}{own}" for own in names]


def uses(feature: Feature, series: JoinedSeries) -> bool:
    """Whether a feature is of a series, or reads a column that it brought."""
    return feature.series == series.name or bool(set(feature.needs) & set(series.columns))


def _relations(series: JoinedSeries) -> Mapping[str, Feature]:
    column = f"{series.name}_close"
    return relations(series.name, column) if column in series.columns else {}


def _of_rows(series: JoinedSeries, own: str) -> Feature | None:
    """A feature of the catalogue on the bars of the series."""
    feature = None if series.values else named(own)
    columns = series.rows.frame.columns
    if feature is None or feature.family == clock.FAMILY or not set(feature.needs) <= set(columns):
        return None
    if "open" not in columns and (feature.times != 1 or feature.look_back_sessions):
        return None  # closes alone have no sessions
    twin = feature.stationary_twin
    return replace(
        feature,
        name=f"{series.name}{MARK}{own}",
        formula=f"{feature.formula} [on the bars of {series.name}]",
        needs=(),
        known=f"when the bar of {series.name} is complete",
        stationary_twin=f"{series.name}{MARK}{twin}" if twin else None,
        family=f"{series.name}: {feature.family}",
        series=series.name,
    )


def _values(series: JoinedSeries) -> dict[str, Feature]:
    """Level, change and surprise of each column; without its name where there is only one."""
    features = {}
    for column in series.values:
        value, prefix = pl.col(column), "" if len(series.values) == 1 else f"{column}_"
        parts = {
            "level": (value, f"last known {column}"),
            "change": (
                value - pl.col(f"{column} before"),
                f"last known {column} - that of the period before, as known then",
            ),
            "surprise": (
                value - pl.col(f"{column} usual"),
                f"last known {column} - mean of up to 12 periods before it (at least 3), as known then",
            ),
        }
        for part, (expression, formula) in parts.items():
            features[f"{prefix}{part}"] = Feature(
                name=f"{series.name}{MARK}{prefix}{part}",
                expression=expression,
                formula=formula,
                needs=(),
                look_back=0,
                family=FAMILY,
                source="published values, each from when it was known",
                known="when it was published",
                every_row=True,
                series=series.name,
            )
    return features


def _age(series: JoinedSeries) -> dict[str, Feature]:
    age = next((column for column in series.columns if column.endswith("_age_hours")), None)
    if age is None:
        return {}
    return {
        "age": Feature(
            name=f"{series.name}{MARK}age",
            expression=(pl.col(age).clip(0.0) + 1.0).log(),
            formula="ln(hours since the last known value was published + 1)",
            needs=(age,),
            look_back=0,
            family=FAMILY,
            source="age of a value joined backward on when it was known",
            every_row=True,
        )
    }
