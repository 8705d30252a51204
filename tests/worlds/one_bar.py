"""How often the rule about the boldest forecasts suspects what is innocent, and what is not.

    python -m tests.worlds.one_bar 200

judges that many forecasts of each kind, 50,000 rows each, and prints the share that is suspected.
"""

from __future__ import annotations

import sys

import numpy as np
from tests.worlds.known_skill import forecast_with

from tailproof.core.records import Forecast
from tailproof.evaluation.boldest import boldest_forecasts, too_often_right

ROWS = 50_000
HONEST_ICS = (0.0, 0.02, 0.03, 0.05, 0.1)
LEAK_SHARES = (10, 50, 200)


def honest(ic: float, seed: int) -> Forecast:
    """A forecast of the next bar alone: a bar later nothing is left of it."""
    return forecast_with(ic, seed=seed, rows=ROWS)


def leaking(one_in: int, seed: int) -> Forecast:
    """A forecast that knows the next return on one row in so many, and is noise on all others."""
    forecast = forecast_with(0.0, seed=seed, rows=ROWS)
    random = np.random.default_rng(seed)
    knows_N = random.random(ROWS) < 1.0 / one_in
    known_N = 0.5 + 0.2 * np.sign(forecast.return_N)
    forecast.prediction_N[:] = np.where(knows_N, known_N, 0.5 + 0.02 * random.standard_normal(ROWS))
    return forecast


def suspected(forecast: Forecast) -> bool:
    """Whether the boldest forecasts alone arouse suspicion."""
    boldest = boldest_forecasts(
        forecast, zero_return_target_N=np.full(ROWS, 0.5), last_returns=[], group_N=forecast.session_N
    )
    return too_often_right(boldest)


def main(worlds: int) -> None:
    """Print the shares."""
    for ic in HONEST_ICS:
        share = np.mean([suspected(honest(ic, seed)) for seed in range(worlds)])
        print(f"honest, rank IC {ic:.2f} of the next bar alone: {share:.1%} of {worlds} suspected")
    for one_in in LEAK_SHARES:
        share = np.mean([suspected(leaking(one_in, seed)) for seed in range(worlds)])
        print(f"knows the next return on 1 row in {one_in}: {share:.1%} of {worlds} suspected")


if __name__ == "__main__":
    main(int(sys.argv[1]))
