"""Leaks that are not in a feature: labels off by one, same-day merges, statistics of all rows, rows that come twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.audit import Audit, Auditor
from tailproof.audit.labels import BoundLabel
from tailproof.bars import merge_known
from tailproof.bars.merge.join import KnownSeries
from tailproof.core.design import build_design
from tailproof.core.records import Bars, Design, Fold
from tailproof.features import compute, select_features
from tailproof.scaling import RobustScaler
from tailproof.splits import chronological
from tailproof.tasks import RankTransform, forward_return

BARS = bars_of(random_bar_frame(900, seed=1, breaks=(300, 600)))


class LabelTrap(NamedTuple):
    label: BoundLabel
    message: str


def shifted(bars: Bars, ahead: int, end: int) -> pl.DataFrame:
    later = pl.col("close").shift(-ahead).over("segment")
    before = pl.col("close").shift(1 - ahead).over("segment")
    return bars.frame.select(
        forward_return=later / before - 1.0, label_end=pl.col("known_at").shift(-end).over("segment")
    )


LABELS = {
    "off by one: the return of the bar itself": LabelTrap(lambda bars: shifted(bars, 0, 1), "rests on what was known"),
    "ends when its bar is known": LabelTrap(lambda bars: shifted(bars, 1, 0), "it ends at"),
    "reaches two bars, says one": LabelTrap(lambda bars: shifted(bars, 2, 1), "reaches further than it says"),
    "demeaned over the whole sample": LabelTrap(
        lambda bars: forward_return(bars, horizon=1).with_columns(
            pl.col("forward_return") - pl.col("forward_return").mean()
        ),
        "rests on what was known",
    ),
    "does not move": LabelTrap(
        lambda bars: forward_return(bars, horizon=1).with_columns(forward_return=pl.lit(0.0)), "does not lie after"
    ),
}


def label_audit(label: BoundLabel, horizon: int = 1) -> Audit:
    auditor = Auditor(BARS, np.random.default_rng(0))
    auditor.labels(label, horizon=horizon, count=6)
    return auditor.report()


@pytest.mark.parametrize("name", LABELS)
def test_a_label_that_does_not_lie_after_its_bar_is_caught(name: str) -> None:
    trap = LABELS[name]
    findings = label_audit(trap.label).findings
    assert {one.rule for one in findings} == {"label not after known-at"}
    assert any(trap.message in one.detail for one in findings)


@pytest.mark.parametrize("horizon", [1, 5, 30])
def test_the_forward_return_passes(horizon: int) -> None:
    report = label_audit(lambda bars: forward_return(bars, horizon=horizon), horizon)
    assert report.passed
    assert report.tried == {"labels": 6}


def daily_vix(known_after: timedelta) -> KnownSeries:
    """A value a day for the days of BARS and those before, said to be known ``known_after`` past midnight UTC."""
    first = BARS.frame["time"][0].replace(hour=0, minute=0) - timedelta(days=3)
    day = pl.datetime_range(first, first + timedelta(days=6), "1d", eager=True)
    value = pl.Series(np.random.default_rng(2).uniform(12.0, 30.0, len(day)))
    frame = pl.DataFrame({"known_at": (day + known_after).dt.cast_time_unit("ns"), "vix_close": value})
    return KnownSeries(name="vix_close", frame=frame, notes=())


def merge_on_known_at(bars: Bars, frame: pl.DataFrame) -> Bars:
    return merge_known(bars, KnownSeries(name="vix_close", frame=frame, notes=()))


def merge_on_the_same_day(bars: Bars, frame: pl.DataFrame) -> Bars:
    """The usual mistake: the close of a day joined to every minute of that day."""
    by_date = frame.select(pl.col("known_at").dt.date().alias("date"), "vix_close")
    joined = (
        bars.frame.drop("vix_close").with_columns(date=pl.col("time").dt.date()).join(by_date, on="date", how="left")
    )
    return replace(bars, frame=joined)


def merge_audit(series: KnownSeries, merge: Any) -> Audit:
    auditor = Auditor(BARS, np.random.default_rng(0))
    auditor.merge(series, merge, count=6)
    return auditor.report()


def test_same_day_vix_is_caught() -> None:
    series = daily_vix(timedelta(hours=23))
    assert merge_audit(series, merge_on_known_at).passed
    findings = merge_audit(series, merge_on_the_same_day).findings
    assert [one.rule for one in findings] == ["value before it was known"]
    assert "it was published at" in findings[0].detail


def test_the_second_column_of_a_series_is_held_to_its_known_at_too() -> None:
    close = daily_vix(timedelta(hours=23)).frame
    both = close.with_columns(vix_high=pl.col("vix_close") + 1.0)
    series = KnownSeries(name="vix_close", frame=both, notes=())

    def merge(bars: Bars, frame: pl.DataFrame) -> Bars:
        known = merge_known(bars, KnownSeries(name="vix_close", frame=frame.select(close.columns), notes=()))
        high = frame.select(pl.col("known_at").dt.date().alias("date"), "vix_high")
        joined = known.frame.with_columns(date=pl.col("time").dt.date()).join(high, on="date", how="left")
        return replace(bars, frame=joined)

    findings = merge_audit(series, merge).findings
    assert [one.what for one in findings] == ["merged column 'vix_high'"]


def design_and_fold() -> tuple[Design, Fold]:
    features = compute(BARS, select_features(BARS, ["original"]).features)
    design = build_design(BARS, features, forward_return(BARS, horizon=1))
    fold = chronological(design.known_at_N, design.label_end_N, train_fraction=0.6, validation_fraction=0.2)
    return design, fold


def fit_on(part: str) -> Any:
    def fit(design: Design, fold: Fold) -> dict[str, Any]:
        rows = {"train": slice(fold.train.start, fold.train.stop), "train and validation": slice(0, fold.test.start),
                "all": slice(None)}[part]  # fmt: skip
        return {
            "scaling": RobustScaler.fit(design.x_NF[rows]).as_json(design.names),
            "target": RankTransform.fit(design.return_N[rows]).as_json(),
        }

    return fit


@pytest.mark.parametrize(("part", "leaks"), [("train", 0), ("train and validation", 2), ("all", 2)])
def test_statistics_of_other_rows_are_caught(part: str, leaks: int) -> None:
    auditor = Auditor(BARS, np.random.default_rng(0))
    auditor.fitted(*design_and_fold(), fit_on(part))
    report = auditor.report()
    assert report.tried == {"fitted statistics": 2}
    assert [one.rule for one in report.findings] == ["statistic moved by other rows"] * leaks


def order_audit(bars: Bars) -> Audit:
    auditor = Auditor(bars, np.random.default_rng(0))
    auditor.order()
    return auditor.report()


def test_bars_in_order_pass() -> None:
    assert order_audit(BARS).passed


def test_later_rows_put_among_earlier_ones_are_caught() -> None:
    frame = pl.concat([BARS.frame[:200], BARS.frame[700:760], BARS.frame[200:]])
    findings = order_audit(replace(BARS, frame=frame)).findings
    assert ("bars out of order", "column 'time'") in [(one.rule, one.what) for one in findings]


def test_later_rows_copied_under_earlier_times_are_caught() -> None:
    numbers = ["open", "high", "low", "close", "volume"]
    copied = [
        pl.concat([BARS.frame[name][:200], BARS.frame[name][700:760], BARS.frame[name][260:]]) for name in numbers
    ]
    findings = order_audit(replace(BARS, frame=BARS.frame.with_columns(copied))).findings
    assert [one.what for one in findings] == ["a stretch of bars"]
    assert findings[0].seen_row is not None
    assert findings[0].row is not None
    assert findings[0].seen_row - findings[0].row == 500
