"""How many decimals an amount of money has on the screen and on the page."""

from __future__ import annotations

import math

CENTS = 2
MAX_DECIMALS = 10


def money_form(notional: float) -> str:
    """The format of amounts beside the value of one contract: hundredths of a percent of it, cents from 100 on.

    >>> format(1062.5, money_form(4000.0)), format(0.01534, money_form(1.08)), format(1.0, money_form(math.nan))
    ('1,062.50', '0.0153', '1.00')
    """
    small = math.isfinite(notional) and 0.0 < notional < 100.0
    return f",.{min(4 - math.floor(math.log10(notional)), MAX_DECIMALS) if small else CENTS}f"
