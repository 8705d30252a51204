"""How an adjusted price series affects returns; the effect is reported and nothing is changed."""

from __future__ import annotations

from tailproof.settings.read_options import Adjustment

EFFECTS: dict[Adjustment, str] = {
    "undeclared": (
        "Adjustment is not declared: prices are taken as they stand, so returns over nights hold dividends, splits and "
        "rolls that were not adjusted."
    ),
    "none": (
        "Prices are declared as traded: returns inside a segment are those of a holder; dividends, splits and rolls "
        "show as jumps between sessions."
    ),
    "ratio": (
        "Prices are declared ratio-adjusted: returns in percent are those of a holder throughout, but levels, ticks "
        "and price ranges of the past are scaled, and change with every new roll."
    ),
    "difference": (
        "Prices are declared difference-adjusted: returns in points are those of a holder, but returns in percent "
        "divide by a shifted price and are wrong by the ratio of adjusted to traded price; far back the price may near "
        "0 and such returns explode."
    ),
}


def describe_adjustment(adjustment: Adjustment, *, below_zero: int = 0) -> list[str]:
    """The sentences for the log, one more where bars have prices of 0 or below.

    >>> describe_adjustment("ratio")[0][:37]
    'Prices are declared ratio-adjusted: r'
    """
    if not below_zero:
        return [EFFECTS[adjustment]]
    return [
        EFFECTS[adjustment],
        f"Warning: {below_zero:,} bars have a price of 0 or below: returns in percent mean nothing there and nearby; "
        "bars adjusted by ratio are what is needed.",
    ]
