"""A formula is proved where it can only look back, and nothing is proved that can look ahead."""

import threading
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.bars import ROOT, bars_of, random_bar_frame

from tailproof.audit import Auditor
from tailproof.audit.finding import Audit
from tailproof.audit.formula import looks_back_only
from tailproof.bars.load import bars_from_frame
from tailproof.bars.simulate import simulate
from tailproof.core.records import Bars
from tailproof.features import CATALOGUE, PRESETS, Feature, compute
from tailproof.features.windows import CLOSE, HIGH, LOG_RETURN, RETURN, ROW, VOLUME, mean, recursive, shared, spread

LOCK = threading.Lock()
NEXT = shared("the next close of this test", CLOSE.shift(-1))


def feature(expression: pl.Expr, **others: object) -> Feature:
    return replace(
        Feature(name="tried", expression=expression, formula="", needs=(), look_back=None, every_row=True), **others
    )


LOOK_BACK = {
    "this bar": HIGH / CLOSE - 1.0,
    "a choice": pl.when(VOLUME > 0.0).then(RETURN.abs().log()).otherwise(None),
    "bars above": (CLOSE / CLOSE.shift(5)).clip(0.9, 1.1) + VOLUME.diff(2),
    "windows": spread(RETURN, 20) / mean(RETURN, 20) + HIGH.rolling_max(9) - LOG_RETURN.rolling_quantile(0.5),
    "sums from the top": VOLUME.cum_sum() + CLOSE.ewm_mean(alpha=0.1) + RETURN.forward_fill().fill_null(0.0),
    "the row of the segment": ROW.cast(pl.Float64).sqrt(),
    "the clock": (pl.col("new_york_minute").cast(pl.Float64) * 0.004).sin(),
}
NOT_PROVED = {
    "the next bar": CLOSE.shift(-1),
    "the next bar, shared": NEXT / CLOSE,
    "a shift by a column": CLOSE.shift(VOLUME.cast(pl.Int64)),
    "a difference ahead": CLOSE.diff(-1),
    "one part in a choice": pl.when(VOLUME > 0.0).then(CLOSE).otherwise(CLOSE.shift(-1)),
    "the condition of a choice": pl.when(CLOSE.shift(-1) > CLOSE).then(CLOSE).otherwise(0.0),
    "a window around its row": CLOSE.rolling_mean(5, center=True),
    "a sum from the end": VOLUME.cum_sum(reverse=True),
    "the next value known": RETURN.backward_fill(),
    "between known values": RETURN.interpolate(),
    "the mean of all": RETURN - RETURN.mean(),
    "missing values by the mean": RETURN.fill_null(strategy="mean"),
    "bounds from all": CLOSE.clip(CLOSE.min(), CLOSE.max()),
    "its rank among all": CLOSE.rank(),
    "the rows that follow": pl.len() - ROW,
    "rows counted from the end": pl.int_range(pl.len(), 0, -1),
    "another order": CLOSE.reverse(),
    "rows by number": CLOSE.gather(ROW + 1),
    "another window": CLOSE.max().over("session"),
    "values of its own": CLOSE + pl.Series(np.arange(3.0)),
    "a Python function": CLOSE.map_batches(lambda column: column.shift(-1)),
    "a Python function that cannot be written down": CLOSE.map_elements(
        lambda value: (LOCK, value)[1], return_dtype=pl.Float64
    ),
    "several columns": pl.max_horizontal(pl.all().shift(-1)),
    "a mean of chosen rows, causal but beyond the proof": recursive(RETURN, weight=0.1, seed=9, first=9),
}


@pytest.mark.parametrize("expression", LOOK_BACK.values(), ids=LOOK_BACK.keys())
def test_a_formula_that_can_only_look_back_is_proved(expression: pl.Expr) -> None:
    assert looks_back_only(feature(expression))


@pytest.mark.parametrize("expression", NOT_PROVED.values(), ids=NOT_PROVED.keys())
def test_a_formula_that_might_look_ahead_is_not_proved(expression: pl.Expr) -> None:
    assert not looks_back_only(feature(expression))


def test_only_values_on_the_rows_of_the_bars_are_proved() -> None:
    close = feature(CLOSE)
    others = [replace(close, crosses="the last close"), replace(close, times=5), replace(close, series="vix")]
    by_function = replace(close, expression=lambda frame: CLOSE / frame["close"].max())
    assert [looks_back_only(each) for each in (close, *others, by_function)] == [True, False, False, False, False]


