"""The files of vendors by name, each read to the truth that it was written from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tailproof.bars import load_bars
from tests.dialects.all_vendors import VENDORS
from tests.dialects.page import PAGE, TABLE, table
from tests.dialects.vendors import Vendor


@pytest.mark.parametrize("vendor", VENDORS, ids=[vendor.name for vendor in VENDORS])
def test_a_vendors_file_is_read_to_its_truth(vendor: Vendor, tmp_path: Path) -> None:
    path = tmp_path / vendor.file
    path.write_bytes(vendor.write(vendor.bars).encode(vendor.encoding))
    frame = load_bars(path, **vendor.options).frame
    assert frame["time"].dt.cast_time_unit("us").to_list() == [bar.time + vendor.shift for bar in vendor.bars]
    for name in ("open", "high", "low", "close", *(("volume",) if vendor.volume else ())):
        expected = np.array([getattr(bar, name) for bar in vendor.bars], dtype=float)
        np.testing.assert_allclose(frame[name].to_numpy(), expected, rtol=1e-9, err_msg=name)
    assert vendor.volume or "volume" not in frame.columns


def test_there_are_eighty_of_them() -> None:
    assert len({vendor.name for vendor in VENDORS}) >= 80


def test_each_row_of_the_table_says_what_sets_its_file_apart() -> None:
    for cells in ({vendor.name for vendor in VENDORS}, {vendor.shape for vendor in VENDORS}):
        assert len(cells) == len(VENDORS)


def test_most_need_no_option_but_the_zone() -> None:
    plain = [vendor for vendor in VENDORS if not set(vendor.options) - {"timezone"}]
    assert len(plain) >= 80


def test_the_table_of_the_page_is_made_of_them() -> None:
    _, _, shown = PAGE.read_text(encoding="utf-8").partition(TABLE)
    assert shown == table(), "run: python -m tests.dialects.page"
