"""The base of all sections of the settings: frozen records whose faults are all named at once, with suggestions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic.fields import FieldInfo

from tailproof.core.errors import ConfigError
from tailproof.core.other_names import OTHER_NAMES
from tailproof.core.printable import printable
from tailproof.core.surface import key
from tailproof.settings.durations import A_DURATION, parse_duration

AnySection = TypeVar("AnySection", bound=BaseModel)
MAX_SHOWN = 200
"""Letters of a wrong value that a message shows."""
MAX_FAULTS = 50
"""Faults that one message lists."""
MAX_WHOLE_NUMBER = 2**53 - 1
"""The largest whole number that every reader of JSON, in which settings are kept, keeps exactly."""


class Effect(Enum):
    """The effect of changing a setting.

    A setting is marked by ``Annotated[float, Effect.SCALE]``, a whole section by its ``effect``.
    """

    RESULTS = "what is forecast, or how it is judged"
    SCALE = "the unit in which results are stated, and nothing else"
    NOTHING = "how fast a run is, where it computes and what it shows, and no result"


class SettingsSection(BaseModel):
    """One section of the settings; an option's name is the field's, or its alias where the field has one."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    effect: ClassVar[Effect] = Effect.RESULTS

    @field_validator("*")
    @classmethod
    def _bounded(cls, value: Any) -> Any:
        numbers = value if isinstance(value, tuple) else (value,)
        if any(isinstance(number, int) and abs(number) > MAX_WHOLE_NUMBER for number in numbers):
            raise ValueError(f"should be at most {MAX_WHOLE_NUMBER:,}")
        return value


def options_of(section: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a section by the names that users write, with underscores."""
    return {field.alias or name: field for name, field in section.model_fields.items()}


def effect_of(section: type[BaseModel], field: FieldInfo) -> Effect:
    """The effect of changing the field of a section."""
    own = [mark for mark in field.metadata if isinstance(mark, Effect)]
    return own[0] if own else getattr(section, "effect", Effect.RESULTS)


def option_name(field: str) -> str:
    """The name of a field as users write it.

    >>> option_name("hidden_dims")
    'hidden-dims'
    """
    return field.replace("_", "-")


def checked_settings(section: type[AnySection], values: Mapping[str, Any]) -> AnySection:
    """A record of settings from options by their names.

    Raises:
        ConfigError: lists every unknown key (with a suggestion) and every value out of range.
    """
    try:
        return section(**values)
    except ValidationError as error:
        raise config_error(error, options_of(section)) from error


def config_error(error: ValidationError, known: Iterable[str]) -> ConfigError:
    """Every unknown key (with a suggestion among the ``known``) and every value out of range, as one error."""
    options = tuple(known)
    faults = list(dict.fromkeys(_explain(fault, options) for fault in error.errors()))
    if len(faults) > MAX_FAULTS:
        faults = [*faults[:MAX_FAULTS], f"  - and {len(faults) - MAX_FAULTS:,} more"]
    return ConfigError("\n".join(["settings that cannot be used:", *faults]))


def known_zone(name: str) -> str:
    """``name``, where it names a time zone that Python and polars both know.

    Raises:
        ValueError: it is no IANA zone.
    """
    import polars as pl  # the settings alone must not wait for it

    try:
        ZoneInfo(name)
        pl.Series([], dtype=pl.Datetime("us", name))
    except (ZoneInfoNotFoundError, ValueError, OSError, pl.exceptions.ComputeError) as error:
        raise ValueError("should be an IANA zone such as UTC or America/New_York") from error
    return name


def checked_duration(text: str, *, auto: bool) -> str:
    """``text``, if it is a duration, or "auto" where that is allowed.

    Raises:
        ValueError: it is neither.
    """
    if not (auto and text == "auto"):
        try:
            parse_duration(text)
        except ConfigError as error:
            raise ValueError(f"should be {'auto, or ' if auto else ''}{A_DURATION}") from error
    return text


def shortened(value: object) -> str:
    """A value as a message shows it: of a long one the beginning.

    >>> shortened("a" * 1_000)[-20:]
    'a... (1,000 letters)'
    """
    text = str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}... ({len(text):,} letters)"


def _explain(fault: Any, known: tuple[str, ...]) -> str:
    if not fault["loc"]:
        return f"  - {fault['msg'].removeprefix('Value error, ')}"
    place = [part for part in fault["loc"] if isinstance(part, str)]
    name = place[-1].replace("-", "_")
    series = f"with {place[-2]}." if "with" in place[:-2] else ""
    if fault["type"] == "extra_forbidden":
        other = [OTHER_NAMES[name]] if OTHER_NAMES.get(name) in known else []
        close = other or difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean '{key(close[0])}'?" if close else ""
        return f"  - '{key(printable(series + name, allowed=''))}' is not a setting.{hint}"
    expected = fault["msg"].removeprefix("Input ").removeprefix("Value error, ")
    choices = re.findall("'([^']+)'", fault["msg"]) if fault["type"] == "literal_error" else []
    close = difflib.get_close_matches(str(fault["input"]), choices, n=1)
    hint = f". Did you mean '{close[0]}'?" if close else ""
    return f"  - {key(series + name)} {expected}, got {key(series + name)}={shortened(fault['input'])}{hint}"
