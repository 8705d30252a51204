"""Every row stands before replaced bars once, as far as the values allowed reach; what moves is a finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tailproof.audit.comb import FARTHER, MAX_LOOK_BACK, Comb, CombClass, comb_classes, comb_suspects, out_of_reach
from tailproof.audit.difference import numbers, spread_of
from tailproof.audit.finding import Finding
from tailproof.audit.noise import noise_around
from tailproof.audit.probe import stretch
from tailproof.audit.regions import Change, RegionCuts
from tailproof.audit.suspicion import next_return, suspicions
from tailproof.core.records import Bars
from tailproof.features import Feature, compute, is_own

MAX_ATTEMPTS = 3
"""Choices among the suspects of one comb; each choice cuts one row in every segment."""
MAX_ROUNDS = 4
"""Rows of each segment that one suspicion may choose for a feature that no comb can test."""
Describe = Callable[[Feature, Change], Finding]


@dataclass(frozen=True, kw_only=True)
class EveryRow:
    """The findings of the combs and the chosen cuts, and the share of the rows that they tried."""

    findings: tuple[Finding, ...]
    share_tested: dict[str, float]
    """Share of the rows that stood right before a tooth, by feature; 1 where no tooth can move a feature, absent where
    it has no finite look-back."""
    chosen_cuts: int
    """Cuts after rows that the data chose."""


def every_row(
    bars: Bars,
    features: Sequence[Feature],
    *,
    look_back: Mapping[str, int],
    horizon: int,
    values: int,
    describe: Describe,
    random: np.random.Generator,
) -> EveryRow:
    """Try every row of every feature, a user's own features first.

    Args:
        bars: all bars.
        features: those that no cut has caught yet.
        look_back: bars that each reads before its own, declared or measured.
        horizon: bars that the label spans, all of which a tooth replaces.
        values: feature values that may be computed.
        describe: makes a finding of a change.
        random: draws the noise.
    """
    if not features:
        return EveryRow(findings=(), share_tested={}, chosen_cuts=0)
    search = _Search(bars, noise_around(bars, random), describe, random, values)
    own = [feature for feature in features if is_own(feature)]
    others = [feature for feature in features if not is_own(feature)]
    search.cut_where_the_data_says(own, look_back)
    for group in (own, others):
        search.comb(group, look_back, nearest=min(max(horizon, 1), 16))
    for group in (own, others):
        search.comb_farther(group, look_back)
    return EveryRow(findings=tuple(search.findings.values()), share_tested=search.share, chosen_cuts=search.chosen_cuts)


@dataclass
class _Search:
    bars: Bars
    noise: Bars
    describe: Describe
    random: np.random.Generator
    left: int
    """The number of values that may still be computed."""
    findings: dict[str, Finding] = field(default_factory=dict)
    share: dict[str, float] = field(default_factory=dict)
    chosen_cuts: int = 0

    def cut_where_the_data_says(self, features: Sequence[Feature], look_back: Mapping[str, int]) -> None:
        """One cut in every region for every suspicion, and more of them where no comb can follow."""
        next_N = next_return(self.bars)
        for feature in features:
            self._follow_suspicions(feature, next_N, rounds=1 if _has_comb(feature, look_back) else MAX_ROUNDS)

    def _follow_suspicions(self, feature: Feature, next_N: np.ndarray, *, rounds: int) -> None:
        """Cut after the rows that score highest, then after the next ones, later bars replaced and removed in turn."""
        cuts = RegionCuts.of(self.bars, self.noise, feature, self.random)
        scores = list(suspicions(self.bars, cuts.value_N, next_N, self.random))
        for done in range(rounds):
            for index, score_N in enumerate(scores):
                if feature.name in self.findings or self.left < len(self.bars):
                    return
                row_R = cuts.regions.rows_with_largest(score_N)
                score_N[row_R] = np.nan
                self.chosen_cuts += len(row_R)
                for removed in (False, True) if (index + done) % 2 == 0 else (False,):
                    self._cut(cuts, row_R, removed=removed)

    def comb(self, features: Sequence[Feature], look_back: Mapping[str, int], *, nearest: int) -> None:
        """The comb whose teeth begin right after the compared row."""
        self._run(features, look_back, [Comb(look_back=0, replaced=nearest)], counts=True)

    def comb_farther(self, features: Sequence[Feature], look_back: Mapping[str, int]) -> None:
        """Combs with longer teeth, which begin further on."""
        combs = [Comb(look_back=0, compared=compared, replaced=replaced) for compared, replaced in FARTHER]
        self._run(features, look_back, combs, counts=False)

    def _run(
        self, features: Sequence[Feature], look_back: Mapping[str, int], combs: Sequence[Comb], *, counts: bool
    ) -> None:
        combed = [one for one in features if one.name not in self.findings and _has_comb(one, look_back)]
        apart = {feature.name: 1.0 for feature in combed if out_of_reach(feature)}
        combed = [feature for feature in combed if feature.name not in apart]
        if counts:
            self.share |= apart
        if not combed:
            return
        classes = comb_classes(combed, look_back, len(self.bars))
        cost = sum(each.cost(_for(each, comb)) for each in classes for comb in combs)
        rows = min(len(self.bars), self.left // cost)
        if rows < 4 * (max(each.look_back for each in classes) + 2):
            return
        start = int(self.random.integers(0, len(self.bars) - rows + 1))
        for each in classes:
            self._run_class(each, combs, start, start + rows)
        self.left -= rows * cost
        if counts:
            self.share |= {feature.name: rows / len(self.bars) for feature in combed}

    def _run_class(self, each: CombClass, combs: Sequence[Comb], start: int, stop: int) -> None:
        bars, noise = stretch(self.bars, start, stop), stretch(self.noise, start, stop)
        values = compute(bars, each.features)
        value_N = {feature.name: numbers(values[feature.name]) for feature in each.features}
        spreads = {name: spread_of(column) for name, column in value_N.items()}
        for comb in combs:
            if comb.compared >= len(bars):
                continue
            suspects = comb_suspects(bars, noise, each.features, _for(each, comb), value_N, spreads)
            for feature in each.features:
                self._verify(feature, suspects[feature.name] + start)

    def _verify(self, feature: Feature, row_R: np.ndarray) -> None:
        """Cut after suspects, one in each region at a time, and nothing else changed."""
        if not len(row_R) or feature.name in self.findings:
            return
        cuts = RegionCuts.of(self.bars, self.noise, feature, self.random)
        for _ in range(MAX_ATTEMPTS):
            score_N = np.full(len(self.bars), np.nan)
            score_N[row_R] = self.random.random(len(row_R))
            self._cut(cuts, cuts.regions.rows_with_largest(score_N), removed=False)

    def _cut(self, cuts: RegionCuts, row_R: np.ndarray, *, removed: bool) -> None:
        name = cuts.feature.name
        if name in self.findings:
            return
        self.left -= len(self.bars)
        change = cuts.change(row_R, removed=removed)
        if change is not None:
            self.findings[name] = self.describe(cuts.feature, change)


def _has_comb(feature: Feature, look_back: Mapping[str, int]) -> bool:
    return not feature.look_back_sessions and look_back.get(feature.name, MAX_LOOK_BACK + 1) <= MAX_LOOK_BACK


def _for(each: CombClass, comb: Comb) -> Comb:
    return Comb(look_back=each.look_back, compared=comb.compared, replaced=comb.replaced)
