"""Bars → features and labels, joined row by row."""

from __future__ import annotations

from collections.abc import Mapping

from tailproof import features as features_stage
from tailproof.core.design import build_design
from tailproof.core.records import Bars, Design
from tailproof.features import Feature
from tailproof.features.select_features import NO_FEATURES, Selection
from tailproof.settings.feature_settings import FeatureSettings
from tailproof.tasks import Task


def bars_to_design(
    bars: Bars,
    features: FeatureSettings,
    *,
    task: Task,
    horizon: int,
    own: Mapping[str, Feature] = NO_FEATURES,
    leave_out_seldom_known: bool | None = None,
) -> tuple[Design, Selection]:
    """The rows that a network can learn from, and the features that they hold.

    Args:
        bars: the bars to learn from.
        features: presets, names, and the file of the user's own.
        task: the forecasting task.
        horizon: bars from a row's close to the close that is forecast.
        own: features of the caller's own, named in ``features``.
        leave_out_seldom_known: leave out, and name, features that are unknown at so many bars that they would cost all
            others their rows: on short data most look-backs of sessions. None does so for the preset ``wide`` and for
            patterns.

    Raises:
        ConfigError: a feature is unknown or lacks a column.
        DataError: a feature is not finite, or no row is left.
    """
    known = {**features_stage.own_features(features.feature_file, bars), **own}
    selection = features_stage.select_features(bars, features.names, own=known)
    values = features_stage.feature_values(bars, selection.features)
    many = "wide" in features.names or any("*" in name for name in features.names)
    if many if leave_out_seldom_known is None else leave_out_seldom_known:
        selection = features_stage.leave_out_seldom_known(selection, values)
        values = values.select([feature.name for feature in selection.features])
    return build_design(bars, values, task.label(bars, horizon=horizon)), selection
