"""Which features are computed for given bars: presets, names, lists in files, the user's own."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl

from tailproof.core.errors import ConfigError
from tailproof.core.feature_values import FeatureValues
from tailproof.core.records import PRICES, Bars
from tailproof.core.surface import setting, worded
from tailproof.features.catalogue import CATALOGUE, PRESETS, named
from tailproof.features.clock import SAME_EVERY_DAY
from tailproof.features.compute import compute
from tailproof.features.feature import Feature
from tailproof.features.joined import default_of, joined_named, joined_names, matching, uses
from tailproof.features.other_series import close_change_of

MIN_COVERED = 0.9
"""A merged series known at fewer than this share of the bars gives no default features: its rows would be lost."""
MIN_KNOWN = 0.8
MAX_NOTES = 5
FORGIVING = ("default", "wide")
"""Presets that leave out features whose columns the bars lack."""
A_DAY = timedelta(days=1)
LIST_ENDINGS = (".txt", ".list")
NO_FEATURES: Mapping[str, Feature] = {}


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The features chosen for some bars, and why others of the preset were not."""

    features: tuple[Feature, ...]
    notes: tuple[str, ...]


class MissingColumnError(ConfigError):
    """A feature needs columns that the bars lack; ``cure`` says where they come from."""

    def __init__(self, bars: Bars, feature: Feature, columns: Sequence[str]) -> None:
        self.needed = f"feature '{feature.name}' needs the column {', '.join(columns)}, which {bars.source} lacks"
        self.cure = _cure(columns[0])
        out = f"leave the feature out of {setting('features')}"
        super().__init__(f"{self.needed}. {self.cure[0].upper()}{self.cure[1:]}, or {out}.")


def select_features(bars: Bars, names: Sequence[str], *, own: Mapping[str, Feature] = NO_FEATURES) -> Selection:
    """Features by preset, by name, by pattern ('nq:*') or by a list in a file (NAME.txt), in the order given.

    The presets ``default`` and ``wide`` leave out what needs a column that the bars lack or that covers less than 90 %
    of them, and say so; bars of a day or longer have no time of day, which is left out too. They add a short list of
    every joined series, and the return of every other close that came with the file. A feature named one by one, by the
    ``original`` preset or in a file is never left out: what it lacks is an error. A joined series that no feature reads
    is named.

    Args:
        bars: what they will be computed on.
        names: presets, names, files.
        own: the user's own features by name, to choose from besides the catalogue.

    Raises:
        ConfigError: an unknown name (with a suggestion).
        MissingColumnError: a column that a named feature needs is not there.
    """
    known = {**CATALOGUE, **own}
    chosen: dict[str, Feature] = {}
    notes: list[str] = []
    for wanted, place in [named_at for item in names for named_at in _read_list(item)]:
        if wanted in FORGIVING:
            selection = _covered(bars, wanted)
            chosen |= {feature.name: feature for feature in selection.features}
            notes += selection.notes
            continue
        for name in PRESETS.get(wanted) or _matched_names(bars, wanted, known, place):
            feature = (
                named(name, known)
                or joined_named(bars, name)
                or _merged_close(bars, name)
                or _unknown(name, known, place, bars)
            )
            _refuse_absent(bars, feature)
            chosen[name] = feature
    if own and not set(own) & set(chosen):
        for feature in own.values():
            _refuse_absent(bars, feature)
        chosen |= own
        notes.append(f"Your own features are added: {', '.join(own)}.")
    notes += [
        f"'{level.name}' is a price level: later values drift out of the range seen in training "
        f"(its stationary twin is '{level.stationary_twin}')."
        for level in chosen.values()
        if level.level
    ]
    return Selection(features=tuple(chosen.values()), notes=(*notes, *_unused(bars, tuple(chosen.values()))))


