"""Another series with the time from which each of its values may be used: daily or by the minute, with a lag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import polars as pl

from tailproof.bars.faults import Fault, raise_faults
from tailproof.bars.merge.publication import (
    PublicationRule,
    known_times,
    time_checks,
)
from tailproof.bars.merge.vintages import as_it_stood
from tailproof.bars.read.table_plan import LINE
from tailproof.core.counted import counted
from tailproof.core.errors import DataError
from tailproof.core.records import Bars, JoinedSeries

STALE_AFTER = timedelta(days=10)
"""Longer than any closure of an exchange in a century of daily values; older values are not carried on."""
STALE_ROWS = 3
"""Values of rows longer than a few days are carried on for so many of them."""
AGE = "age_hours"
SHOWN_LINES = 5


@dataclass(frozen=True, kw_only=True)
class KnownSeries:
    """Values one after another, each with the time from which it may be used.

    ``frame`` has ``known_at`` (UTC, rising) and the value columns; ``name`` is the first of them.
    """

    name: str
    frame: pl.DataFrame
    notes: tuple[str, ...]
    label: str = ""
    """The name of the series; empty where only its columns are of interest."""
    values: tuple[str, ...] = ()
    """Columns of ``published`` that hold values; none where its rows are bars of another instrument."""
    published: pl.DataFrame | None = None
    """Its rows as they were published, ``known_at`` rising, of which ``frame`` and ``rows`` are made."""
    rows: Bars | None = None
    """Its own rows, on which its features are computed."""
    stale_after: timedelta | None = None
    """A value known longer ago than this is not in force; None is ten days."""
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    """Where it came from, and hashes of its files and of its rows."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The value columns."""
        return tuple(name for name in self.frame.columns if name != "known_at")

    @property
    def age_column(self) -> str:
        """The column with the hours that a value had been known."""
        return f"{self.name}_{AGE}"

    def __repr__(self) -> str:
        return f"KnownSeries(name={self.name!r}, rows={self.frame.height}, columns={list(self.columns)})"

    def again(self, published: pl.DataFrame) -> KnownSeries:
        """The same series made of other published rows."""
        if self.rows is None:
            return replace(self, frame=published)
        if self.values:
            again = published_series(published, self.values, label=self.label, length=self.rows.bar_length)
        else:
            again = bars_series(replace(self.rows, frame=published), label=self.label)
        return replace(self, frame=again.frame, published=again.published, rows=again.rows)


def bars_series(bars: Bars, *, label: str) -> KnownSeries:
    """Bars of another instrument as a series: their close beside other bars, all of them for features of its own."""
    frame = bars.frame.select("known_at", pl.col("close").alias(f"{label}_close"))
    name = f"{label}_close"
    return KnownSeries(name=name, frame=frame, notes=(), label=label, published=bars.frame, rows=bars)


def published_series(published: pl.DataFrame, values: tuple[str, ...], *, label: str, length: timedelta) -> KnownSeries:
    """Published values as a series, as they stood at each publication.

    Args:
        published: ``time`` (of the period), ``known_at`` (UTC, rising) and the values.
        values: their columns.
        label: the name of the series, and of a column that is called so; the others get it as a prefix.
        length: of a period.
    """
    stood = as_it_stood(published, values)
    whole = pl.repeat(0, stood.height, dtype=pl.Int32, eager=True)
    rows = Bars(frame=stood.with_columns(session=whole, segment=whole), bar_length=length, source=label)
    frame = _beside(rows, values, label=label)
    return KnownSeries(
        name=frame.columns[1],
        frame=frame,
        notes=(),
        label=label,
        values=values,
        published=published,
        rows=rows,
        stale_after=max(STALE_AFTER, STALE_ROWS * length),
    )


def joined_again(series: JoinedSeries) -> KnownSeries:
    """The series of a join, to be joined to further bars."""
    if not series.values:
        return bars_series(series.rows, label=series.name)
    frame = _beside(series.rows, series.values, label=series.name)
    return KnownSeries(
        name=frame.columns[1],
        frame=frame,
        notes=(),
        label=series.name,
        values=series.values,
        published=series.published,
        rows=series.rows,
    )


def _beside(rows: Bars, values: tuple[str, ...], *, label: str) -> pl.DataFrame:
    """The columns that published values get beside bars."""
    names = {name: name if name == label else f"{label}_{name}" for name in values}
    return rows.frame.select("known_at", *(pl.col(name).alias(alias) for name, alias in names.items()))


def vix_series(raw: pl.DataFrame, *, source: str, lag: timedelta | None = None) -> KnownSeries:
    """Columns ``time`` (UTC), LINE and ``vix_close`` as a series with known-at times.

    Raises:
        DataError: times out of order or repeated, or a VIX that is not above zero.
    """
    rule = PublicationRule(lag=lag, market=True, settings="vix_")
    return known_series(raw, columns=("vix_close",), source=source, label="VIX", rule=rule)


def known_series(
    raw: pl.DataFrame,
    *,
    columns: tuple[str, ...],
    source: str,
    label: str,
    rule: PublicationRule,
    positive: bool = True,
) -> KnownSeries:
    """Value columns with the times from which they are known; rows without any value are left out and counted.

    Args:
        raw: ``time`` (bar start, UTC), LINE, the columns, and ``known_at`` where the file tells it.
        columns: of values.
        source: for messages.
        label: for notes.
        rule: how it is known when they were published.
        positive: whether values must be above zero.

    Raises:
        DataError: times do not rise, values cannot be, or nothing says when they were published.
    """
    whole = raw.height
    if rule.column is not None:
        raw = raw.unique([name for name in raw.columns if name != LINE], keep="first", maintain_order=True)
    _refuse_bad_rows(raw, columns, source=source, positive=positive, rule=rule)
    frame = raw.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in columns))
    if frame.height < 2:
        raise DataError(f"{source}: fewer than two {label} values. Expected one a day or one a bar.")
    known_at, words = known_times(frame, rule, source=source)
    first, last = frame["time"].sort().dt.strftime("%Y-%m-%d").gather([0, -1])
    note = f"{label}: {frame.height:,} values from {first} to {last}; {words}."
    if raw.height > frame.height:
        note += f" {counted(raw.height - frame.height, 'row')} without a value: the value before stays in force."
    if whole > raw.height:
        again = whole - raw.height
        note += f" {counted(again, 'row')} left out that {'says' if again == 1 else 'say'} again what another row says."
    published = frame.select("time", known_at.alias("known_at"), *columns)
    if not known_at.is_sorted():
        published = published.sort("known_at", "time", maintain_order=True)
    return KnownSeries(
        name=columns[0], frame=published.drop("time"), notes=(note,), published=published, values=columns
    )


def _refuse_bad_rows(
    raw: pl.DataFrame, columns: tuple[str, ...], *, source: str, positive: bool, rule: PublicationRule
) -> None:
    checks = time_checks(raw, rule)
    for name in columns:
        value = pl.col(name)
        if positive:
            bad, expected = ~(value > 0) | value.is_infinite() | value.is_nan(), "a number above 0"
        else:
            bad, expected = value.is_infinite() | value.is_nan(), "a finite number"
        checks.append((f"'{name}' out of range", expected, name, bad))
    faults = []
    for kind, expected, column, bad in checks:
        rows = raw.filter(bad.fill_null(value=False))
        if rows.height:
            lines = rows[LINE][:SHOWN_LINES].to_list()
            faults.append(Fault(kind, lines, found=str(rows[column][0]), expected=expected, total=rows.height))
    raise_faults(faults, source=source)
