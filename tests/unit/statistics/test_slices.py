import numpy as np
import pytest

from tailproof.evaluation.rank_ic import rank_ic_of_products
from tailproof.statistics.groups import Groups
from tailproof.statistics.slices import by_hour, by_month, by_volatility

HOUR = 3_600_000_000_000
RNG = np.random.default_rng(0)
ROWS = 24 * 90
KNOWN = np.arange(ROWS) * HOUR
GROUPS = Groups.of(KNOWN // (24 * HOUR))
PRODUCT = RNG.normal(size=ROWS)


@pytest.mark.parametrize("table", [by_month(PRODUCT, KNOWN, GROUPS), by_hour(PRODUCT, KNOWN, GROUPS)])
def test_parts_add_up_to_the_whole(table) -> None:
    assert sum(row.rows for row in table) == ROWS
    assert sum(row.rows * row.rank_ic for row in table) / ROWS == pytest.approx(PRODUCT.mean())


def test_hours_and_months_are_those_of_the_clock() -> None:
    assert [row.name for row in by_month(PRODUCT, KNOWN, GROUPS)] == ["1970-01", "1970-02", "1970-03"]
    ninth = by_hour(PRODUCT, KNOWN, GROUPS)[9]
    assert (ninth.name, ninth.rank_ic) == ("09:00", pytest.approx(PRODUCT[9::24].mean()))
    assert ninth.standard_error == pytest.approx(PRODUCT[9::24].std(ddof=1) / np.sqrt(90))


def test_a_slice_of_all_rows_has_the_error_of_the_pooled_value() -> None:
    (whole,) = by_month(PRODUCT[: 24 * 31], KNOWN[: 24 * 31], Groups.of(np.arange(24 * 31) // 24))
    pooled = rank_ic_of_products(PRODUCT[: 24 * 31], Groups.of(np.arange(24 * 31) // 24))
    assert (whole.rank_ic, whole.standard_error) == (
        pytest.approx(pooled.pooled),
        pytest.approx(pooled.standard_error),
    )


def test_thirds_are_of_sessions_by_the_size_of_their_moves() -> None:
    scale_N = np.repeat(RNG.permutation(90), 24)
    table = by_volatility(scale_N.astype(float), 1.0 + scale_N, GROUPS)
    assert [row.name for row in table] == ["quiet", "middle", "wild"]
    assert [row.rows for row in table] == [720, 720, 720]
    assert [row.rank_ic for row in table] == [14.5, 44.5, 74.5]
