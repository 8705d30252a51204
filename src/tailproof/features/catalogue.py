"""Every feature by name, the presets, and the choice among them for given bars."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tailproof.core.errors import ConfigError
from tailproof.core.records import Bars
from tailproof.features import other_series, price, volume
from tailproof.features.feature import Feature

CATALOGUE: dict[str, Feature] = {
    feature.name: feature for feature in (*price.FEATURES, *volume.FEATURES, *other_series.FEATURES)
}
PRESETS: dict[str, tuple[str, ...]] = {
    "original": ("close_change_pct", "vwap", "price_range", "price_mom_3d", "price_mom_5d"),
    "default": (
        "close_change_pct",
        "vwap_gap",
        "price_range",
        "price_mom_3d",
        "price_mom_5d",
        "close_location",
        "volatility_20",
        "volume_ratio_20",
        "vix_log",
    ),
}
FEWEST_COVERED = 0.9
"""A merged series known at fewer than this share of the bars gives no default features: its rows would be lost."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The features chosen for some bars, and why others of the preset were not."""

    features: tuple[Feature, ...]
    notes: tuple[str, ...]


def select_features(bars: Bars, names: Sequence[str]) -> Selection:
    """Features by preset or by name, in the order given.

    The ``default`` preset leaves out what needs a column that the bars lack or that covers less than 90 % of them, and
    says so; it adds the return of every other instrument's close that was merged. A feature named one by one, or by the
    ``original`` preset, is never left out: what it lacks is an error.

    Raises:
        ConfigError: an unknown name (with a suggestion), or a column that a named feature needs is not there.
    """
    if tuple(names) == ("default",):
        return _default(bars)
    wanted = [name for given in names for name in PRESETS.get(given, (given,))]
    _refuse_unknown(wanted)
    features = tuple(CATALOGUE[name] for name in dict.fromkeys(wanted))
    for feature in features:
        absent = [column for column in feature.needs if column not in bars.frame.columns]
        if absent:
            raise ConfigError(
                f"feature '{feature.name}' needs the column {', '.join(absent)}, which {bars.source} does not have. "
                "Leave the feature out with --features, or give bars that have the column."
            )
    levels = [feature for feature in features if feature.level]
    notes = tuple(
        f"'{level.name}' is a price level: later values drift out of the range seen in training "
        f"(its stationary twin is '{level.stationary_twin}')."
        for level in levels
    )
    return Selection(features=features, notes=notes)


def _default(bars: Bars) -> Selection:
    others = [name for name in bars.frame.columns if name.endswith("_close") and name != "vix_close"]
    candidates = [CATALOGUE[name] for name in PRESETS["default"]] + [close_change_of(name) for name in others]
    features, notes = [], []
    for feature in candidates:
        absent = [column for column in feature.needs if column not in bars.frame.columns]
        thin = [column for column in feature.needs if not absent and _coverage(bars, column) < FEWEST_COVERED]
        if absent:
            notes.append(f"'{feature.name}' left out: the bars have no column {', '.join(absent)}.")
        elif thin:
            share = _coverage(bars, thin[0])
            notes.append(
                f"'{feature.name}' left out: {thin[0]} is known at only {share:.1%} of the bars (at least "
                f"{FEWEST_COVERED:.0%} needed), and keeping it would lose all other rows."
            )
        else:
            features.append(feature)
    return Selection(features=tuple(features), notes=tuple(notes))


close_change_of = other_series.close_change_of


def _coverage(bars: Bars, column: str) -> float:
    known: int = bars.frame.select(pl.col(column).is_not_null().sum()).item()
    return known / bars.frame.height


def _refuse_unknown(names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in CATALOGUE]
    if not unknown:
        return
    close = difflib.get_close_matches(unknown[0], [*CATALOGUE, *PRESETS], n=1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise ConfigError(
        f"features must be presets ({', '.join(PRESETS)}) or names ({', '.join(CATALOGUE)}), however: "
        f"features={', '.join(unknown)}.{hint}"
    )
