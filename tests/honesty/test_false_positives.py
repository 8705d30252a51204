"""Where there is nothing to know, the whole protocol must not claim skill more often than it says.

"Nothing to know" is another thing in each kind of world:

- coins: a coin decides whether a bar's moves go up or down, so that nothing known at a close says whether the next one
  will be higher. Fat tails and clusters of volatility stay; in every other world moves also grow fourfold from the
  first bar to the last. Placebos are then no different from the real thing: p-values are uniform.
- bounce: one close in ten is off by a tick. The last return does forecast the next one, placebos say so, and p-values
  are small. But nobody can trade it, it is gone a bar later, and the last return reversed has it as well: that is why
  the rule asks for more than the last return.
- skewed: the mean of the next return is zero whatever is known, but shocks are skewed and volatility clusters, so that
  its median moves. Rank ICs are then real, placebos and the last return lack them, and nothing can be earned: that is
  why the rule asks for the mean return.
"""

import numpy as np
import polars as pl
import pytest
from scipy.stats import binom, kstest
from tests.worlds.coins import ROWS, coins, drifting, settings_of, spread_evenly
from tests.worlds.known_skill import protocol_verdict
from tests.worlds.skewed import WORLDS, verdict_of_skewed

from tailproof.bars.simulate import simulate
from tailproof.core.verdict import Verdict

COINS, BOUNCES, SKEWED = 600, 100, 200


def bounce(seed: int) -> pl.DataFrame:
    return drifting(simulate(rows=ROWS, ic=0.0, seed=seed, bounce=0.1), seed)


def judged(frame: pl.DataFrame, seed: int) -> Verdict:
    return protocol_verdict(frame, settings_of(seed))


def counted(verdicts: list[Verdict], word: str) -> int:
    return sum(verdict.verdict == word for verdict in verdicts)


def counted_low(verdicts: list[Verdict]) -> int:
    """Worlds whose placebos speak for skill at the level of 5 %."""
    return sum(verdict.rank_ic.p_placebo <= 0.05 for verdict in verdicts)


def shown(name: str, verdicts: list[Verdict]) -> None:
    """Print what docs/honesty.md says of these worlds."""
    ics = np.array([verdict.rank_ic.value for verdict in verdicts])
    placebos = np.array([verdict.rank_ic.placebos for verdict in verdicts])
    low = np.mean([verdict.rank_ic.p_placebo <= 0.05 for verdict in verdicts])
    print(
        f"\n{name}: {len(verdicts)} worlds, skill {counted(verdicts, 'skill')}, suspicious "
        f"{counted(verdicts, 'suspicious')}, p <= 0.05 {low:.1%}, IC {ics.mean():+.4f} (spread {ics.std():.4f}), "
        f"placebos {placebos.mean():+.4f} ({placebos.std():.4f})"
    )


@pytest.mark.slow
@pytest.mark.timeout(14_400)
def test_six_hundred_worlds_of_coins() -> None:
    verdicts = [judged(coins(seed), seed) for seed in range(COINS)]
    shown("coins", verdicts)
    p_values = np.array([verdict.rank_ic.p_placebo for verdict in verdicts])
    uniform = kstest(spread_evenly(p_values, placebos=19), "uniform").pvalue
    print(f"uniformity of the p-values: Kolmogorov-Smirnov p = {uniform:.4f}")
    assert counted(verdicts, "skill") <= binom.ppf(0.99, COINS, 0.05)
    assert counted_low(verdicts) <= binom.ppf(0.99, COINS, 0.05)
    assert uniform > 0.01


@pytest.mark.slow
@pytest.mark.timeout(14_400)
def test_a_hundred_worlds_of_bounce() -> None:
    verdicts = [judged(bounce(seed), seed) for seed in range(BOUNCES)]
    shown("bounce", verdicts)
    late = [verdict.statistics.one_bar_late for verdict in verdicts]
    last = np.mean([verdict.baselines["last return"].rank_ic for verdict in verdicts])
    print(f"last return {last:+.4f}, a bar late {np.mean([each.value for each in late]):+.4f}")
    assert counted(verdicts, "skill") <= binom.ppf(0.99, BOUNCES, 0.05)
    assert np.mean([verdict.rank_ic.p_placebo <= 0.05 for verdict in verdicts]) > 0.25, "placebos alone are fooled"
    assert np.mean([each.low <= 0.0 <= each.high for each in late]) > 0.85, "a bar late nothing is left"


def test_a_world_of_coins() -> None:
    verdict = judged(coins(0), 0)
    assert verdict.verdict == "no evidence"
    assert verdict.rank_ic.low < 0.0 < verdict.rank_ic.high
    assert len(verdict.rank_ic.placebos) == 19


@pytest.mark.slow
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("kind", WORLDS)
def test_two_hundred_skewed_worlds(kind: str) -> None:
    verdicts = [verdict_of_skewed(kind, seed) for seed in range(SKEWED)]
    shown(f"skewed {kind}", verdicts)
    assert counted(verdicts, "skill") <= 0.05 * SKEWED
    assert sum(verdict.rank_ic.low > 0.0 for verdict in verdicts) > SKEWED / 3, "the order of returns is there"


def test_skewed_worlds() -> None:
    verdicts = [verdict_of_skewed(kind, seed) for kind, seed in (("days", 0), ("days", 1), ("minutes", 0))]
    assert [verdict.verdict for verdict in verdicts] == ["no evidence"] * 3
    assert all("orders the returns, but earns nothing" in verdict.sentence for verdict in verdicts[:2])
