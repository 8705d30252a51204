"""Other series beside the bars: where each lies, how it is read, and when its values are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_serializer, field_validator

from tailproof.core.errors import ConfigError
from tailproof.core.surface import setting
from tailproof.settings.durations import parse_duration
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.section import SettingsSection, checked_duration

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
SHORT = {"tz": "timezone", "": "file"}
"""Other spellings of the options of a series: as on the command line, and in NAME=FILE."""


class SeriesOptions(ReadOptions):
    """One other series: its file, how that is read, and when its values are known.

    >>> SeriesOptions(file="cpi.csv", lag="45d").published_after
    datetime.timedelta(days=45)
    """

    file: Path | None = Field(None, description="File, folder or quoted pattern of the series.")
    lag: str = Field("auto", description="How long after the end of its row a value is published, such as 15m or 45d.")
    stale_after: str = Field(
        "auto", description="Older values are not carried forward; auto = 10d, or three rows where those are longer."
    )
    known_at: str | None = Field(None, description="Column that says when each value was published.")

    @field_validator("lag", "stale_after")
    @classmethod
    def _readable_durations(cls, text: str) -> str:
        return checked_duration(text, auto=True)

    @property
    def published_after(self) -> timedelta | None:
        """``lag`` as a duration; None where the rule of its kind decides."""
        return None if self.lag == "auto" else parse_duration(self.lag)

    @property
    def carried_for(self) -> timedelta | None:
        """``stale_after`` as a duration; None where the length of its rows decides."""
        return None if self.stale_after == "auto" else parse_duration(self.stale_after)

    def reading(self, bars: ReadOptions) -> ReadOptions:
        """How to read the file; in the time zone of the bars unless another is given."""
        own = {name: getattr(self, name) for name in ReadOptions.model_fields}
        if "timezone" not in self.model_fields_set:
            own["timezone"] = bars.timezone
        if self.known_at is not None:
            own["columns"] = {**self.columns, "known_at": self.known_at}
        return ReadOptions(**own)


def _by_name(series: Any) -> Any:
    """NAME=FILE and NAME.OPTION=VALUE in a list as a mapping; of a mapping, files that stand alone as options."""
    if isinstance(series, Mapping):
        return {name: _options(value) for name, value in series.items()}
    if isinstance(series, str) or not isinstance(series, Iterable):
        series = (series,)
    options: dict[str, dict[str, Any]] = {}
    for item in series:
        key, equals, value = str(item).partition("=")
        name, point, option = key.partition(".")
        if not (equals or point):
            raise ValueError("should be NAME=FILE, such as nq=NQ.csv, or NAME.OPTION=VALUE, such as cpi.lag=45d")
        options.setdefault(name, {})[_key(option)] = value if equals else True
    return options


def both_series(file: Any, overrides: Any) -> dict[str, Any]:
    """The series of a config file with those of the command line laid over them, option by option."""
    first, second = _by_name(file), _by_name(overrides)
    return {name: {**first.get(name, {}), **second.get(name, {})} for name in {**first, **second}}


def parted_series(series: Mapping[str, Any] | Iterable[str] | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of each series by name, and the frames among what was given in place of files.

    Args:
        series: by name a path, a frame, or options of which ``file`` is either; or NAME=FILE and NAME.OPTION=VALUE.

    >>> parted_series({"nq": "NQ.csv", "cpi": {"file": "cpi.csv", "lag": "45d"}})[0]["cpi"]["lag"]
    '45d'
    """
    if series is None:
        return {}, {}
    if not isinstance(series, Mapping):
        if isinstance(series, str) or not all(isinstance(each, str) for each in series):
            raise ConfigError(
                f"{setting('with')} must name each series: a mapping of names to files or frames, such as "
                f"{{'nq': 'NQ.csv'}}, got {type(series).__name__}."
            )
        return _by_name(series), {}
    options: dict[str, Any] = {}
    for name, value in series.items():
        if isinstance(value, SeriesOptions):
            value = value.model_dump(exclude_unset=True)
        options[name] = _options(value if isinstance(value, str | Path | Mapping) else {"file": value})
    frames = {
        name: each["file"] for name, each in options.items() if not isinstance(each.get("file"), str | Path | None)
    }
    for name in frames:
        del options[name]["file"]
    return options, frames


def file_or_frame(source: Any) -> Any:
    """What a caller in Python gives for a series: a path where it is text, else as it is."""
    return Path(source) if isinstance(source, str) else source


def series_files(series: Mapping[str, Any] | Iterable[str] | None) -> list[Path]:
    """The files among what was given for series: they are read, and never written over."""
    options, _ = parted_series(series)
    return [Path(each["file"]) for each in options.values() if each.get("file") is not None]


def _options(value: Any) -> Any:
    if isinstance(value, str | Path):
        return {"file": value}
    return {_key(key): each for key, each in value.items()} if isinstance(value, Mapping) else value


def _key(option: str) -> str:
    return SHORT.get(option, option.replace("-", "_"))


class SeriesSettings(SettingsSection):
    """Other series beside the bars, each joined by when its values were known.

    >>> SeriesSettings(with_=["cpi=cpi.csv", "cpi.lag=45d"]).with_["cpi"].lag
    '45d'
    """

    with_: Annotated[Mapping[str, SeriesOptions], BeforeValidator(_by_name)] = Field(
        {},
        alias="with",
        description="NAME=FILE of another series (bars, releases, sentiment), and NAME.OPTION=VALUE for how it is "
        "read (every reading option) and when it is known: lag, stale-after, known-at. Repeatable; a table "
        "[with.NAME] in a config file.",
    )

    @field_validator("with_")
    @classmethod
    def _plain_names(cls, series: Mapping[str, SeriesOptions]) -> Mapping[str, SeriesOptions]:
        for name in series:
            if NAME.fullmatch(name) is None:
                raise ValueError(f"should name series by letters, digits and _, a letter first, and not {name!r}")
        return series

    @field_serializer("with_")
    def _as_given(self, series: Mapping[str, SeriesOptions], info: Any) -> dict[str, Any]:
        """Only what was given: the defaults of a series may depend on the bars."""
        return {name: options.model_dump(mode=info.mode, exclude_unset=True) for name, options in series.items()}

    def without_files(self) -> dict[str, Any]:
        """The options of each series as plain values; where its file lies decides no result."""
        return {
            name: options.model_dump(mode="json", exclude_unset=True, exclude={"file"})
            for name, options in self.with_.items()
        }
