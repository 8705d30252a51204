"""The effect sizes that this many rows could have revealed."""

from __future__ import annotations

import math

from tailproof.statistics.distributions import normal_quantile


def minimum_detectable_ic(standard_error: float, *, level: float = 0.05, power: float = 0.8) -> float:
    """(z_{1 - level / 2} + z_power) standard errors: the true IC that a two-sided test finds that often (Cohen 1988).

    With independent rows the standard error is 1 / sqrt(rows - 1); give the bootstrap's, which allows for dependence.

    >>> round(minimum_detectable_ic(1.0 / 1000.0), 6)
    0.002802
    """
    return (normal_quantile(1.0 - level / 2.0) + normal_quantile(power)) * standard_error


def rows_needed(ic: float, standard_error: float, *, rows: int) -> int:
    """Rows on which a true IC of this size would be found in four cases of five; a standard error falls as 1/sqrt(n).

    >>> rows_needed(0.01, 0.01, rows=10_000)
    78489
    """
    return math.ceil(rows * (minimum_detectable_ic(standard_error) / ic) ** 2) if ic != 0.0 else 0
