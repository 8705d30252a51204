"""Every setting of a training run, once: the command line, config files and Python all read this record."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from tailproof.core.errors import ConfigError
from tailproof.core.surface import speaking_of_options
from tailproof.settings.cost_settings import CostSettings
from tailproof.settings.evaluation_settings import EvaluationSettings
from tailproof.settings.feature_settings import FeatureSettings
from tailproof.settings.network_settings import NetworkSettings
from tailproof.settings.optimisation_settings import OptimisationSettings
from tailproof.settings.population_settings import PopulationSettings
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.running_settings import RunningSettings
from tailproof.settings.section import Effect, config_error
from tailproof.settings.sections import SECTION_OF, SECTIONS, options_with
from tailproof.settings.series_settings import SeriesOptions, SeriesSettings, both_series
from tailproof.settings.split_settings import SplitSettings
from tailproof.settings.task_settings import TaskSettings
from tailproof.settings.vix_settings import VixSettings


class TrainSettings(BaseModel):
    """Settings of ``tailproof train``, in sections; the key in a config file and the flag are the option's name.

    It is made from options by their names, from whole sections, or from both:

    >>> settings = TrainSettings(epochs=5, features=("wide",), population=PopulationSettings(members=4))
    >>> settings.optimisation.epochs, settings.features.names, settings.population.members
    (5, ('wide',), 4)

    Raises:
        ConfigError: lists every unknown name (with a suggestion) and every value out of range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reading: ReadOptions = ReadOptions()
    features: FeatureSettings = FeatureSettings()
    task: TaskSettings = TaskSettings()
    split: SplitSettings = SplitSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    costs: CostSettings = CostSettings()
    vix: VixSettings = VixSettings()
    series: SeriesSettings = SeriesSettings()
    network: NetworkSettings = NetworkSettings()
    optimisation: OptimisationSettings = OptimisationSettings()
    population: PopulationSettings = PopulationSettings()
    running: RunningSettings = RunningSettings()

    def __init__(self, **options: Any) -> None:
        try:
            super().__init__(**_in_sections(options))
        except ValidationError as error:
            raise config_error(error, (*SECTION_OF, *SeriesOptions.model_fields)) from error

    def __repr__(self) -> str:
        """What differs from the defaults.

        >>> TrainSettings(epochs=5, seed=0)
        TrainSettings(epochs=5)
        """
        defaults = TrainSettings().options()
        changed = ", ".join(f"{name}={value!r}" for name, value in self.options().items() if value != defaults[name])
        return f"TrainSettings({changed})"

    __str__ = __repr__

    def options(self, mode: Literal["python", "json"] = "python") -> dict[str, Any]:
        """Every value by the name of its option, as Python objects or as plain values for JSON.

        >>> TrainSettings().options()["hidden_dims"], TrainSettings().options("json")["hidden_dims"]
        ((64,), [64])
        """
        return {
            option: value
            for name in SECTIONS
            for option, value in getattr(self, name).model_dump(mode=mode, by_alias=True).items()
        }

    def deciding(self, *, also: Effect | None = None) -> dict[str, Any]:
        """The options that decide a result, as plain values; those of a further effect too where it is named."""
        left_out = options_with(*({Effect.NOTHING, Effect.SCALE} - {also}))
        values = {**self.options("json"), "with": self.series.without_files()}
        return {option: value for option, value in values.items() if option not in left_out}

    def replace(self, **changes: Any) -> TrainSettings:
        """The same settings but for some options or sections.

        >>> TrainSettings(epochs=5).replace(seed=1).options()["epochs"]
        5
        """
        whole = {name for name, value in changes.items() if _is_section(name, value)}
        unchanged = {option: value for option, value in self.options().items() if SECTION_OF[option] not in whole}
        return TrainSettings(**{**unchanged, **changes})


def _in_sections(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options gathered under their sections; a name that is no option stays where it is, to be refused."""
    sections: dict[str, Any] = {name: dict(value) for name, value in options.items() if _is_section(name, value)}
    for name, value in options.items():
        option = name.removesuffix("_")  # with_ in Python, where with is a word of the language
        if not _is_section(name, value):
            (sections.setdefault(SECTION_OF[option], {}) if option in SECTION_OF else sections)[option] = value
    return sections


def _is_section(name: str, value: Any) -> bool:
    return name in SECTIONS and isinstance(value, SECTIONS[name] | Mapping)


MAX_CONFIG_BYTES = 1 << 20
"""1 MiB; no file of settings comes near it."""


def load_settings(config: Path | None = None, overrides: Mapping[str, Any] | None = None) -> TrainSettings:
    """Settings from a TOML file with what was given on the command line laid over it.

    Args:
        config: TOML file with the keys of the options, such as ``hidden-dims = [16, 8]``.
        overrides: values by the name of the option; they win over the file.

    Raises:
        ConfigError: lists every unknown key (with a suggestion) and every value out of range.
    """
    values, overrides = _read_toml(config) if config is not None else {}, overrides or {}
    try:
        if "with" in values and "with" in overrides:
            overrides = {**overrides, "with": both_series(values["with"], overrides["with"])}
        return TrainSettings(**{**values, **overrides})
    except ConfigError as error:
        if config is None:
            raise
        with speaking_of_options():  # the keys of the file have hyphens
            raise ConfigError(f"{config}: {error}") from error.__cause__


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_CONFIG_BYTES + 1)  # a device never ends
        if len(text) > MAX_CONFIG_BYTES:
            raise ValueError(f"more than {MAX_CONFIG_BYTES:,} bytes")
        content = tomllib.loads(text.decode("utf-8-sig").replace("\r\n", "\n"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not a readable TOML file ({error}). Write one 'key = value' a line.") from error
    return {key.replace("-", "_"): value for key, value in content.items()}
