"""The features to show for presets, names and families."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tailproof.core.errors import ConfigError
from tailproof.features.catalogue import CATALOGUE, PRESETS, named
from tailproof.features.feature import Feature
from tailproof.features.joined import MARK, offered
from tailproof.features.own import all_own_features


def listed(names: Sequence[str], *, family: str | None, feature_file: Path | None) -> list[Feature]:
    """Features of the presets or names given (all where none is), of families whose name contains ``family``.

    Raises:
        ConfigError: an unknown name (with a suggestion), or a family that there is not.
    """
    known = {**CATALOGUE, **all_own_features(feature_file)}
    wanted = [name for choice in names for name in PRESETS.get(choice, (choice,))] or list(known)
    for name in wanted:
        feature = _joined(name, known) if MARK in name else named(name, known)
        if feature is None:
            close = difflib.get_close_matches(name, [*known, *PRESETS], n=1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            raise ConfigError(f"'{name}' is neither a preset ({', '.join(PRESETS)}) nor a feature.{hint}")
        known[name] = feature
    chosen = [known[name] for name in wanted if family is None or family.lower() in known[name].family.lower()]
    if not chosen:
        families = sorted({feature.family for feature in known.values()})
        raise ConfigError(f"no feature belongs to a family like '{family}'. Families: {', '.join(families)}.")
    order = list(dict.fromkeys(feature.family for feature in known.values()))
    return sorted(chosen, key=lambda feature: order.index(feature.family))


def _joined(name: str, known: Mapping[str, Feature]) -> Feature | None:
    """A feature of a series that is yet to be joined, by its whole name, such as ``nq:rsi_14``."""
    series, _, own = name.partition(MARK)
    special = {feature.name: feature for feature in offered(series)}
    feature = named(own, known)
    if name in special or feature is None:
        return special.get(name)
    return replace(
        feature, name=name, formula=f"{feature.formula} [on the bars of {series}]", family=f"{series}: {feature.family}"
    )
