"""The network less LightGBM and ridge over many worlds of one kind: mean rank ICs, and how sure their difference is.

    python -m benchmarks.quality.many_worlds KIND [--rows N] [--ic IC] [--worlds N] [--no-interactions]

Worlds differ in their seed (from 1000 on, which no choice of defaults has seen); each is walked forward as
``benchmarks.quality.compare`` does. Intervals are normal, of the mean over worlds.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.quality.compare import SETTINGS
from benchmarks.quality.contestants import NETWORK, contestants
from benchmarks.quality.scores import score_all
from benchmarks.quality.worlds import DRIVERS, make_world

FIRST_SEED = 1000
PEERS = ("ridge", "LightGBM")


def main() -> None:
    """Print a line per world, and the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=sorted(DRIVERS))
    parser.add_argument("--rows", type=int, default=40_000)
    parser.add_argument("--ic", type=float, default=0.05)
    parser.add_argument("--worlds", type=int, default=40)
    parser.add_argument("--no-interactions", action="store_true", help="the networks alone")
    options = parser.parse_args()
    settings = SETTINGS.replace(interactions=not options.no_interactions)
    fields, ics = contestants(PEERS), []
    for number in range(options.worlds):
        world = make_world(options.kind, rows=options.rows, ic=options.ic, seed=FIRST_SEED + number)
        scores = score_all(world.design, fields, settings=settings)
        ics.append([scores[name].rank_ic for name in (NETWORK, *PEERS)])
        print(number, *(f"{name} {ic:+.5f}" for name, ic in zip((NETWORK, *PEERS), ics[-1], strict=True)), flush=True)
    ic_WC = np.array(ics)
    print(f"{options.kind}, {options.rows:,} rows, IC {options.ic:g}, {len(ic_WC)} worlds")
    print(f"  {NETWORK:10} {ic_WC[:, 0].mean():.4f}")
    for name, ic_W in zip(PEERS, ic_WC[:, 1:].T, strict=True):
        print(f"  {name:10} {ic_W.mean():.4f}   the network less it {difference(ic_WC[:, 0] - ic_W)}")


def difference(less_W: np.ndarray) -> str:
    """The mean of differences with its 95 % interval.

    >>> difference(np.array([0.01, 0.03]))
    '+0.0200 (+0.0004 to +0.0396)'
    """
    half = 1.96 * float(np.std(less_W, ddof=1)) / len(less_W) ** 0.5 if len(less_W) > 1 else np.inf
    return f"{less_W.mean():+.4f} ({less_W.mean() - half:+.4f} to {less_W.mean() + half:+.4f})"


if __name__ == "__main__":
    main()
