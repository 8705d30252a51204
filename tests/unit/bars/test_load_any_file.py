"""Files that were once read wrong in silence, and files that had no way in."""

from __future__ import annotations

import bz2
import lzma
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from tests.dialects.truth import Bar, days, hours, minutes
from tests.dialects.vendors import OHLCV, Write, ohlcv, rows, utc

from tailproof.bars import load_bars, merge_files, quality_report, resample
from tailproof.bars.merge.read_series import read_vix
from tailproof.bars.read.number_format import NumberFormat
from tailproof.core.errors import DataError
from tailproof.settings.read_options import ReadOptions

ISO: Write = rows(f"time,{OHLCV}", lambda bar: f"{utc(bar, '%Y-%m-%dT%H:%M:%SZ')},{ohlcv(bar)}")


def frame_of(bars: list[Bar], times: list[object] | None = None) -> pl.DataFrame:
    prices = {name: [getattr(bar, name) for bar in bars] for name in ("open", "high", "low", "close")}
    return pl.DataFrame({"time": times or [bar.time for bar in bars], **prices})


@pytest.mark.parametrize("kind", ["csv", "parquet", "frame"])
def test_an_epoch_that_changes_its_unit_is_refused(kind: str, tmp_path: Path) -> None:
    bars = minutes()
    frame = frame_of(bars, [bar.ms for bar in bars[:60]] + [bar.ms * 1000 for bar in bars[60:]])
    path = tmp_path / f"bars.{kind}"
    if kind == "csv":
        frame.write_csv(path)
    elif kind == "parquet":
        frame.write_parquet(path)
    with pytest.raises(DataError, match=r"time in us and not in ms: 60 rows \(line 6[12]") as caught:
        load_bars(frame if kind == "frame" else path)
    assert "repair=" not in str(caught.value)


@pytest.mark.parametrize("form", ["%Y%m%d%H%M%S000", "%Y%m%d%H%M%S", "%Y%m%d%H%M"])
def test_digits_that_are_a_date_are_no_epoch(form: str) -> None:
    bars = minutes()
    read = load_bars(frame_of(bars, [int(bar.time.strftime(form)) for bar in bars])).frame
    assert read["time"].dt.cast_time_unit("us").to_list() == [bar.time for bar in bars]


@pytest.mark.parametrize("stacked", [True, False])
def test_several_instruments_are_named_and_one_is_taken(stacked: bool, tmp_path: Path) -> None:
    two = [("AAPL", bar) for bar in minutes()] + [("MSFT", bar) for bar in minutes(price=300.0)]
    if not stacked:
        two.sort(key=lambda row: row[1].time)
    path = tmp_path / "panel.csv"
    lines = (f"{utc(bar, '%Y-%m-%dT%H:%M:%SZ')},{name},{ohlcv(bar)}" for name, bar in two)
    path.write_text("\n".join([f"time,symbol,{OHLCV}", *lines]) + "\n")
    for options in ({}, {"repairs": ("keep-first",)}, {"repairs": ("sort", "keep-last")}):
        with pytest.raises(DataError, match=r"'symbol' holds 2 instruments \(AAPL, MSFT\)") as caught:
            load_bars(path, **options)
        assert "keep-first" not in str(caught.value)
    assert load_bars(path, instrument="msft").frame["close"].to_list() == [b.close for b in minutes(price=300.0)]
    with pytest.raises(DataError, match=r"no row of instrument 'IBM'.*AAPL, MSFT"):
        load_bars(path, instrument="IBM")


def test_files_of_several_instruments_are_not_mixed(tmp_path: Path) -> None:
    for name, price in (("AAPL", 190.0), ("MSFT", 300.0)):
        folder = tmp_path / f"symbol={name}" / "year=2024"
        folder.mkdir(parents=True)
        (folder / "part-0.csv").write_text(ISO(minutes(price=price)))
    with pytest.raises(DataError, match=r"the files hold 2 instruments \(AAPL, MSFT\)"):
        load_bars(tmp_path, repairs=("sort", "keep-first"))
    assert load_bars(tmp_path, instrument="MSFT").frame["close"].to_list() == [b.close for b in minutes(price=300.0)]


def test_files_are_read_in_the_order_of_their_times(tmp_path: Path) -> None:
    bars = minutes()
    (tmp_path / "april.csv").write_text(ISO(bars[60:]))
    (tmp_path / "march.csv").write_text(ISO(bars[:60]))
    assert load_bars(tmp_path).frame["close"].to_list() == [bar.close for bar in bars]


