"""Combs that share an evaluation find what each finds by itself, and nothing reaches from one copy into the next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.audit.auditor import Auditor
from tailproof.audit.comb import Comb, comb_suspects, copied, copies_of, out_of_reach
from tailproof.audit.difference import numbers, spread_of
from tailproof.audit.noise import noise_around
from tailproof.features import Feature, compute, select_features

BARS = bars_of(random_bar_frame(700, seed=4, breaks=(200, 450)))
CLOSE = pl.col("close")
LEAK = Feature(
    name="rocp_2",
    expression=pl.when(pl.int_range(pl.len()) % 7 == 3).then(CLOSE.shift(-1) / CLOSE).otherwise(CLOSE / CLOSE.shift(2)),
    formula="the next close on one row in seven",
    needs=("close",),
    look_back=2,
)
"""It bears the name of a catalogue feature, whose combs may share an evaluation."""
CHOSEN = (LEAK, *select_features(BARS, ["volatility_20", "vwap_gap", "rocp_2_x5"]).features)


def suspects(comb: Comb, stacked_rows: int) -> dict[str, list[int]]:
    values = {feature.name: numbers(column) for feature, column in zip(CHOSEN, compute(BARS, CHOSEN), strict=True)}
    spreads = {name: spread_of(value_N) for name, value_N in values.items()}
    noise = noise_around(BARS, np.random.default_rng(1))
    moved = comb_suspects(BARS, noise, CHOSEN, comb, values, spreads, stacked_rows=stacked_rows)
    return {name: row_R.tolist() for name, row_R in moved.items()}


@pytest.mark.parametrize("comb", [Comb(look_back=22), Comb(look_back=22, compared=2, replaced=6)])
def test_combs_that_share_an_evaluation_find_what_each_finds_alone(comb: Comb) -> None:
    alone = suspects(comb, 1)
    assert suspects(comb, 5 * len(BARS)) == alone
    leaking = sum(len(range(3, rows - 1, 7)) for rows in (200, 250, 250))
    assert len(alone["rocp_2"]) == leaking // comb.compared  # only the last row before a tooth sees it
    assert alone["volatility_20"] == alone["vwap_gap"] == []


def test_a_copy_is_a_stretch_of_its_own() -> None:
    frame = copied(BARS, 3).frame
    assert frame["segment"].n_unique() == 3 * BARS.frame["segment"].n_unique()
    assert frame["session"].n_unique() == 3 * BARS.frame["session"].n_unique()
    values = compute(copied(BARS, 3), CHOSEN)
    assert values.equals(pl.concat([compute(BARS, CHOSEN)] * 3), null_equal=True)


def test_what_could_tell_a_copy_from_the_bars_is_evaluated_alone() -> None:
    assert copies_of(CHOSEN, 700) > 1
    own, crossing = replace(LEAK, name="leak"), replace(LEAK, crosses="the close of the last session")
    assert copies_of([own], 700) == copies_of([*CHOSEN, crossing], 700) == 1


def test_only_what_reads_the_clock_and_no_column_of_the_bars_is_out_of_reach() -> None:
    clock = select_features(BARS, ["day_sin_1", "bars_since_break"]).features
    assert [out_of_reach(feature) for feature in clock] == [True, True]
    leaking = replace(LEAK, needs=())  # whatever it says that it needs
    by_function = replace(LEAK, expression=lambda frame: pl.col("new_york_minute"))
    by_pattern = replace(LEAK, expression=pl.max_horizontal(pl.exclude("segment").shift(-1)), needs=())
    assert not any(out_of_reach(feature) for feature in (*CHOSEN, leaking, by_function, by_pattern))


def test_a_feature_out_of_reach_counts_as_tested() -> None:
    auditor = Auditor(BARS, np.random.default_rng(0))
    auditor.features(select_features(BARS, ["day_sin_1", "rocp_2"]).features, cuts=2, rows=1)
    assert auditor.report().share_tested == {"day_sin_1": 1.0, "rocp_2": 1.0}


def test_columns_selected_by_a_pattern_are_computed_and_audited() -> None:
    prices = pl.col("open", "close")
    seen = Feature(name="seen", expression=pl.max_horizontal(prices), formula="", needs=(), look_back=0)
    leak = Feature(name="leak", expression=pl.max_horizontal(prices.shift(-1)), formula="", needs=(), look_back=0)
    assert (
        compute(BARS, [seen])["seen"].to_list()
        == BARS.frame.select(pl.max_horizontal("open", "close"))["open"].to_list()
    )
    auditor = Auditor(BARS, np.random.default_rng(0))
    auditor.features([seen, leak], cuts=2, rows=1)
    assert [finding.what for finding in auditor.report().findings] == ["'leak'"]
