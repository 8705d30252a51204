"""Bars with the VIX beside them, as training and forecasting both read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tailproof.bars.load import load
from tailproof.bars.loaded import Loaded
from tailproof.bars.merge.join import Merged
from tailproof.bars.merge.known_series import read_vix
from tailproof.core.records import Bars
from tailproof.settings.read_options import ReadOptions


def load_with_vix(
    data: Path,
    options: ReadOptions,
    *,
    vix: Path | None,
    vix_options: ReadOptions | None = None,
    lag: timedelta | None,
    stale_after: timedelta,
) -> tuple[Bars, Loaded]:
    """Bars with the VIX and its age merged in where a file of it is given, and what reading the file reported.

    Args:
        data: bars, as for ``load``.
        options: how they are read.
        vix: VIX closes, daily or intraday.
        vix_options: how that file is read; None takes the zone of the bars and the defaults.
        lag: how long after its bar a close is published; None takes the rule of ``read_vix``.
        stale_after: a close known longer ago than this is not carried on.

    Raises:
        DataError: lists every fault found.
    """
    loaded = load(data, options)
    if vix is None:
        return loaded.bars, loaded
    series = read_vix(vix, options=vix_options or ReadOptions(timezone=options.timezone), lag=lag, settings="vix_")
    merged = Merged(before=loaded.bars, series=series, stale_after=stale_after)
    return merged.again(loaded.bars, series.frame), replace(loaded, merged=merged)
