"""All sections of the settings of a training run, and what their options are called."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tailproof.settings.cost_settings import CostSettings
from tailproof.settings.evaluation_settings import EvaluationSettings
from tailproof.settings.feature_settings import FeatureSettings
from tailproof.settings.network_settings import NetworkSettings
from tailproof.settings.optimisation_settings import OptimisationSettings
from tailproof.settings.population_settings import PopulationSettings
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.running_settings import RunningSettings
from tailproof.settings.section import Effect, effect_of, option_name, options_of
from tailproof.settings.series_settings import SeriesSettings
from tailproof.settings.split_settings import SplitSettings
from tailproof.settings.task_settings import TaskSettings
from tailproof.settings.vix_settings import VixSettings

SECTIONS: dict[str, type[BaseModel]] = {
    "reading": ReadOptions,
    "features": FeatureSettings,
    "task": TaskSettings,
    "split": SplitSettings,
    "evaluation": EvaluationSettings,
    "costs": CostSettings,
    "vix": VixSettings,
    "series": SeriesSettings,
    "network": NetworkSettings,
    "optimisation": OptimisationSettings,
    "population": PopulationSettings,
    "running": RunningSettings,
}
"""The sections by their names in ``TrainSettings``, in the order in which options are listed."""
SECTION_OF = {option: name for name, section in SECTIONS.items() for option in options_of(section)}
"""The name of the section that each option belongs to."""


def all_options() -> dict[str, FieldInfo]:
    """Every option of a training run by its name with underscores."""
    return {option: field for section in SECTIONS.values() for option, field in options_of(section).items()}


def default_values() -> dict[str, Any]:
    """The default of every option by the name that users write, as run folders keep it: plain values for JSON.

    >>> default_values()["session-gap"], default_values()["hidden-dims"]
    ('auto', [64])
    """
    return {
        option_name(option): value
        for section in SECTIONS.values()
        for option, value in section().model_dump(mode="json", by_alias=True).items()
    }


def options_with(*effects: Effect) -> frozenset[str]:
    """Names of the options that have one of these effects.

    >>> sorted(options_with(Effect.SCALE))
    ['multiplier']
    """
    return frozenset(
        option
        for section in SECTIONS.values()
        for option, field in options_of(section).items()
        if effect_of(section, field) in effects
    )