@pytest.mark.parametrize("column", ["contract", "symbol", "ticker", "instrument_id", "raw_symbol"])
def test_a_roll_ends_the_segment(column: str) -> None:
    bars = minutes()
    names = pl.Series(column, ["ESH4"] * 60 + ["ESM4"] * 60)
    loaded = load_bars(frame_of(bars).with_columns(names))
    assert loaded.frame["segment"].to_list() == [0] * 60 + [1] * 60
    assert any("1 contract change;" in note for note in loaded.notes)


def test_a_bar_that_is_still_forming_is_set_aside() -> None:
    now = datetime.now(UTC)
    times: list[object] = [now - timedelta(minutes=2 * at, seconds=30) for at in range(50)][::-1]
    report = quality_report(frame_of(minutes(50), times))
    assert (report.rows_read, report.rows_kept, report.rows_set_aside) == (50, 49, 1)


def test_days_at_local_midnights_are_dates(tmp_path: Path) -> None:
    bars = days()
    offset = [f"{bar.time:%Y-%m-%d} 00:00:00{'-05:00' if f'{bar.time:%m%d}' < '0311' else '-04:00'}" for bar in bars]
    plain, local = load_bars(frame_of(bars)), load_bars(frame_of(bars, list(offset)))
    assert local.frame.equals(plain.frame)


def test_hours_of_short_sessions_run_on_over_nights() -> None:
    times: list[object] = []
    for day in (d for d in range(60) if (datetime(2024, 1, 1) + timedelta(days=d)).weekday() < 5):
        times += [datetime(2024, 1, 1, 14, 30, tzinfo=UTC) + timedelta(days=day, hours=at) for at in range(7)]
    loaded = load_bars(frame_of(minutes(len(times)), times))
    assert loaded.frame["segment"].n_unique() == 1
    assert any("session_gap=" in note for note in loaded.notes)
    assert load_bars(frame_of(minutes(len(times)), times), session_gap="5h").frame["segment"].n_unique() > 40


def test_a_window_that_began_before_the_bars_is_left_out() -> None:
    longer = resample(load_bars(frame_of(minutes()[3:])), "5min").frame
    assert longer["time"][0] == datetime(2024, 1, 2, 14, 35, tzinfo=UTC)


@pytest.mark.parametrize(("every", "count"), [("1d", 3), ("24h", 3), ("1w", 0)])
def test_days_and_weeks_of_a_market_that_never_closes(every: str, count: int) -> None:
    bars = hours(24 * 5)
    shifted: list[object] = [bar.time + timedelta(days=3, hours=2) for bar in bars]
    assert resample(load_bars(frame_of(bars, shifted)), every).frame.height >= count


def test_a_clock_that_is_set_back_names_the_zone() -> None:
    start = datetime(2023, 11, 5, 0, 30)
    local = [start + timedelta(minutes=at) for at in range(90)] + [
        start + timedelta(minutes=at) for at in range(30, 90)
    ]
    with pytest.raises(DataError, match='timezone="America/New_York" ambiguous="order"') as caught:
        load_bars(frame_of(minutes(150), list(local)))
    assert "repair=" not in str(caught.value)
    assert len(load_bars(frame_of(minutes(150), list(local)), timezone="America/New_York", ambiguous="order")) == 150


@pytest.mark.parametrize("kind", ["bz2", "xz", "zip"])
def test_packed_files(kind: str, tmp_path: Path) -> None:
    content, path = ISO(minutes()).encode(), tmp_path / f"bars.csv.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("bars.csv", content)
    else:
        path.write_bytes(bz2.compress(content) if kind == "bz2" else lzma.compress(content))
    assert len(load_bars(path)) == 120


def test_a_column_left_out_and_a_time_format_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(rows(f"when,{OHLCV}", lambda b: f"{utc(b, '%H:%M on %d/%m/%Y')},{ohlcv(b)}")(minutes()))
    options = {"columns": {"time": "when"}, "time_format": "%H:%M on %d/%m/%Y", "ignore": ("volume",)}
    frame = load_bars(path, **options).frame
    assert frame["time"].dt.cast_time_unit("us").to_list() == [bar.time for bar in minutes()]
    assert "volume" not in frame.columns


def test_negative_prices_need_a_declaration() -> None:
    shifted = frame_of(minutes()).with_columns(pl.col("open", "high", "low", "close") - 473.0)
    with pytest.raises(DataError, match='adjustment="difference"'):
        load_bars(shifted)
    notes = " ".join(load_bars(shifted, adjustment="difference").notes)
    assert "adjusted by ratio are what is needed" in notes


