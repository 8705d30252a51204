import pytest

from tailproof.report.money import money_form


@pytest.mark.parametrize(
    ("notional", "shown"),
    [(200_000.0, "0.02"), (100.0, "0.02"), (42.0, "0.015"), (1.08, "0.0153"), (0.002, "0.0153400")],
)
def test_amounts_show_a_hundredth_of_a_percent_of_a_contract(notional: float, shown: str) -> None:
    assert format(0.01534, money_form(notional)) == shown


@pytest.mark.parametrize("notional", [float("nan"), float("inf"), 0.0, -1.0])
def test_without_a_value_of_a_contract_amounts_have_cents(notional: float) -> None:
    assert format(0.01534, money_form(notional)) == "0.02"
