"""Sentences for the log: what was assumed, inferred and counted while bars were read."""

from __future__ import annotations

from datetime import timedelta

from tailproof.bars.clean.adjustment import describe_adjustment
from tailproof.bars.clean.intake import Intake
from tailproof.bars.draft import Draft
from tailproof.bars.read.recognised import IGNORED
from tailproof.bars.read.table_plan import MADE_HERE, TablePlan
from tailproof.bars.read.time_parts import TIME_COLUMNS
from tailproof.bars.read.utc_times import OWN_OFFSET
from tailproof.bars.sessions.completion import describe_declared, describe_gaps
from tailproof.bars.sessions.known_at import DAY, DAY_CLOSE
from tailproof.bars.sessions.time_survey import TimeSurvey
from tailproof.core.surface import setting
from tailproof.settings.durations import describe_duration
from tailproof.settings.read_options import ReadOptions


def cell_notes(intake: Intake, plan: TablePlan | None, *, options: ReadOptions) -> tuple[str, ...]:
    """Assumptions about the cells, made before any bar was examined."""
    notes, files = [], intake.files
    if len(files) > 1:
        notes.append(f"{len(files)} files, read in the order {files[0]} … {files[-1]}.")
    if plan is not None:
        notes += _plan_notes(plan)
    if intake.newest_first:
        notes.append("The rows stood newest first: they are read from the last to the first.")
    if intake.others:
        notes.append(f"{intake.others:,} rows of other instruments than {options.instrument} are not read.")
    notes += intake.instruments.notes()
    if intake.dates is not None and intake.dates.zone:
        where = "on the clocks of their offset" if intake.dates.zone == OWN_OFFSET else f"in {intake.dates.zone}"
        notes.append(f"Every bar starts at midnight {where}: the bars are taken as days named by their dates.")
    if intake.naive:
        notes.append(f"The times name no zone: they are read as {options.timezone} ({setting('timezone')}).")
    if intake.ruled:
        notes.append(f"{intake.ruled:,} clock times occur twice (daylight saving): decided by '{options.ambiguous}'.")
    if options.price_scale != 1.0:
        notes.append(f"Prices are those of the file divided by {options.price_scale:g}.")
    return tuple(notes)


def bar_notes(
    draft: Draft, survey: TimeSurvey, plan: TablePlan, intake: Intake, *, options: ReadOptions
) -> tuple[str, ...]:
    """Assumptions about the bars, and the gaps between them."""
    known, length = draft.assumed, draft.assumed.bar_length
    shift = length if options.bar_label == "end" and not known.dates else timedelta(0)
    first, last = survey.first - shift, survey.last - shift
    span = f"{survey.rows:,} bars of {describe_duration(length)} on {survey.dates:,} dates, "
    span += f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC."
    calendar = options.calendar if length < DAY else None
    notes = [span, *describe_gaps(draft.marker.gaps(), bar_length=length, calendar=calendar)]
    if known.session_gap is not None and options.session_gap is None:
        notes.append(
            f"A session holds only a few bars of {describe_duration(length)}, so nights and weekends do not part them; "
            f"{setting('session_gap', '5h')} makes each night a break."
        )
    notes += describe_adjustment(options.adjustment, below_zero=survey.below_zero)
    if options.bar_label == "end":
        notes.append("Bars are labelled by their end: a bar starts one bar length before its label.")
    notes += _day_notes(length, dates=known.dates, midnights=survey.midnights)
    notes += describe_declared(draft.completion)
    if intake.volume.rows and intake.volume.is_constant:
        notes.append(intake.volume.note)
    elif "volume" not in plan.kept:
        notes.append("There is no volume column: features that need volume are left out.")
    return tuple(notes)


def _day_notes(length: timedelta, *, dates: bool, midnights: bool) -> list[str]:
    if dates:
        clock = f"{DAY_CLOSE:%H:%M}"
        return [f"A bar of {describe_duration(length)} is known at {clock} New York of its last date, not during it."]
    if length < DAY:
        return []
    why = (
        "some are of a Saturday or Sunday, so that a day is over at midnight UTC"
        if midnights
        else f"the bars of {describe_duration(length)} are named by a time of day and not by dates alone"
    )
    return [f"Each bar is known when it ends: {why}."]


def _plan_notes(plan: TablePlan) -> list[str]:
    known = {*TIME_COLUMNS, *plan.needed, *plan.text}
    meanings = {name: meaning for name, meaning in plan.meanings.items() if meaning in known}
    renamed = [f"{name or 'unnamed'} as {meaning}" for name, meaning in meanings.items() if name != meaning]
    notes = list(plan.notes)
    notes += [f"Columns recognised: {', '.join(renamed)}."] if renamed else []
    if plan.copies:
        copies = ", ".join(f"{price} is the {origin}" for price, origin in plan.copies.items())
        notes.append(f"Prices that the file does not hold are copies: {copies}.")
    if plan.time_format is not None and (plan.time_format.kind != "text" or plan.time_format.order):
        notes.append(f"The {plan.time_format.describe()}.")
    if remade := [name for name in plan.unused if name in MADE_HERE]:
        notes.append(f"Columns made anew from the times, never taken from a file: {', '.join(remade)}.")
    if ignored := [name.removeprefix(IGNORED) for name in plan.unused if name.startswith(IGNORED)]:
        notes.append(f"Columns left out as asked: {', '.join(ignored)}.")
    if unused := [name for name in plan.unused if name not in MADE_HERE and not name.startswith(IGNORED)]:
        notes.append(f"Columns not used, since they hold text or nothing: {', '.join(unused)}.")
    return notes
