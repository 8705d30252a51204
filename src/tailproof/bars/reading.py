"""One reading of one source: chunks judged, completed, looked over, and stored or kept."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path

import polars as pl

from tailproof.arrays.times import from_nanoseconds, to_nanoseconds
from tailproof.bars.clean.adjustment import describe_adjustment
from tailproof.bars.clean.intake import Intake
from tailproof.bars.clean.quality.part import Context
from tailproof.bars.clean.quality.passes import QualityPass
from tailproof.bars.clean.report import QualityReport
from tailproof.bars.faults import Fault, raise_faults
from tailproof.bars.merge.join import Merged
from tailproof.bars.read.raw_chunk import RawChunk
from tailproof.bars.read.table_plan import LINE, MADE_HERE, SOURCE, TablePlan
from tailproof.bars.sessions.bar_length import StepCounter
from tailproof.bars.sessions.calendars import TradingCalendar, load_calendar
from tailproof.bars.sessions.completion import Completion, describe_gaps, describe_told
from tailproof.bars.sessions.known_at import DAY, DAY_CLOSE, DAY_NS, named_by_dates, on_weekends
from tailproof.bars.sessions.marker import SessionMarker
from tailproof.bars.settings import ReadSettings
from tailproof.bars.store.bar_store import BarStore, Stored
from tailproof.bars.store.spool import Spool
from tailproof.core.errors import DataError
from tailproof.core.records import Bars
from tailproof.settings.durations import describe_duration

FEWEST_BARS = 3


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """Bars with the report on their quality and the rows that chosen repairs set aside or changed."""

    bars: Bars
    report: QualityReport
    set_aside: pl.DataFrame
    merged: Merged | None = None
    """What was merged into the bars afterwards."""


class FaultyBarsError(DataError):
    """Bars with errors; ``report`` holds everything that was found."""

    def __init__(self, message: str, report: QualityReport) -> None:
        super().__init__(message)
        self.report = report


@dataclass(frozen=True, kw_only=True)
class Made:
    """Bars made on an assumed bar length, with what was noticed while they were made."""

    assumed: Context
    marker: SessionMarker
    completion: Completion
    quality: QualityPass
    written: Path | None
    """For the store, beside its final place."""
    kept: pl.DataFrame | None

    def discard(self) -> None:
        """Remove what was written."""
        if self.written is not None:
            self.written.unlink()


@dataclass
class Reading:
    """Rows are judged and made into bars as they come, on the bar length of the first ones.

    Should another length prove to be the usual one when all rows are known, or a calendar need the last date first, the
    bars are made (again) of the judged rows, which are kept until then.
    """

    settings: ReadSettings
    name: str
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()
    steps: StepCounter = field(default_factory=StepCounter)
    plan: TablePlan | None = None
    first_ns: int = 0
    last_ns: int = 0

    def __post_init__(self) -> None:
        self.intake = Intake(settings=self.settings, files=self.files, now_ns=time.time_ns())
        self.dates = 0
        self.midnights = True
        self.weekends = False
        self.last_date: int | None = None

    def run(self, chunks: Iterable[tuple[TablePlan, RawChunk, int]], *, store: BarStore | None) -> Loaded:
        """Bars of all chunks.

        Raises:
            FaultyBarsError: there are faults that no chosen repair mends.
            DataError: the source cannot be read, or holds too few bars.
        """
        spool = Spool()
        try:
            made = self._made_at_once(self._judged(chunks, spool), store)
            self._refuse_faults(spool.rows, made)
            context = self._context(self._calendar())
            if made is None or made.assumed != context:
                if made is not None:
                    made.discard()
                made = self._made(spool, context, store)
            return self._loaded(made, store)
        finally:
            spool.close()

    def _judged(self, chunks: Iterable[tuple[TablePlan, RawChunk, int]], spool: Spool) -> Iterator[pl.DataFrame]:
        """Frames that passed, each kept in ``spool`` too; none any more once an error was found."""
        for frame in self.intake.judge(self._first_plan(chunks)):
            self._measure(frame)
            if not self.intake.book.of("error"):
                spool.add(frame)
                yield frame

    def _made_at_once(self, frames: Iterator[pl.DataFrame], store: BarStore | None) -> Made | None:
        """Bars on the bar length of the first frame; None where that or the calendar is not known yet."""
        first = next(frames, None)
        if first is None or first.height < FEWEST_BARS or self.settings.calendar is not None:
            for _ in frames:
                pass
            return None
        return self._made(chain([first], frames), self._context(None), store)

    def _first_plan(
        self, chunks: Iterable[tuple[TablePlan, RawChunk, int]]
    ) -> Iterator[tuple[TablePlan, RawChunk, int]]:
        for plan, chunk, source in chunks:
            self.plan = self.plan or plan
            yield plan, chunk, source

    def _measure(self, frame: pl.DataFrame) -> None:
        time_N = frame["time"].cast(pl.Int64).to_numpy()
        self.first_ns = self.first_ns or int(time_N[0])
        self.last_ns = int(time_N[-1])
        self.steps.see(time_N)
        self.midnights = self.midnights and not (time_N % DAY_NS).any()
        day_N = time_N // DAY_NS
        self.weekends = self.weekends or (self.midnights and on_weekends(day_N))
        self.dates += int((day_N[1:] != day_N[:-1]).sum()) + (int(day_N[0]) != self.last_date)
        self.last_date = int(day_N[-1])

    def _refuse_faults(self, rows: int, made: Made | None) -> None:
        errors = self.intake.book.of("error")
        if made is not None and (errors or rows < FEWEST_BARS):
            made.discard()
        if errors:
            report = self._report(errors=errors, warnings=self.intake.book.of("warning"), notes=self._reading_notes())
            try:
                raise_faults(errors, source=self.name)
            except DataError as error:
                raise FaultyBarsError(str(error), report) from None
        if rows < FEWEST_BARS:
            raise DataError(f"{self.name}: {rows} bar(s). At least {FEWEST_BARS} are needed to know the bar length.")

    def _context(self, calendar: TradingCalendar | None) -> Context:
        """What is known of the bars so far."""
        length = self.steps.bar_length
        return Context(
            bar_length=length,
            dates=named_by_dates(length, midnights=self.midnights, weekends=self.weekends),
            timezone=self.settings.timezone,
            naive=self.intake.naive,
            calendar=calendar,
            files=self.files,
        )

    def _made(self, frames: Iterable[pl.DataFrame], context: Context, store: BarStore | None) -> Made:
        length = context.bar_length
        calendar = None if length >= DAY else context.calendar
        marker = SessionMarker(bar_length=length, session_gap=self.settings.session_gap, calendar=calendar)
        quality = QualityPass(context)
        completion = Completion(self.settings, length, marker, context.dates)
        complete = quality.watch(completion.complete(frames))
        written = None if store is None else store.write_bars(complete)
        kept = _keep(complete) if store is None else None
        return Made(assumed=context, marker=marker, completion=completion, quality=quality, written=written, kept=kept)

    def _loaded(self, made: Made, store: BarStore | None) -> Loaded:
        length, kept = made.assumed.bar_length, made.kept
        notes = (*self._reading_notes(), *self._notes(made), *made.quality.notes())
        warnings = (*self.intake.book.of("warning"), *made.quality.faults())
        report = self._report(errors=(), warnings=warnings, notes=notes)
        set_aside = self.intake.aside.frame
        if store is not None and made.written is not None:
            nanoseconds = to_nanoseconds(length)
            kept = store.commit(made.written, bar_length_ns=nanoseconds, report=report, set_aside=set_aside)
        assert kept is not None
        return Loaded(bars=_bars(kept, length, report), report=report, set_aside=set_aside)

    def _calendar(self) -> TradingCalendar | None:
        if self.settings.calendar is None:
            return None
        return load_calendar(self.settings.calendar, first=_date(self.first_ns), last=_date(self.last_ns))

    def _report(
        self, *, errors: tuple[Fault, ...], warnings: tuple[Fault, ...], notes: tuple[str, ...]
    ) -> QualityReport:
        return QualityReport(
            source=self.name,
            files=len(self.files),
            rows_read=self.intake.rows_read,
            rows_kept=self.intake.rows_kept,
            rows_set_aside=self.intake.aside.dropped,
            rows_changed=self.intake.aside.changed,
            errors=errors,
            warnings=warnings,
            repairs=dict(self.intake.aside.by_repair),
            notes=notes,
        )

    def _reading_notes(self) -> tuple[str, ...]:
        """What was assumed before any bar was looked at."""
        notes = [*self.notes]
        if len(self.files) > 1:
            notes.append(f"{len(self.files)} files, read in the order {self.files[0]} … {self.files[-1]}.")
        if self.plan is not None:
            notes += _plan_notes(self.plan)
        if self.intake.naive:
            notes.append(f"The times name no zone: they are read as {self.settings.timezone} (--tz).")
        if self.intake.ruled:
            rule = self.settings.ambiguous
            notes.append(f"{self.intake.ruled:,} clock times occur twice (daylight saving): decided by '{rule}'.")
        if self.settings.price_scale != 1.0:
            notes.append(f"Prices are those of the file divided by {self.settings.price_scale:g}.")
        return tuple(notes)

    def _notes(self, made: Made) -> tuple[str, ...]:
        known, length = made.assumed, made.assumed.bar_length
        shift = length if self.settings.bar_label == "end" and not known.dates else timedelta(0)
        first, last = _instant(self.first_ns) - shift, _instant(self.last_ns) - shift
        span = f"{self.intake.rows_kept:,} bars of {describe_duration(length)} on {self.dates:,} dates, "
        span += f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC."
        calendar = self.settings.calendar if length < DAY else None
        notes = [span, *describe_gaps(made.marker.gaps(), bar_length=length, calendar=calendar)]
        notes += describe_adjustment(self.settings.adjustment)
        if self.settings.bar_label == "end":
            notes.append("Bars are labelled by their end: a bar starts one bar length before its label.")
        if known.dates:
            notes.append(
                f"A bar of {describe_duration(length)} is known at {DAY_CLOSE:%H:%M} New York of its last date, "
                "not during it."
            )
        elif length >= DAY:
            why = (
                "some are of a Saturday or Sunday, so that a day is over at midnight UTC"
                if self.midnights
                else f"the bars of {describe_duration(length)} are named by a time of day and not by dates alone"
            )
            notes.append(f"Each bar is known when it ends: {why}.")
        notes += describe_told(made.completion)
        assert self.plan is not None
        if "volume" not in self.plan.kept:
            notes.append("There is no volume column: features that need volume are left out.")
        return tuple(notes)


def loaded_from_store(stored: Stored, folder: Path) -> Loaded:
    """What a store holds, in the form of a fresh reading."""
    length = from_nanoseconds(stored.bar_length_ns)
    bars = _bars(stored.frame, length, stored.report, f"The bars come from the store in {folder}.")
    return Loaded(bars=bars, report=stored.report, set_aside=stored.set_aside)


def _keep(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """All frames as one: in memory, or, if they are many, mapped from a file that only this process has."""
    spool = Spool()
    try:
        for frame in frames:
            spool.add(frame)
        return spool.whole()
    finally:
        spool.close()


def _bars(frame: pl.DataFrame, length: timedelta, report: QualityReport, *more: str) -> Bars:
    told = (*report.notes, report.accounting(), *(f"Warning: {fault}" for fault in report.warnings), *more)
    return Bars(frame=frame.drop(LINE, SOURCE), bar_length=length, source=report.source, notes=told)


def _plan_notes(plan: TablePlan) -> list[str]:
    renamed = [f"{name} as {meaning}" for name, meaning in plan.meanings.items() if name != meaning]
    notes = [f"Columns recognised: {', '.join(renamed)}."] if renamed else []
    if plan.time_format is not None and (plan.time_format.kind == "epoch" or plan.time_format.order):
        notes.append(f"The {plan.time_format.describe()}.")
    if made := [name for name in plan.unused if name in MADE_HERE]:
        notes.append(f"Columns made anew from the times, never taken from a file: {', '.join(made)}.")
    if unused := [name for name in plan.unused if name not in MADE_HERE]:
        notes.append(f"Columns not used, since they hold text or nothing: {', '.join(unused)}.")
    return notes


def _instant(time_ns: int) -> datetime:
    return datetime.fromtimestamp(time_ns // 10**9, UTC)


def _date(time_ns: int) -> date:
    return _instant(time_ns).date()
