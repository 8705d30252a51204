"""Other series are joined by when their values were known: a column, a lag or the rule of their kind says it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

import tailproof
from tailproof import ConfigError, DataError
from tailproof.bars import early_columns, join_series, merge_known, series_sources
from tailproof.bars.load_with_series import read_joined
from tailproof.bars.merge.known_series import KnownSeries
from tailproof.bars.merge.merge_audit import MergeAudit
from tailproof.bars.merge.series_sources import SeriesSource
from tailproof.core.records import Bars
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.series_settings import SeriesSettings
from tailproof.settings.vix_settings import VixSettings

RELEASES = "date,release_date,cpi\n2014-12-01,2015-01-16,0.8\n2015-01-01,2015-02-26,-0.1\n2015-02-01,2015-03-24,0.0\n"
USUAL = ["known_at", "release_date", "released", "published", "realtime_start", "publication_date", "as_of"]
MONTHS = [date(2014, 1 + at, 1) for at in range(12)]


def minutes(first: datetime, count: int, *, step: int = 1) -> Bars:
    times = [first + timedelta(minutes=step * at) for at in range(count)]
    return tailproof.load_bars(pl.DataFrame({"time": times, **dict.fromkeys(("open", "high", "low", "close"), 5.0)}))


def first_seen(bars: Bars, column: str, value: float) -> datetime:
    seen = bars.frame.filter(pl.col(column) == value)["known_at"].dt.replace_time_zone(None)
    return seen[0]  # type: ignore[no-any-return]


def joined(bars: Bars, **with_: Any) -> Bars:
    return tailproof.merge(bars, with_=with_)


def test_a_release_is_seen_from_the_evening_of_its_date_to_the_minute(tmp_path: Path) -> None:
    (tmp_path / "cpi.csv").write_text(RELEASES)
    bars = joined(minutes(datetime(2015, 2, 26, 22), 120), cpi=tmp_path / "cpi.csv")
    assert first_seen(bars, "cpi", -0.1) == datetime(2015, 2, 26, 23)  # 18:00 New York; 22:59 still has December's
    assert bars.frame["cpi"].unique(maintain_order=True).to_list() == [0.8, -0.1]
    assert any("of the day in its column 'release_date'" in note for note in bars.notes)


@pytest.mark.parametrize("name", [*USUAL, "vintage_date", "Release Date", "releasedAt"])
def test_a_publication_column_is_honoured_under_its_usual_names(name: str) -> None:
    published = [datetime(2014, 2 + at if at < 11 else 12, 14, 13, 30) for at in range(12)]
    frame = pl.DataFrame({"month": MONTHS, name: published, "value": [float(at) for at in range(12)]})
    bars = joined(minutes(datetime(2014, 3, 14, 13), 60), jobs=frame)
    assert first_seen(bars, "jobs_value", 1.0) == datetime(2014, 3, 14, 13, 30)
    assert any(f"in its column '{name}'" in note for note in bars.notes)


def test_a_column_may_be_named_and_two_must_not_be_guessed(tmp_path: Path) -> None:
    frame = pl.DataFrame({"date": MONTHS, "told": [*MONTHS[1:], date(2015, 1, 1)], "cpi": np.arange(12.0)})
    bars = joined(minutes(datetime(2014, 4, 1, 21), 120), cpi={"file": frame, "known_at": "told"})
    assert first_seen(bars, "cpi", 2.0) == datetime(2014, 4, 1, 22)
    both = frame.rename({"told": "released"}).with_columns(published="released")
    with pytest.raises(DataError, match="released and published may"):
        joined(bars, cpi=both)


def test_rows_longer_than_a_day_are_refused_until_something_says_when(tmp_path: Path) -> None:
    frame = pl.DataFrame({"date": MONTHS, "cpi": np.arange(12.0)})
    with pytest.raises(DataError, match=r"rows are 31 days apart.*lag"):
        joined(minutes(datetime(2014, 4, 16, 19), 240), cpi=frame)


def test_a_lag_counts_from_the_end_of_the_row() -> None:
    frame = pl.DataFrame({"date": MONTHS, "cpi": np.arange(12.0)})
    bars = joined(minutes(datetime(2014, 3, 17, 19), 240), cpi={"file": frame, "lag": "45d"})
    assert first_seen(bars, "cpi", 0.0) == datetime(2014, 3, 17, 21)  # January ends on the 31st at 16:00 New York


def test_vintages_give_the_value_as_it_stood_then() -> None:
    first = [datetime(2014, 2 + at, 14, 12) for at in range(3)]
    rows = {
        "date": [*MONTHS[:3], MONTHS[0], MONTHS[1]],
        "realtime_start": [*first, first[1], first[2] + timedelta(days=1)],
        "value": [1.0, 2.0, 4.0, 1.5, 2.5],
    }
    series = read_joined(source("gdp", pl.DataFrame(rows)))
    assert series.rows is not None
    stood = series.rows.frame.select(pl.col("known_at").dt.day(), "value", "value before").rows()
    assert stood == [(14, 1.0, None), (14, 2.0, 1.5), (14, 4.0, 2.0), (15, 4.0, 2.5)]


def test_two_values_published_together_for_one_period_are_refused() -> None:
    rows = {"date": [MONTHS[0]] * 2 + [MONTHS[1]], "released": [datetime(2014, 3, 1, 9)] * 3, "value": [1.0, 2.0, 3.0]}
    with pytest.raises(DataError, match="two rows for one time that were published together"):
        read_joined(source("gdp", pl.DataFrame(rows)))


def test_two_items_of_one_publication_time_are_refused_with_a_way_out() -> None:
    at = [datetime(2014, 3, 1, 9), datetime(2014, 3, 1, 9), datetime(2014, 3, 1, 11)]
    frame = pl.DataFrame({"published": at, "mood": [1.0, 2.0, 3.0]})
    with pytest.raises(DataError, match=r"two different rows with one 'published'.*give a column 'time'"):
        read_joined(source("news", frame))
    begun = [moment - timedelta(minutes=minute) for moment, minute in zip(at, (20, 10, 10), strict=True)]
    assert read_joined(source("news", frame.with_columns(time=pl.Series(begun)))).values == ("mood",)


@pytest.mark.parametrize("name", ["v", "c", "Vol"])
def test_a_value_with_a_brief_name_keeps_it_where_no_bars_are(name: str) -> None:
    days = [date(2024, 1, day) for day in (2, 3, 4)]
    assert read_joined(source("news", pl.DataFrame({"date": days, name: [0.1, -0.2, 0.3]}))).values == (name.lower(),)


def test_a_forecast_for_a_later_day_is_known_when_it_was_made_and_said() -> None:
    days = [date(2014, 6, day) for day in range(2, 7)]
    published = [datetime(2014, 5, 20 + at, 9) for at in range(5)]
    frame = pl.DataFrame({"day": days, "published": published, "x": [1.0, 2.0, 3.0, 4.0, 5.0]})
    bars = joined(minutes(datetime(2014, 5, 21, 8), 120), ahead=frame)
    assert first_seen(bars, "ahead_x", 2.0) == datetime(2014, 5, 21, 9)
    assert any("5 of 5 values were published before their row was over" in note for note in bars.notes)


def test_bars_of_another_instrument_are_known_when_complete() -> None:
    bars = minutes(datetime(2024, 1, 3, 14), 240)
    hours = [datetime(2024, 1, 3, 10 + at) for at in range(8)]
    frame = pl.DataFrame({"time": hours, "open": 1.0, "high": 20.0, "low": 1.0, "close": [2.0 + at for at in range(8)]})
    merged = joined(bars, nq=frame)
    assert first_seen(merged, "nq_close", 7.0) == datetime(2024, 1, 3, 16)  # the hour from 15:00
    assert merged.series["nq"].rows.frame.height == 8
    days = [date(2024, 1, day) for day in (1, 2, 3)]
    daily = pl.DataFrame({"date": days, "open": 1.0, "high": 9.0, "low": 1.0, "close": [2.0, 3.0, 4.0]})
    assert joined(bars, zn=daily).frame["zn_close"].unique().to_list() == [3.0]


def test_values_of_days_wait_for_the_evening_and_old_ones_are_not_carried_on() -> None:
    days = pl.DataFrame({"date": [date(2024, 1, day) for day in (2, 3, 4)], "mood": [0.1, 0.2, 0.3]})
    bars = joined(minutes(datetime(2024, 1, 3, 22, 30), 60), news=days)
    assert first_seen(bars, "news_mood", 0.2) == datetime(2024, 1, 3, 23)
    assert bars.frame["news_mood_age_hours"].max() < 24.0  # type: ignore[operator]
    late = joined(minutes(datetime(2024, 1, 16), 60), news=days)
    assert late.frame["news_mood"].null_count() == 60
    assert any("60 bars have no value of news_mood younger than 10 days" in note for note in late.notes)


def test_the_vix_is_the_short_form_of_a_series(tmp_path: Path) -> None:
    pl.DataFrame({"DATE": [date(2024, 1, day) for day in (2, 3, 4)], "CLOSE": [12.0, 13.0, 14.0]}).write_csv(
        tmp_path / "vix.csv"
    )
    bars = minutes(datetime(2024, 1, 3, 22, 30), 60)
    short = join_series(bars, sources(vix=tmp_path / "vix.csv"))[0]
    long = tailproof.merge(bars, with_={"vix": tmp_path / "vix.csv"})
    assert short.frame.equals(long.frame)
    assert short.frame.columns[-2:] == ["vix_close", "vix_close_age_hours"]
    with pytest.raises(ConfigError, match="vix is short for with_="):
        series_sources(SeriesSettings(with_=["vix=a.csv"]), VixSettings(), ReadOptions(), vix=Path("b.csv"))
    with pytest.raises(ConfigError, match="'cpi' has options but no file"):
        series_sources(SeriesSettings(with_=["cpi.lag=1d"]), VixSettings(), ReadOptions())


def test_the_vix_may_be_a_frame(tmp_path: Path) -> None:
    days = pl.DataFrame({"date": [date(2024, 1, day) for day in (2, 3, 4)], "close": [12.0, 13.0, 14.0]})
    days.write_csv(tmp_path / "vix.csv")
    bars = minutes(datetime(2024, 1, 3, 22, 30), 60)
    from_file = joined(bars, vix=tmp_path / "vix.csv")
    for frame in (days, days.to_pandas()):
        assert joined(bars, vix=frame).frame.equals(from_file.frame)


def test_a_point_in_a_frame_is_no_value_as_in_a_file(tmp_path: Path) -> None:
    """FRED marks a holiday so, and a column with such marks is text in a frame."""
    days = pl.DataFrame(
        {"observation_date": ["2024-01-02", "2024-01-03", "2024-01-04"], "VIXCLS": ["12.0", ".", "14.0"]}
    )
    days.write_csv(tmp_path / "vix.csv")
    bars = minutes(datetime(2024, 1, 4, 22, 30), 60)
    from_file = joined(bars, vix=tmp_path / "vix.csv")
    assert set(from_file.frame["vix_close"]) == {12.0}
    for frame in (days, days.to_pandas()):
        assert joined(bars, vix=frame).frame.equals(from_file.frame)


@pytest.mark.parametrize("name", ["close", "volume"])
def test_a_series_never_replaces_the_prices_of_the_bars(name: str) -> None:
    days = pl.DataFrame({"date": [date(2024, 1, day) for day in (2, 3, 4)], name: [12.0, 13.0, 14.0]})
    with pytest.raises(ConfigError, match=f"would be called '{name}', as one of the bars is.*{name}_2"):
        joined(minutes(datetime(2024, 1, 3, 22, 30), 60), **{name: days})


def test_two_series_never_share_a_column_and_own_columns_give_way_aloud() -> None:
    days = pl.DataFrame({"date": [date(2024, 1, day) for day in (2, 3, 4)], "b_x": 1.0, "x": 2.0})
    bars = minutes(datetime(2024, 1, 3, 22, 30), 60)
    with pytest.raises(ConfigError, match="'a_b_x', as one of the series 'a' is"):
        joined(bars, a=days, a_b=days.select("date", "x", y="x"))
    own = joined(bars.frame.select("time", *("open", "high", "low", "close"), a_x=pl.lit(9.0)), a=days)
    assert own.frame["a_x"].unique().to_list() == [2.0]
    assert any("own a_x gave way to what was joined as 'a'" in note for note in own.notes)


def test_a_row_said_twice_counts_once_and_a_series_beside_the_bars_is_said() -> None:
    twice = pl.DataFrame({"date": [MONTHS[0]] * 2 + [MONTHS[1]], "released": [datetime(2014, 3, 1, 9)] * 2
                          + [datetime(2014, 3, 14, 13)], "cpi": [1.0, 1.0, 2.0]})  # fmt: skip
    bars = joined(minutes(datetime(2014, 3, 14, 12), 90), cpi=twice)
    assert bars.frame["cpi"].unique(maintain_order=True).to_list() == [1.0, 2.0]
    assert any("1 row left out that says again" in note for note in bars.notes)
    late = joined(minutes(datetime(2016, 3, 14, 12), 90), cpi=twice)
    assert any("no bar has a value of cpi" in note and "from 2014-03-01 to 2014-03-14" in note for note in late.notes)


SHIFTS = [timedelta(minutes=1), timedelta(minutes=30), timedelta(days=1), timedelta(days=7), timedelta(days=61)]


@pytest.mark.parametrize("shift", SHIFTS, ids=str)
def test_early_publications_in_a_file_merged_elsewhere_are_named(shift: timedelta) -> None:
    """Twenty planted publications for each lead, and the same file merged rightly, of which nothing is said."""
    hours = shift > timedelta(hours=1)
    bars = minutes(datetime(2014, 1, 1), 24 * 365, step=60) if hours else MINUTES
    first, every = (
        (datetime(2014, 3, 4, 5), timedelta(days=14)) if hours else (datetime(2014, 1, 1, 5), timedelta(hours=3))
    )
    value = np.random.default_rng(0).choice([0.1, 0.2, 0.3, 0.4], 20) + np.arange(20) * 0.01

    def series(*early: int) -> KnownSeries:
        times = [first + at * every - (shift if at in early else timedelta(0)) for at in range(20)]
        known_at = pl.Series(times, dtype=pl.Datetime("ns", "UTC"))
        frame = pl.DataFrame({"known_at": known_at, "cpi": value})
        return KnownSeries(name="cpi", frame=frame, notes=(), stale_after=timedelta(days=30))

    def audit(*early: int) -> MergeAudit:
        (audited,) = early_columns(merge_known(bars, series(*early)), series())
        return audited

    assert audit().early == 0
    assert "no value from the future seen" in audit().sentence()
    for at in range(20):
        audited = audit(at)
        assert audited.early >= 1
        assert not audited.leaks
        assert "before they were published" in audited.sentence()
    assert audit(*range(20)).leaks


MINUTES = minutes(datetime(2014, 1, 1), 3 * 1440)


def test_an_early_column_is_found_under_another_name_and_an_innocent_one_is_not() -> None:
    frame = random_bar_frame(900)
    known = frame["time"].gather_every(60) + timedelta(minutes=1)
    value = pl.Series(np.random.default_rng(1).normal(size=len(known)))
    series = KnownSeries(
        name="x", frame=pl.DataFrame({"known_at": known.dt.cast_time_unit("ns"), "x": value}), notes=()
    )
    early = value.gather([min((row + 10) // 60, len(value) - 1) for row in range(900)])
    bars = bars_of(frame.with_columns(signal=early, noise=pl.Series(np.random.default_rng(2).normal(size=900))))
    assert [audit.column for audit in early_columns(bars, series)] == ["signal"]


def source(name: str, data: Any) -> SeriesSource:
    return SeriesSource(name=name, data=data, options=ReadOptions())


def sources(*, vix: Path) -> tuple[SeriesSource, ...]:
    return series_sources(SeriesSettings(), VixSettings(), ReadOptions(), vix=vix)


def test_bars_on_a_local_clock_are_named_with_the_zone_of_their_own_series() -> None:
    days = [datetime(2024, 1, 2, 9, 30) + timedelta(days=at) for at in range(12)]
    times = [day + timedelta(minutes=5 * at) for day in days for at in range(78)]
    frame = pl.DataFrame({"time": times, **dict.fromkeys(("open", "high", "low", "close"), 7.0)})
    bars = joined(minutes(datetime(2024, 1, 2, 13), 12_000), nq=frame)
    (note,) = [note for note in bars.notes if "times look local" in note]
    assert note.endswith('name the zone: with_={"nq": {"timezone": "America/New_York"}}')
