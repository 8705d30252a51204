"""Many worlds whose truth is known, judged by the whole protocol, in pieces that can run one after the other.

    python -m tests.worlds.many coins 0 100 --into worlds.jsonl
    python -m tests.worlds.many --show worlds.jsonl

judges the worlds with the seeds 0 to 99 and appends a line for each; then prints what all lines of the file say. Worlds
that the file holds already are not judged again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy.stats import kstest
from tests.worlds import outside_models
from tests.worlds.coins import bounce, coins, settings_of, spread_evenly
from tests.worlds.known_skill import protocol_verdict
from tests.worlds.skewed import WORLDS as SKEWED_WORLDS
from tests.worlds.skewed import verdict_of_skewed

from tailproof.bars.simulate import simulate
from tailproof.core.verdict import Verdict
from tailproof.evaluation.boldest import too_often_right
from tailproof.settings.train_settings import TrainSettings

PLANTED_IC, PLANTED_ROWS = 0.03, 200_000
PLANTED_SETTINGS = TrainSettings(epochs=2, members=2, threads=1)


def planted(seed: int) -> Verdict:
    """A signal of rank IC 0.03."""
    return protocol_verdict(simulate(rows=PLANTED_ROWS, ic=PLANTED_IC, seed=seed), PLANTED_SETTINGS)


KINDS: dict[str, Callable[[int], Verdict]] = {
    "coins": lambda seed: protocol_verdict(coins(seed), settings_of(seed)),
    "bounce": lambda seed: protocol_verdict(bounce(seed), settings_of(seed)),
    **{kind: partial(verdict_of_skewed, kind) for kind in SKEWED_WORLDS},
    "planted": planted,
    "ridge": partial(outside_models.verdict_on, "ridge"),
    "forest": partial(outside_models.verdict_on, "forest"),
}
"""The verdict on a world of each kind, by its seed."""


@dataclass(frozen=True, kw_only=True)
class JudgedWorld:
    """What is kept of the verdict of one world."""

    kind: str
    seed: int
    word: str
    rank_ic: float
    low: float
    """Lower end of the 95 % interval of the rank IC."""
    mean_low: float
    """The same of the mean return's correlation with the forecast."""
    p_placebo: float
    placebos: float
    """Mean rank IC of the placebos."""
    last_return: float
    ridge: float
    one_bar_late: float
    late_holds_zero: bool
    boldest: float
    """Hit rate of the boldest hundredth of the forecasts."""
    boldest_suspected: bool
    """Whether the rule on the boldest forecasts alone would call this world suspicious."""


def judged(kind: str, seed: int) -> JudgedWorld:
    """One world, by the whole protocol."""
    verdict = KINDS[kind](seed)
    ic, statistics = verdict.rank_ic, verdict.statistics
    late = statistics.one_bar_late
    assert ic.p_placebo is not None
    return JudgedWorld(
        kind=kind,
        seed=seed,
        word=verdict.verdict,
        rank_ic=ic.value,
        low=ic.low,
        mean_low=statistics.mean_return_ic.low,
        p_placebo=ic.p_placebo,
        placebos=float(np.mean(ic.placebos)),
        last_return=verdict.baselines["last return"].rank_ic,
        ridge=verdict.baselines["ridge"].rank_ic,
        one_bar_late=late.value,
        late_holds_zero=late.low <= 0.0 <= late.high,
        boldest=statistics.boldest.hit_rate,
        boldest_suspected=too_often_right(statistics.boldest),
    )


def share_of(worlds: Sequence[JudgedWorld], true: Callable[[JudgedWorld], bool]) -> float:
    """Share of the worlds of which something is true."""
    return sum(map(true, worlds)) / len(worlds)


def uniformity(worlds: Sequence[JudgedWorld], *, placebos: int = 19) -> float:
    """Kolmogorov-Smirnov p of "the placebos' p-values are uniform"."""
    p_W = np.array([world.p_placebo for world in worlds])
    return float(kstest(spread_evenly(p_W, placebos=placebos), "uniform").pvalue)


def summary(worlds: Sequence[JudgedWorld]) -> str:
    """What docs/honesty.md says of the worlds of one kind."""

    def mean(name: str) -> str:
        values_W = np.array([getattr(world, name) for world in worlds])
        return f"{values_W.mean():+.4f} (standard error {values_W.std() / np.sqrt(len(worlds)):.4f})"

    words = [world.word for world in worlds]
    lines = [
        f"{len(worlds)} worlds of {worlds[0].kind}: skill {words.count('skill')}, suspicious "
        f"{words.count('suspicious')}, suspected for their boldest forecasts "
        f"{sum(world.boldest_suspected for world in worlds)}",
        f"rank IC {mean('rank_ic')}, placebos {mean('placebos')}",
        f"last return {mean('last_return')}, ridge {mean('ridge')}, one bar late {mean('one_bar_late')}",
        f"interval of the rank IC above zero in {share_of(worlds, lambda world: world.low > 0.0):.1%}, that of the "
        f"mean return's correlation in {share_of(worlds, lambda world: world.mean_low > 0.0):.1%}",
        f"p <= 0.05 in {share_of(worlds, lambda world: world.p_placebo <= 0.05):.1%}, Kolmogorov-Smirnov p of the "
        f"p-values {uniformity(worlds):.2f}",
        f"largest hit rate of the boldest hundredth {max(world.boldest for world in worlds):.1%}",
    ]
    return "\n  ".join(lines)


def read(file: Path) -> dict[str, list[JudgedWorld]]:
    """The worlds of a file by kind, each seed once."""
    kinds: dict[str, dict[int, JudgedWorld]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        world = JudgedWorld(**json.loads(line))
        kinds.setdefault(world.kind, {})[world.seed] = world
    return {kind: list(worlds.values()) for kind, worlds in kinds.items()}


def judge_into(file: Path, kind: str, seeds: Iterable[int]) -> None:
    """Append a line for each world that the file does not hold yet, so that a stopped command goes on."""
    done = {world.seed for world in read(file).get(kind, ())} if file.exists() else set()
    for seed in (seed for seed in seeds if seed not in done):
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(asdict(judged(kind, seed))) + "\n")


def main() -> None:
    """Judge some worlds, or show those that were judged."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", nargs="?", choices=KINDS)
    parser.add_argument("first", nargs="?", type=int)
    parser.add_argument("stop", nargs="?", type=int)
    parser.add_argument("--into", type=Path, default=Path("worlds.jsonl"), help="file that gets a line for each world")
    parser.add_argument("--show", type=Path, help="file whose worlds are summed up")
    options = parser.parse_args()
    if options.kind is not None:
        judge_into(options.into, options.kind, range(options.first, options.stop))
    for worlds in read(options.show or options.into).values():
        print(summary(worlds))


if __name__ == "__main__":
    main()