def leave_out_seldom_known(selection: Selection, values: FeatureValues) -> Selection:
    """The selection without the features known at fewer than 80 % of the bars, each with a note.

    Rows where any feature is unknown are lost, so one feature with too long a look-back for the sessions at hand costs
    all others their rows. Meant for wide presets, not for features that someone named.

    Raises:
        ConfigError: no feature is known at enough bars.
    """
    known = dict(zip(values.names, values.known_F / max(len(values.x_BF), 1), strict=True))
    often_known = tuple(feature for feature in selection.features if known[feature.name] >= MIN_KNOWN)
    if not often_known:
        raise ConfigError(
            f"features must be known at {MIN_KNOWN:.0%} of the bars, but none of {len(selection.features)} is. "
            "Give more bars, features with a shorter look-back, or let segments run on over breaks "
            f"({setting('session_gap')})."
        )
    seldom_known = [feature for feature in selection.features if feature not in often_known]
    seldom_known.sort(key=lambda feature: -known[feature.name])
    return Selection(features=often_known, notes=(*selection.notes, *_notes_on_seldom_known(seldom_known, known)))


def _notes_on_seldom_known(left: Sequence[Feature], known: Mapping[str, float]) -> list[str]:
    """A line for each of a few, one for many."""
    if len(left) <= MAX_NOTES:
        return [
            f"'{feature.name}' left out: it is known at only {known[feature.name]:.1%} of the bars (its history: "
            f"{feature.history})."
            for feature in left
        ]
    first = ", ".join(f"{feature.name} ({known[feature.name]:.0%}, {feature.history})" for feature in left[:MAX_NOTES])
    return [
        f"{len(left)} features left out: known at fewer than {MIN_KNOWN:.0%} of the bars, as their history reaches "
        f"further back than most segments do: {first} and {len(left) - MAX_NOTES} more. Segments that run on over "
        f"breaks ({worded(setting('session_gap'))}) would keep more."
    ]


def absent_columns(bars: Bars, feature: Feature) -> list[str]:
    """Columns that the feature needs and the bars lack."""
    return [column for column in feature.needs if column not in bars.frame.columns]


def _covered(bars: Bars, preset: str) -> Selection:
    """The features of a preset, of joined series and of other closes whose columns are there and cover enough bars."""
    candidates = _candidates(bars, preset)
    needed = {column for feature in candidates for column in feature.needs} & set(bars.frame.columns)
    coverage = {column: _coverage(bars, column) for column in needed}
    features, notes = [], []
    for feature in candidates:
        reason = _reason_to_leave_out(bars, feature, coverage)
        if reason is None:
            features.append(feature)
        else:
            notes.append(f"'{feature.name}' left out: {reason}.")
    return Selection(features=tuple(features), notes=tuple(notes))


def _candidates(bars: Bars, preset: str) -> list[Feature]:
    """The features of a preset, the return of every other close of the file, and a short list of each joined series."""
    joined = {column for series in bars.series.values() for column in series.columns}
    closes = [
        name for name in bars.frame.columns if name.endswith("_close") and name not in joined and name != "vix_close"
    ]
    timeless = bars.bar_length >= A_DAY
    of_series = [joined_named(bars, name) for series in bars.series.values() for name in default_of(series)]
    return [
        *(CATALOGUE[name] for name in PRESETS[preset] if not (timeless and name in SAME_EVERY_DAY)),
        *(close_change_of(name) for name in closes),
        *(feature for feature in of_series if feature is not None),
    ]


def _reason_to_leave_out(bars: Bars, feature: Feature, coverage: Mapping[str, float]) -> str | None:
    """Why a feature of a preset cannot be computed, or would cost all others their rows; None where it is taken."""
    absent = absent_columns(bars, feature)
    if absent:
        return f"the bars have no column {', '.join(absent)}"
    lost = f"(at least {MIN_COVERED:.0%} needed), and keeping it would lose all other rows"
    for column in feature.needs:
        if coverage[column] < MIN_COVERED:
            return f"{column} is known at only {coverage[column]:.1%} of the bars {lost}"
    known = 1.0 if feature.series is None else _known_share(bars, feature)
    return f"it is known at only {known:.1%} of the bars {lost}" if known < MIN_COVERED else None


