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

import pytest
from scipy.stats import binom
from tests.worlds.coins import coins, settings_of
from tests.worlds.known_skill import protocol_verdict
from tests.worlds.many import JudgedWorld, judged, share_of, summary, uniformity
from tests.worlds.skewed import verdict_of_skewed

COINS, BOUNCES, SKEWED, OUTSIDE = 600, 100, 200, 200


def worlds_of(kind: str, count: int) -> list[JudgedWorld]:
    """Judge so many worlds, and print what docs/honesty.md says of them."""
    worlds = [judged(kind, seed) for seed in range(count)]
    print("\n" + summary(worlds))
    return worlds


def at_most_five_percent(worlds: list[JudgedWorld], count: int) -> bool:
    """Whether 5 % or less may have shown as many, by chance alone."""
    return bool(count <= binom.ppf(0.99, len(worlds), 0.05))


def skilled(worlds: list[JudgedWorld]) -> int:
    return sum(world.word == "skill" for world in worlds)


@pytest.mark.slow
@pytest.mark.timeout(14_400)
def test_six_hundred_worlds_of_coins() -> None:
    worlds = worlds_of("coins", COINS)
    assert at_most_five_percent(worlds, skilled(worlds))
    assert at_most_five_percent(worlds, sum(world.p_placebo <= 0.05 for world in worlds))
    assert uniformity(worlds) > 0.01
    assert not any(world.boldest_suspected for world in worlds)


@pytest.mark.slow
@pytest.mark.timeout(14_400)
def test_a_hundred_worlds_of_bounce() -> None:
    worlds = worlds_of("bounce", BOUNCES)
    assert at_most_five_percent(worlds, skilled(worlds))
    assert share_of(worlds, lambda world: world.p_placebo <= 0.05) > 0.25, "placebos alone are fooled"
    assert share_of(worlds, lambda world: world.late_holds_zero) > 0.85, "a bar late nothing is left"


def test_a_world_of_coins() -> None:
    verdict = protocol_verdict(coins(0), settings_of(0))
    assert verdict.verdict == "no evidence"
    assert verdict.rank_ic.low < 0.0 < verdict.rank_ic.high
    assert len(verdict.rank_ic.placebos) == 19


@pytest.mark.slow
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("kind", ["minutes", "days"])
def test_two_hundred_skewed_worlds(kind: str) -> None:
    worlds = worlds_of(kind, SKEWED)
    assert skilled(worlds) <= 0.05 * SKEWED
    assert share_of(worlds, lambda world: world.low > 0.0) > 1 / 3, "the order of returns is there"


@pytest.mark.slow
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("model", ["ridge", "forest"])
def test_two_hundred_small_worlds_of_coins_for_each_of_two_outside_models(model: str) -> None:
    worlds = worlds_of(model, OUTSIDE)
    assert at_most_five_percent(worlds, skilled(worlds))
    assert at_most_five_percent(worlds, sum(world.p_placebo <= 0.05 for world in worlds))
    assert not any(world.boldest_suspected for world in worlds)


def test_a_small_world_of_coins_for_an_outside_model() -> None:
    world = judged("ridge", 1)
    assert world.word == "no evidence"
    assert world.low < 0.0


def test_skewed_worlds() -> None:
    verdicts = [verdict_of_skewed(kind, seed) for kind, seed in (("days", 0), ("days", 1), ("minutes", 0))]
    assert [verdict.verdict for verdict in verdicts] == ["no evidence"] * 3
    assert all("orders the returns, but earns nothing" in verdict.sentence for verdict in verdicts[:2])
