"""What quantstats 0.0.86 says of daily results, so that the tests need neither it nor what it brings along.

    pip install quantstats==0.0.86
    python -m tests.reference.quantstats_numbers

prints ``NUMBERS`` anew.
"""

from __future__ import annotations

import numpy as np

NOTIONAL = 2_500.0
DAYS_A_YEAR = 252


def days() -> np.ndarray:
    """300 days of business from 2020-01-01 on (datetime64[D])."""
    return np.busday_offset(np.datetime64("2020-01-01"), np.arange(300))


def returns() -> np.ndarray:
    """Daily results as shares of one contract's value."""
    return 0.0006 + 0.011 * np.random.default_rng(7).standard_t(5, size=300)


NUMBERS = {
    "sharpe": -1.7800008978782529,
    "probability": 0.025383339118759903,
    "rolling lowest": -3.886168309323123,
    "rolling highest": 0.2950638100662886,
    "rolling latest": -0.5293053306332081,
    "2020-03": 0.010045255641642865,
    "2021-02": 0.005502652148037248,
    "2020": -0.3959289095658899,
    "deepest of log prices": -0.44936753793234135,
}
"""The figures by their names; the months are not compounded, as money is not."""


def main() -> None:
    """Ask quantstats."""
    import pandas as pd
    import quantstats

    daily = pd.Series(returns(), index=pd.DatetimeIndex(days()))
    rolling = quantstats.stats.rolling_sharpe(daily, rolling_period=126, periods_per_year=DAYS_A_YEAR)
    months = quantstats.stats.monthly_returns(daily, compounded=False)
    print(
        {
            "sharpe": float(quantstats.stats.sharpe(daily, periods=DAYS_A_YEAR)),
            "probability": float(quantstats.stats.probabilistic_sharpe_ratio(daily)),
            "rolling lowest": float(rolling.min()),
            "rolling highest": float(rolling.max()),
            "rolling latest": float(rolling.iloc[-1]),
            "2020-03": float(months.loc["2020", "MAR"]),
            "2021-02": float(months.loc["2021", "FEB"]),
            "2020": float(months.loc["2020", "EOY"]),
            "deepest of log prices": float(np.log1p(quantstats.stats.max_drawdown(np.expm1(daily)))),
        }
    )


if __name__ == "__main__":
    main()
