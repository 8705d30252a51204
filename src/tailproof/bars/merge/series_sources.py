"""Which other series are joined to bars, and how each is read: the one place that decides it for every command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tailproof.core.errors import ConfigError
from tailproof.core.surface import setting
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.series_settings import SeriesOptions, SeriesSettings
from tailproof.settings.vix_settings import VixSettings

VIX = "vix"
"""The name of the series that ``--vix`` is short for: its closes become ``vix_close``."""
NO_FRAMES: Mapping[str, Any] = {}


@dataclass(frozen=True, kw_only=True)
class SeriesSource:
    """Another series that is to be joined to bars."""

    name: str
    data: Path | Any
    """A file, folder or pattern, or a polars or pandas frame."""
    options: ReadOptions
    """How it is read."""
    lag: timedelta | None = None
    """How long after the end of its row a value is published; None where the rule of its kind decides."""
    stale_after: timedelta | None = None
    """How long a value is carried forward; None where the length of its rows decides."""
    settings: str = ""
    """Prefix of the settings that say how it is read, for messages."""


def series_sources(
    series: SeriesSettings,
    of_vix: VixSettings,
    reading: ReadOptions,
    *,
    vix: Path | Any | None = None,
    frames: Mapping[str, Any] = NO_FRAMES,
) -> tuple[SeriesSource, ...]:
    """The series of a run, in the order in which they were named, the VIX first.

    Args:
        series: the options of ``--with``.
        of_vix: the options of ``--vix``.
        reading: how the bars are read: a series takes their time zone unless it has its own.
        vix: the file of ``--vix``, or a frame.
        frames: frames in place of files, by the name of the series.

    Raises:
        ConfigError: a series has options and no file, or the VIX was given twice.
    """
    sources = []
    if vix is not None:
        if VIX in series.with_:
            raise ConfigError(f"{setting('vix')} is short for {setting('with', 'vix=FILE')}: give one of them.")
        sources.append(_source(VIX, vix, of_vix, reading, settings="vix_"))
    for name, options in series.with_.items():
        data = frames.get(name, options.file)
        if data is None:
            option = setting("with", f"{name}=FILE")
            raise ConfigError(f"the series '{name}' has options but no file. Give it: {option}.")
        sources.append(_source(name, data, options, reading, settings=f"with {name}."))
    return tuple(sources)


def _source(
    name: str, data: Any, options: VixSettings | SeriesOptions, reading: ReadOptions, *, settings: str
) -> SeriesSource:
    return SeriesSource(
        name=name,
        data=data,
        options=options.reading(reading),
        lag=options.published_after,
        stale_after=options.carried_for,
        settings=settings,
    )