def _coverage(bars: Bars, column: str) -> float:
    known: int = bars.frame.select(pl.col(column).is_not_null().sum()).item()
    return known / bars.frame.height


def _known_share(bars: Bars, feature: Feature) -> float:
    """Share of the bars at which a feature of a series is known."""
    known: int = compute(bars, [feature])[feature.name].count()
    return known / max(len(bars), 1)


def _matched_names(bars: Bars, pattern: str, known: Mapping[str, Feature], place: str) -> Sequence[str]:
    """The name itself, or the names that a pattern finds; of columns that the bars lack, a pattern finds none.

    Raises:
        ConfigError: the pattern finds none.
    """
    if not set("*?") & set(pattern):
        return (pattern,)
    names = matching(bars, pattern, known)
    features = {name: named(name, known) or joined_named(bars, name) for name in names}
    computable = [
        name for name, feature in features.items() if feature is not None and not absent_columns(bars, feature)
    ]
    if not computable:
        series = ", ".join(bars.series) or "none"
        raise ConfigError(f"features: no feature is named like '{pattern}'{place}. Joined series: {series}.")
    return computable


def _unused(bars: Bars, features: Sequence[Feature]) -> list[str]:
    """A line for each joined series that no feature reads."""
    return [
        f"{name}: joined, but no feature reads it. Name some of its features, such as "
        f"{worded(setting('features', f'default,{name}:*'))}."
        for name, series in bars.series.items()
        if not any(uses(feature, series) for feature in features)
    ]


def _merged_close(bars: Bars, name: str) -> Feature | None:
    column = name.removesuffix("_change_pct")
    return close_change_of(column) if column.endswith("_close") and column in bars.frame.columns else None


def _refuse_absent(bars: Bars, feature: Feature) -> None:
    absent = absent_columns(bars, feature)
    if absent:
        raise MissingColumnError(bars, feature, absent)


def _cure(column: str) -> str:
    """How bars come to have a column."""
    if column in ("vix_close", "vix_close_age_hours"):
        return f"give a file of the VIX with {setting('vix')}"
    if column in (*PRICES, "volume"):
        return f"name it with {setting('columns', f'{column}=NAME')}"
    if column.endswith("_close"):
        prefix = column.removesuffix("_close")
        return f"merge that series into the bars (tailproof merge BARS SERIES --series --prefix {prefix} --out MERGED)"
    return "give bars that have it"


def _unknown(name: str, known: Mapping[str, Feature], place: str, bars: Bars) -> Feature:
    of_series = [each for series in bars.series.values() for each in joined_names(series)]
    close = difflib.get_close_matches(name, [*known, *PRESETS, *of_series], n=1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise ConfigError(
        f"features must be presets ({', '.join(PRESETS)}), names that 'tailproof features' lists, or a file of names "
        f"({', '.join(LIST_ENDINGS)}; NAME_x30 is NAME on bars 30 times as long, NAME_x1s on sessions; SERIES:NAME is "
        f"NAME of a series joined by {setting('with', 'SERIES=FILE')}), "
        f"got features={name}{place}.{hint}"
    )


def _read_list(item: str) -> list[tuple[str, str]]:
    """The names in a file, one per line, without comments after #, each with its place; or the name itself."""
    if not item.endswith(LIST_ENDINGS):
        return [(item, "")]
    try:
        text = Path(item).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"features: the list {item} cannot be read ({error}). Write one name per line.") from error
    names = [line.partition("#")[0].strip() for line in text.splitlines()]
    return [(name, f" ({item}, line {row})") for row, name in enumerate(names, start=1) if name] or _empty(item)


def _empty(item: str) -> list[tuple[str, str]]:
    raise ConfigError(
        f"features: the list {item} holds no name; a study in which no feature stands out writes such a one. "
        "Write one name per line, or train on the default features."
    )
