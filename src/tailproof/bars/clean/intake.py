"""Chunks judged one after another: faults counted, chosen repairs applied, every row accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
import polars as pl

from tailproof.bars.clean.constant_volume import ConstantVolume
from tailproof.bars.clean.instrument_choice import (
    InstrumentSurvey,
    labelled_series,
    overlapping_files,
    refuse_absent,
    rows_of,
)
from tailproof.bars.clean.order_checks import DISORDER, ORDER_KINDS, order_checks
from tailproof.bars.clean.row_checks import CHANGES, RowCheck, rows_pass, value_checks
from tailproof.bars.clean.set_aside import CHANGED, DROPPED, SetAside
from tailproof.bars.faults import SHOWN_LINES, Fault, FaultBook
from tailproof.bars.read.aliases import KNOWN_AT
from tailproof.bars.read.csv_careful import WITHOUT_VOLUME
from tailproof.bars.read.derived_prices import with_derived_prices
from tailproof.bars.read.raw_chunk import RawChunk
from tailproof.bars.read.table_plan import LINE, SOURCE, TablePlan
from tailproof.bars.read.utc_times import Dates, with_utc_times
from tailproof.core.records import PRICES
from tailproof.core.surface import setting
from tailproof.settings.read_options import ReadOptions

FORMING = "still forming"
UNREADABLE_REPAIR = "drop-unreadable"
VOLUME_KINDS = ("missing 'volume'", "'volume' out of range", "zero volume")
WHOLE_FILE_REPAIRS = ("sort", "keep-last")
"""Repairs that must see rows far apart, so that the whole file is held in memory."""


@dataclass
class Intake:
    """State carried from chunk to chunk.

    After all chunks: rows read = rows kept + rows set aside, or ``book`` holds errors.
    """

    options: ReadOptions
    files: tuple[str, ...]
    """Names for messages, by the number in SOURCE; one empty name where there is one file only."""
    now_ns: int
    strict: bool = True
    """Whether values and the order of times are judged, or only what cannot be read."""
    book: FaultBook = field(default_factory=FaultBook)
    aside: SetAside = field(default_factory=SetAside)
    rows_read: int = 0
    rows_kept: int = 0
    naive: bool = False
    ruled: int = 0
    dates: Dates | None = None
    """Whether the times are dates, as the first rows show."""
    newest_first: bool = False
    """Whether the rows stood in falling order of time and were turned round."""
    depends_on_now: bool = False
    """Whether a reading at a later time would give other bars."""
    others: int = 0
    """Rows of other instruments than the one asked for."""
    last: pl.DataFrame | None = None
    """The last row kept, for the order of times across chunks."""
    instruments: InstrumentSurvey = field(default_factory=InstrumentSurvey)
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    """First and last time of each file."""
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns without a known name that part the first rows into several series."""
    volume: ConstantVolume = field(default_factory=ConstantVolume)

    def judge(self, chunks: Iterable[tuple[TablePlan, RawChunk, int]]) -> Iterator[pl.DataFrame]:
        """Frames of the rows that go on, with columns line, source, time and the plan's others in float64 or text."""
        frames: Iterator[pl.DataFrame] = (self._take(plan, chunk, source) for plan, chunk, source in chunks)
        if set(WHOLE_FILE_REPAIRS) & set(self.options.repair):
            frames = self._whole(list(frames))
        else:
            frames = self._oldest_first(frames)
        for frame in frames:
            in_order = self._in_order(frame)
            if in_order.height:
                yield in_order
        self._conclude()

    def _oldest_first(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The frames as they are; where all rows of each file stand newest first, those turned round."""
        first = next(frames, None)
        if first is None:
            return iter(())
        if first.height < 2 or not _falls(first):
            return chain([first], frames)
        files = pl.concat([first, *frames]).partition_by(SOURCE, maintain_order=True)
        if not all(_falls(rows) for rows in files):
            return iter(files)
        self.newest_first = True
        return iter(sorted((rows.reverse() for rows in files), key=lambda rows: rows["time"][0]))

    def set_forming_aside(self, row: pl.DataFrame) -> None:
        """Take out the last row, whose bar has begun and not ended."""
        self.rows_kept -= 1
        self.depends_on_now = True
        file = self.files[row[SOURCE][0]]
        self.aside.add(row, file=file, action=DROPPED, repair=FORMING, reason="the bar had not ended when it was read")
        if self.options.bar_label == "end":
            self.book.remove("time in the future")

    def _conclude(self) -> None:
        """Facts that only all rows together show: several instruments, and a volume that never changes."""
        if self.options.instrument and self.others and not self.rows_read:
            names = [name for column in self.instruments.columns.values() for name in column.names]
            refuse_absent(self.options.instrument, names, source=self.files[0] or "the bars")
        several = self.instruments.fault() or overlapping_files(self.files, self.spans)
        if several is None and any(fault.kind in ORDER_KINDS for fault in self.book.of("error")):
            several = labelled_series(self.labels, self.rows_read)
        if several is not None:
            self.book.remove(*ORDER_KINDS)
            self.book.add(several)
        if self.volume.is_constant:
            self.book.remove(*VOLUME_KINDS)

    def _take(self, plan: TablePlan, chunk: RawChunk, source: int) -> pl.DataFrame:
        """The rows of ``chunk`` whose cells can be used, whatever their order."""
        file = self.files[source]
        self.labels = self.labels or plan.labels
        chunk = self._of_instrument(chunk, plan)
        self.rows_read += chunk.rows
        for fault in chunk.faults:
            self._note(fault)
        self._set_unreadable_aside(chunk.unreadable, file, reason=None)
        previous = None if self.last is None else self.last["time"].cast(pl.Int64)[0]
        timed = with_utc_times(
            chunk.frame, plan=plan, options=self.options, previous=previous, file=file, dates=self.dates
        )
        self.dates = timed.dates if timed.frame.height else self.dates
        self.naive |= timed.naive
        self.ruled += timed.ruled
        for fault in timed.faults:
            self._note(fault)
        number_N = np.full(timed.frame.height, source, np.uint16)
        frame = with_derived_prices(timed.frame, plan.copies, plan.numbers_as)
        frame = frame.hstack([pl.Series(SOURCE, number_N)])[[LINE, SOURCE, "time", *plan.kept]]
        if KNOWN_AT in plan.text:
            frame = self._with_known_at(frame, plan, file)
        if timed.faults:
            lost = frame.filter(pl.col("time").is_null()).drop("time")
            self._set_unreadable_aside(lost, file, reason="a time that cannot be used")
            frame = frame.filter(pl.col("time").is_not_null())
        self.instruments.see(frame, plan.instruments)
        self._span(frame, source)
        frame = self._scaled(frame)
        frame = self._with_volume(frame, file)
        volume, negative = not self.volume.is_constant, self.options.adjustment == "difference"
        if self.strict and set(PRICES) <= set(frame.columns) and not rows_pass(frame, volume=volume, negative=negative):
            for check in value_checks(frame, volume=volume, negative=negative):
                frame = self._apply(frame, check, _mask(frame, check))
        return frame

    def _span(self, frame: pl.DataFrame, source: int) -> None:
        if frame.height and len(self.files) > 1:
            first, last = frame["time"].cast(pl.Int64).min(), frame["time"].cast(pl.Int64).max()
            assert isinstance(first, int)
            assert isinstance(last, int)
            before = self.spans.get(source, (first, last))
            self.spans[source] = min(first, before[0]), max(last, before[1])

    def _of_instrument(self, chunk: RawChunk, plan: TablePlan) -> RawChunk:
        """The rows of the instrument that the user asked for, where columns name one."""
        wanted, names = self.options.instrument, plan.instruments
        if wanted is None or not names:
            return chunk
        frame = rows_of(chunk.frame, wanted, names)
        if not frame.height and not self.rows_read:
            self.instruments.see(chunk.frame.with_columns(pl.lit(0).alias("time")), names)
        others = chunk.frame.height - frame.height
        self.others += others
        return replace(chunk, frame=frame, rows=chunk.rows - others)

    def _with_volume(self, frame: pl.DataFrame, file: str) -> pl.DataFrame:
        """``frame``; a volume that has been one number so far is not judged before another comes."""
        if not self.strict or "volume" not in frame.columns or not frame.height:
            return frame
        was_constant, before = self.volume.is_constant, self.volume.rows
        self.volume.see(frame)
        if was_constant and not self.volume.is_constant and before and not self.volume.first_is_possible:
            self.book.add(
                Fault(
                    kind="'volume' out of range",
                    lines=[self.volume.first_line],
                    found=f"volume = {self.volume.first}",
                    expected=f"a number of at least 0; {WITHOUT_VOLUME}",
                    file=file,
                    total=before,
                )
            )
        return frame

    def _with_known_at(self, frame: pl.DataFrame, plan: TablePlan, file: str) -> pl.DataFrame:
        """KNOWN_AT as UTC; where it cannot be read, that is a fault, and no repair lets the row be known sooner."""
        cells = frame.select(LINE, pl.col(KNOWN_AT).alias("time"))
        known = with_utc_times(cells, plan=plan.of_known_at, options=self.options, previous=None, file=file)
        for fault in known.faults:
            self.book.add(replace(fault, kind=f"{KNOWN_AT}: {fault.kind}", repairs=()))
        return frame.with_columns(known.frame["time"].alias(KNOWN_AT))

    def _in_order(self, frame: pl.DataFrame) -> pl.DataFrame:
        """``frame`` with its times checked against each other and the row before; counts the rows kept."""
        if self.strict and frame.height and not self._rises(frame):
            assumed_utc = self.naive and self.options.timezone == "UTC"
            last_wins = "keep-last" in self.options.repair
            for check in order_checks(frame, now_ns=self.now_ns, keep_last=last_wins, assumed_utc=assumed_utc):
                led = frame if self.last is None else pl.concat([self.last, frame])
                frame = self._apply(frame, check, _mask(led, check)[led.height - frame.height :])
        if frame.height:
            self.last = frame[-1:]
        self.rows_kept += frame.height
        return frame

    def _whole(self, frames: list[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """All rows as one frame, sorted where that was chosen."""
        frame = pl.concat(frames)
        back = int((frame["time"].diff().cast(pl.Int64) < 0).sum())
        if "sort" in self.options.repair and back:
            frame = frame.sort("time", maintain_order=True)
            self.aside.by_repair["sort"] = back
            expected = f"times in rising order: fixed by {setting('repair', 'sort')}"
            unsorted = Fault(DISORDER, [], f"{back:,} steps back", expected, "warning", total=back)
            self.book.add(unsorted)
        yield frame

    def _note(self, fault: Fault) -> None:
        chosen = self._chosen(fault.repairs)
        self.book.add(fault if chosen is None else repaired(fault, chosen))

    def _chosen(self, repairs: tuple[str, ...]) -> str | None:
        return next((name for name in repairs if name in self.options.repair), None)

    def _set_unreadable_aside(self, rows: pl.DataFrame, file: str, *, reason: str | None) -> None:
        if rows.height and UNREADABLE_REPAIR in self.options.repair:
            self.aside.add(rows, file=file, action=DROPPED, repair=UNREADABLE_REPAIR, reason=reason)

    def _scaled(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self.options.price_scale == 1.0:
            return frame
        return frame.with_columns(
            _divided(frame[name], self.options.price_scale) for name in PRICES if name in frame.columns
        )

    def _rises(self, frame: pl.DataFrame) -> bool:
        time = frame["time"].cast(pl.Int64)
        follows = self.last is None or time[0] > self.last["time"].cast(pl.Int64)[0]
        time_N = time.to_numpy()
        rises = follows and time[-1] <= self.now_ns and bool((time_N[1:] > time_N[:-1]).all())
        return rises and KNOWN_AT not in frame.columns  # that column's own order is checked with the others'

    def _apply(self, frame: pl.DataFrame, check: RowCheck, bad: pl.Series) -> pl.DataFrame:
        """Count the ``bad`` rows; set them aside or change them where the user chose a repair for them."""
        if not bad.any():
            return frame
        rows = frame.filter(bad)
        self.depends_on_now |= check.kind == "time in the future"
        chosen = self._chosen(check.repairs)
        for part in rows.partition_by(SOURCE, maintain_order=True):
            file = self.files[part[SOURCE][0]]
            fault = _row_fault(check, part, file)
            self.book.add(fault if chosen is None else repaired(fault, chosen))
            if chosen is not None:
                action = CHANGED if chosen in CHANGES else DROPPED
                self.aside.add(part, file=file, action=action, repair=chosen, reason=check.kind)
        if chosen is None:
            return frame
        if chosen not in CHANGES:
            return frame.filter(~bad)
        new_cells = [(expression.meta.output_name(), expression) for expression in CHANGES[chosen]]
        return frame.with_columns(pl.when(bad).then(new).otherwise(pl.col(name)).alias(name) for name, new in new_cells)


def _falls(frame: pl.DataFrame) -> bool:
    """Whether every row is older than the one above."""
    step_N = np.diff(frame["time"].cast(pl.Int64).to_numpy())
    return bool((step_N < 0).all())


def repaired(fault: Fault, repair: str) -> Fault:
    """``fault`` as one that the user chose to have repaired."""
    return replace(
        fault, expected=f"{fault.expected}: fixed by {setting('repair', repair)}", severity="warning", repairs=()
    )


def _divided(prices: pl.Series, scale: float) -> pl.Series:
    """Each price divided: polars multiplies by 1 / scale, and 78155 / 100 is then not 781.55."""
    values_N = prices.fill_null(np.nan).to_numpy() / scale
    return pl.Series(prices.name, values_N).set(prices.is_null(), None)


def _mask(frame: pl.DataFrame, check: RowCheck) -> pl.Series:
    return frame.select(check.bad.fill_null(value=False)).to_series()


def _row_fault(check: RowCheck, rows: pl.DataFrame, file: str) -> Fault:
    first = rows[:SHOWN_LINES]
    return Fault(
        kind=check.kind,
        lines=first[LINE].to_list(),
        found=f"{check.column} = {first[check.column][0]}",
        expected=check.expected,
        severity=check.severity,
        repairs=check.repairs,
        file=file,
        times=tuple(f"{time:%Y-%m-%d %H:%M:%S}" for time in first["time"].dt.cast_time_unit("us")),
        total=rows.height,
    )
