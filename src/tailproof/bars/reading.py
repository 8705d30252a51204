"""Reads one source: its chunks are judged, completed, checked, and then stored or kept."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain

import polars as pl

from tailproof.arrays.times import to_nanoseconds
from tailproof.bars.clean.intake import Intake
from tailproof.bars.clean.order_checks import DISORDER
from tailproof.bars.clean.quality.quality_part import Context
from tailproof.bars.clean.quality_report import QualityReport
from tailproof.bars.draft import Draft, draft_bars
from tailproof.bars.faults import SHOWN_LINES, Fault, raise_faults
from tailproof.bars.loaded import FaultyBarsError, Loaded
from tailproof.bars.notes import bar_notes, cell_notes
from tailproof.bars.read.raw_chunk import RawChunk
from tailproof.bars.read.table_plan import LINE, TablePlan
from tailproof.bars.sessions.calendars import TradingCalendar, load_calendar
from tailproof.bars.sessions.known_at import known_at_bar_end
from tailproof.bars.sessions.time_survey import TimeSurvey
from tailproof.bars.store.bar_store import BarStore
from tailproof.bars.store.spool import ROWS_IN_MEMORY, Spool
from tailproof.core.counted import counted
from tailproof.core.errors import DataError
from tailproof.settings.read_options import ReadOptions

MIN_BARS = 3
KEEPING_REPAIRS = ("widen-range", "zero-missing-volume", "sort")
"""Repairs that set no row aside."""


def read_bars(
    chunks: Iterable[tuple[TablePlan, RawChunk, int]],
    *,
    options: ReadOptions,
    name: str,
    files: tuple[str, ...],
    store: BarStore | None,
    notes: tuple[str, ...] = (),
    rows_in_memory: int = ROWS_IN_MEMORY,
) -> Loaded:
    """Bars of all chunks, made as these come, on the bar length of the first ones.

    Should another length prove to be the usual one when all rows are known, or a calendar need the last date first, the
    bars are made (again) of the judged rows, which are kept until then.

    Args:
        chunks: rows with the plan of their columns and the number of their file.
        options: how they are to be understood.
        name: of the source, for messages.
        files: names of the files, by their number.
        store: where the bars go; None keeps them.
        notes: sentences that come first in the report.
        rows_in_memory: rows from which they are kept in a file; changes no result.

    Raises:
        FaultyBarsError: there are faults that no chosen repair fixes.
        DataError: the source cannot be read, or holds too few bars.
    """
    rows = _PassedRows(options, files)
    spool = Spool(rows_in_memory=rows_in_memory)
    try:
        draft = _draft_at_once(rows, rows.judged(chunks, spool), store, rows_in_memory)
        rows.look_behind_disorder(spool)
        builder = _ReportBuilder(rows, name, notes)
        _refuse_faults(builder, spool.rows, draft)
        context = rows.context(_calendar(options, rows.survey))
        if draft is None or draft.assumed != context:
            if draft is not None:
                draft.discard()
            draft = draft_bars(spool, context, options=options, store=store, rows_in_memory=rows_in_memory)
        return _finished(draft, builder, store)
    finally:
        spool.close()


@dataclass
class _PassedRows:
    """The rows that passed, with all that is counted while they stream by."""

    options: ReadOptions
    files: tuple[str, ...]
    plan: TablePlan | None = None
    survey: TimeSurvey = field(default_factory=TimeSurvey)
    late: list[pl.DataFrame] = field(default_factory=list)
    """Times and lines of the frames after the first error, which are not kept."""

    def __post_init__(self) -> None:
        self.intake = Intake(options=self.options, files=self.files, now_ns=time.time_ns())

    def judged(self, chunks: Iterable[tuple[TablePlan, RawChunk, int]], spool: Spool) -> Iterator[pl.DataFrame]:
        """Frames that passed, each kept in ``spool`` too; none any more once an error was found."""
        frames = self._without_forming(self.intake.judge(self._first_plan(chunks)))
        for frame in frames:
            self.survey.see(frame)
            if not self.intake.book.of("error"):
                spool.add(frame)
                yield frame
            else:
                self.late.append(frame[["time", LINE]])

    def look_behind_disorder(self, spool: Spool) -> None:
        """Where times are out of order, also count those that sorting would show to be repeated."""
        if not any(fault.kind == DISORDER for fault in self.intake.book.of("error")):
            return
        rows = pl.concat([*(frame[["time", LINE]] for frame in spool), *self.late]).with_row_index("row")
        repeated = pl.col("time").cast(pl.Int64).diff() == 0
        beside = rows.filter(repeated)["row"]
        hidden = rows.sort("time", maintain_order=True).filter(repeated & ~pl.col("row").is_in(beside.implode()))
        if hidden.height:
            lines = hidden.sort("row")[LINE][:SHOWN_LINES].to_list()
            self.intake.book.add(
                Fault(
                    kind="time repeated further down",
                    lines=lines if len(self.files) == 1 else [],
                    found=f"time = {hidden['time'][0]}",
                    expected="one row per time once the rows are sorted",
                    repairs=("keep-first", "keep-last"),
                    total=hidden.height,
                )
            )

    def _without_forming(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The frames, of the last one all rows but a bar that ends after now and has begun: it is still forming."""
        held = next(frames, None)
        for frame in frames:
            assert held is not None
            yield held
            held = frame
        if held is None:
            return
        survey = deepcopy(self.survey)
        survey.see(held)
        if survey.rows > 1 and self._is_forming(survey):
            self.intake.set_forming_aside(held[-1:])
            held = held[:-1]
        if held.height:
            yield held

    def _is_forming(self, survey: TimeSurvey) -> bool:
        length_ns, last_ns = to_nanoseconds(survey.bar_length), survey.last_ns
        if self.options.bar_label == "end" and not survey.named_by_dates:
            last_ns -= length_ns
        start = pl.Series([last_ns], dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
        end = known_at_bar_end(start, bar_length=survey.bar_length, dates=survey.named_by_dates)
        return last_ns <= self.intake.now_ns < int(end.cast(pl.Int64)[0])

    def _first_plan(
        self, chunks: Iterable[tuple[TablePlan, RawChunk, int]]
    ) -> Iterator[tuple[TablePlan, RawChunk, int]]:
        for plan, chunk, source in chunks:
            self.plan = self.plan or plan
            yield plan, chunk, source

    def context(self, calendar: TradingCalendar | None) -> Context:
        """The facts known about the bars so far."""
        return Context(
            bar_length=self.survey.bar_length,
            dates=self.survey.named_by_dates,
            timezone=self.options.timezone,
            naive=self.intake.naive,
            calendar=calendar,
            files=self.files,
            session_gap=self._session_gap(),
        )

    def _session_gap(self) -> timedelta | None:
        """The user's choice; else nights do not divide bars of which a session holds only a few."""
        if self.options.session_gap is not None or self.options.calendar is not None:
            return self.options.session_gap
        return self.survey.steps.usual_gap


@dataclass(frozen=True)
class _ReportBuilder:
    """Makes the report on a set of rows."""

    rows: _PassedRows
    source: str
    first_notes: tuple[str, ...]

    def build(
        self,
        *,
        errors: tuple[Fault, ...] = (),
        warnings: tuple[Fault, ...] = (),
        notes: tuple[str, ...] = (),
        left_out: tuple[str, ...] = (),
    ) -> QualityReport:
        """The report with the findings in single rows, and with further ``warnings`` and ``notes``."""
        rows, intake = self.rows, self.rows.intake
        return QualityReport(
            source=self.source,
            files=len(rows.files),
            rows_read=intake.rows_read,
            rows_kept=intake.rows_kept,
            rows_set_aside=intake.aside.dropped,
            rows_changed=intake.aside.changed,
            errors=errors,
            warnings=(*intake.book.of("warning"), *warnings),
            repairs=dict(intake.aside.by_repair),
            left_out=left_out,
            notes=(*self.first_notes, *cell_notes(intake, rows.plan, options=rows.options), *notes),
        )


def _draft_at_once(
    rows: _PassedRows, frames: Iterator[pl.DataFrame], store: BarStore | None, rows_in_memory: int
) -> Draft | None:
    """Bars on the bar length of the first frame; None where that or the calendar is not known yet."""
    first = next(frames, None)
    if first is None or first.height < MIN_BARS or rows.options.calendar is not None:
        for _ in frames:
            pass
        return None
    assumed = rows.context(None)
    return draft_bars(chain([first], frames), assumed, options=rows.options, store=store, rows_in_memory=rows_in_memory)


def _refuse_faults(builder: _ReportBuilder, bars_left: int, draft: Draft | None) -> None:
    errors = tuple(_sound(fault, builder.rows.intake.rows_read) for fault in builder.rows.intake.book.of("error"))
    if draft is not None and (errors or bars_left < MIN_BARS):
        draft.discard()
    if errors:
        try:
            raise_faults(errors, source=builder.source)
        except DataError as error:
            raise FaultyBarsError(error.args[0], builder.build(errors=errors)) from None
    if bars_left < MIN_BARS:
        raise DataError(
            f"{builder.source}: {counted(bars_left, 'bar')}. At least {MIN_BARS} are needed to know the bar length."
        )


def _sound(fault: Fault, rows_read: int) -> Fault:
    """A fault without repairs that would take most rows: they would hide a wrong option and leave nothing."""
    if fault.count <= rows_read / 2:
        return fault
    return replace(fault, repairs=tuple(name for name in fault.repairs if name in KEEPING_REPAIRS))


def _calendar(options: ReadOptions, survey: TimeSurvey) -> TradingCalendar | None:
    if options.calendar is None:
        return None
    first, last = survey.span
    return load_calendar(options.calendar, first=first, last=last)


def _finished(draft: Draft, builder: _ReportBuilder, store: BarStore | None) -> Loaded:
    rows, length, frame = builder.rows, draft.assumed.bar_length, draft.kept
    assert rows.plan is not None
    notes = bar_notes(draft, rows.survey, rows.plan, rows.intake, options=rows.options)
    constant = rows.intake.volume.rows > 0 and rows.intake.volume.is_constant
    warnings = tuple(fault for fault in draft.quality.faults() if not (constant and fault.kind == "zero volume"))
    report = builder.build(
        warnings=warnings,
        notes=(*notes, *draft.quality.notes()),
        left_out=("volume",) if constant else (),
    )
    set_aside = rows.intake.aside.frame
    if store is not None and draft.written is not None:
        frame = store.commit(
            draft.written,
            bar_length_ns=to_nanoseconds(length),
            report=report,
            set_aside=set_aside,
            lasting=not rows.intake.depends_on_now,
        )
    assert frame is not None
    return Loaded.of(frame, length=length, report=report, set_aside=set_aside)