def test_prices_that_look_multiplied_name_the_scale() -> None:
    raw = frame_of(minutes()).with_columns((pl.col("open", "high", "low", "close") * 100).round() * 1e7)
    warnings = " ".join(map(str, quality_report(raw).warnings))
    assert "price_scale=1000000000" in warnings


def test_the_other_file_has_reading_options_of_its_own(tmp_path: Path) -> None:
    bars, vix, out = (tmp_path / name for name in ("bars.csv", "vix.csv", "merged.csv"))
    bars.write_text(ISO(minutes()))
    vix.write_text("when;px\n" + "".join(f"{day:02d}.12.2023;{day},5\n" for day in range(11, 30)))
    options = ReadOptions(columns={"time": "when", "close": "px"})
    merged = merge_files(bars, vix, out=out, other_options=options)
    assert merged.frame["vix_close"][0] == 29.5
    assert read_vix(vix, options=options).frame["vix_close"][-1] == 29.5


def test_a_fred_file_is_a_vix(tmp_path: Path) -> None:
    path = tmp_path / "fred.csv"
    path.write_text("observation_date,VIXCLS\n2023-12-28,12.47\n2023-12-29,12.45\n2024-01-01,\n2024-01-02,13.2\n")
    assert read_vix(path).frame["vix_close"].to_list() == [12.47, 12.45, 13.2]


@pytest.mark.parametrize("extra", [0, 60])
def test_columns_of_plain_numbers_are_not_looked_at_one_by_one(
    extra: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of 10,000 columns took 113 s, most of it in looks at single columns."""
    looks: list[str] = []
    read = NumberFormat.read
    monkeypatch.setattr(
        NumberFormat, "read", lambda self, cells, **options: (looks.append(cells.name), read(self, cells, **options))[1]
    )
    names = [f"c{at}" for at in range(extra)]
    path = tmp_path / "wide.csv"
    lines = (f"{utc(bar, '%Y-%m-%dT%H:%M:%SZ')},{ohlcv(bar)}" + ",1.5" * extra for bar in minutes())
    path.write_text("\n".join([",".join(["time", OHLCV, *names]), *lines]) + "\n")
    assert set(names) <= set(load_bars(path).frame.columns)
    assert not set(looks) & set(names)


@pytest.mark.parametrize("zone", ["UTC", None])
def test_a_typed_time_beyond_any_calendar_is_refused_by_its_number(zone: str | None, tmp_path: Path) -> None:
    bars, far = minutes(), -3_638_297_000_000_000
    times = pl.Series("time", [far + 60_000 * row for row in range(len(bars))]).cast(pl.Datetime("ms", zone))
    path = tmp_path / "bars.arrow"
    frame_of(bars).with_columns(times).write_ipc(path)
    with pytest.raises(DataError, match=f"unreadable time: {len(bars)} rows .*{far} ms since 1970"):
        load_bars(path)


def test_seconds_of_chinese_clocks_count(tmp_path: Path) -> None:
    rows_of_15_s = [datetime(2024, 1, 2, 9, 30, tzinfo=UTC) + timedelta(seconds=15 * row) for row in range(60)]
    lines = [f"{at:%Y-%m-%d} {at.hour}时{at.minute}分{at.second}秒,1,2,0.5,1.5" for at in rows_of_15_s]
    path = tmp_path / "bars.csv"
    path.write_text("\n".join(["time,open,high,low,close", *lines]))
    assert load_bars(path, timezone="UTC").frame["time"].to_list() == rows_of_15_s


@pytest.mark.parametrize("offset", ["+05:30", "+09:30", "-05:00", "+13:00"])
def test_parquet_days_at_midnight_of_any_offset_are_dates(offset: str, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    bars = days()
    hours_ahead, minutes_ahead = int(offset[:3]), int(offset[0] + offset[4:])
    ahead = timedelta(hours=hours_ahead, minutes=minutes_ahead)
    starts = pa.array([bar.time - ahead for bar in bars], pa.timestamp("us", "UTC")).cast(pa.timestamp("us", offset))
    table = pa.table({name: frame_of(bars)[name].to_list() for name in ("open", "high", "low", "close")})
    pq.write_table(table.append_column("time", starts), tmp_path / "bars.parquet")
    assert load_bars(tmp_path / "bars.parquet").frame["time"].to_list() == [bar.time for bar in bars]