def formulas() -> st.SearchStrategy[pl.Expr]:
    """Formulas of a few operations; more than half of them can look ahead."""
    leaves = st.sampled_from([CLOSE, HIGH, VOLUME, RETURN, ROW.cast(pl.Float64), pl.lit(2.5)])
    rows = st.integers(-3, 3)

    def grown(inner: st.SearchStrategy[pl.Expr]) -> st.SearchStrategy[pl.Expr]:
        return st.one_of(
            st.builds(lambda a, b: a + b, inner, inner),
            st.builds(lambda a, b: a / b, inner, inner),
            st.builds(lambda a, b, c: pl.when(a > b).then(c).otherwise(b), inner, inner, inner),
            st.builds(lambda a, n: a.shift(n), inner, rows),
            st.builds(lambda a, n: a.diff(n), inner, rows),
            st.builds(lambda a, n, center: a.rolling_mean(n, center=center), inner, st.integers(1, 5), st.booleans()),
            st.builds(lambda a, n: a.rolling_std(n + 1), inner, st.integers(1, 5)),
            st.builds(lambda a, last: a.cum_sum(reverse=last), inner, st.booleans()),
            st.builds(lambda a, way: a.fill_null(strategy=way), inner, st.sampled_from(["forward", "backward"])),
            st.builds(lambda a: a.ewm_mean(alpha=0.3), inner),
            st.builds(lambda a: a - a.mean(), inner),
            st.builds(lambda a: a.abs().clip(0.5, None), inner),
        )

    mixed = st.recursive(leaves, grown, max_leaves=6)
    return mixed | mixed.map(lambda formula: formula + CLOSE.shift(-1))


def test_what_is_proved_does_not_move_with_later_bars() -> None:
    """Tried on formulas drawn from causal and other operations; both kinds are among them."""
    proved = moved = 0
    bars, other = (bars_of(random_bar_frame(40, seed=seed, breaks=(13, 29))) for seed in (1, 2))
    numbers = ("open", "high", "low", "close", "volume")

    @settings(max_examples=150)
    @given(formula=formulas(), kept=st.integers(5, 38))
    def try_one(formula: pl.Expr, kept: int) -> None:
        nonlocal proved, moved
        tried = feature(formula, every_row=False)
        replaced = [pl.concat([bars.frame[name][:kept], other.frame[name][kept:]]) for name in numbers]
        frames = (bars.frame, bars.frame.with_columns(replaced), bars.frame.head(kept))
        values, *others = (compute(replace(bars, frame=frame), [tried]).head(kept) for frame in frames)
        same = all(values.equals(again, null_equal=True) for again in others)
        if looks_back_only(tried):
            assert same, str(formula)
            proved += 1
        moved += not same

    try_one()
    assert proved >= 20
    assert moved >= 20


def audit_of(features: list[Feature]) -> Audit:
    auditor = Auditor(some_bars(), np.random.default_rng(0))
    auditor.features(features, cuts=2, rows=1, believe_formulas=True)
    return auditor.report()


def some_bars() -> Bars:
    frame = simulate(rows=700, ic=0.02, seed=3).with_columns(pl.col("volume").cast(pl.Float64))
    return bars_from_frame(frame.with_row_index("line", offset=2), source="simulated bars")


def test_a_proof_takes_the_place_of_replaced_bars_for_the_catalogue_alone() -> None:
    own = feature(CLOSE / CLOSE.shift(3), look_back=3)
    report = audit_of([CATALOGUE["volatility_20"], CATALOGUE["session_return"], CATALOGUE["rsi_6"], own])
    assert report.passed
    assert report.proved == ("volatility_20",)
    assert report.share_tested == {"rsi_6": 1.0, "tried": 1.0}
    assert report.lines()[1:3] == [
        "  1 feature has a formula that can only look back, at every row.",
        "  Every row stood right before replaced bars (2 features).",
    ]


def test_a_catalogue_feature_whose_formula_looks_ahead_on_few_rows_is_found() -> None:
    peek = pl.when(ROW % 50 == 3).then(CLOSE.shift(-1) / CLOSE).otherwise(CLOSE / CLOSE.shift(2))
    report = audit_of([replace(CATALOGUE["rocp_2"], expression=peek)])
    assert [finding.what for finding in report.findings] == ["'rocp_2'"]
    assert report.proved == ()


@pytest.mark.parametrize("preset", ["original", "default"])
def test_all_features_of_the_small_presets_are_proved(preset: str) -> None:
    assert [name for name in PRESETS[preset] if not looks_back_only(CATALOGUE[name])] == []


def test_as_many_wide_features_are_proved_as_the_documents_say() -> None:
    wide = PRESETS["wide"]
    proved = sum(looks_back_only(CATALOGUE[name]) for name in wide)
    assert f"{proved} of the {len(wide)} of `wide`" in " ".join((ROOT / "docs" / "features.md").read_text().split())
