"""The handed cases, each a kind of file that was got wrong: read right, or refused with the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailproof.bars import load_bars, merge_files
from tailproof.core.errors import DataError

CASES = Path(__file__).parents[3] / "shared" / "cases" / "bars"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"the cases are not at {CASES}")

READ = {
    "stamp17_yyyymmddHHMMSSfff.csv": 120,
    "ns_offset_minutes.csv": 3000,
    "url_first_line.csv": 120,
    "volume_minus1.csv": 120,
    "volume_1.81M.csv": 60,
    "ib_two_spaces.csv": 120,
    "postgres_offset_00.csv": 120,
    "month_name_dates.csv": 60,
    "alpaca_t.csv": 120,
    "unnamed_index.csv": 120,
    "tv_plot_twice.csv": 120,
    "yf_multi_header.csv": 60,
    "indicator_warmup_200.csv": 400,
    "tiny_prices.csv": 120,
    "roll_in_symbol.csv": 120,
}
REFUSED = {
    "epoch_ms_then_us.csv": "time in us and not in ms",
    "panel_2symbols.csv": "holds 2 instruments",
    "naive_dst_repeat.csv": 'ambiguous="order"',
}


@pytest.mark.parametrize("name", READ)
def test_a_case_is_read(name: str) -> None:
    bars = load_bars(CASES / name)
    assert len(bars) == READ[name]
    assert bars.frame["time"][0].strftime("%Y-%m-%d") == "2024-01-02"


@pytest.mark.parametrize("name", REFUSED)
def test_a_case_is_refused_with_the_way_out(name: str) -> None:
    with pytest.raises(DataError, match=REFUSED[name]) as caught:
        load_bars(CASES / name)
    assert "repair=" not in str(caught.value)


def test_days_as_dates_and_as_local_midnights_see_the_same_vix(tmp_path: Path) -> None:
    merged = [
        merge_files(CASES / name, CASES / "daily_vix.csv", out=tmp_path / name).frame["vix_close"].to_list()
        for name in ("daily_dates.csv", "daily_midnight_offset.csv")
    ]
    assert merged[0] == merged[1]


def test_what_fred_writes_is_a_vix(tmp_path: Path) -> None:
    merge_files(CASES / "daily_dates.csv", CASES / "fred_vixcls_2024.csv", out=tmp_path / "merged.csv")
