"""Features that see the future, each by another of the usual mistakes: the audit must name every one of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from conftest import bars_of, random_bar_frame

from tailproof.auditing import Audit, Auditor
from tailproof.core.records import Bars
from tailproof.features import Feature
from tailproof.features.own import feature_of

CLOSE, HIGH = pl.col("close"), pl.col("high")
BREAKS = (400, 900, 1300)


def bars() -> Bars:
    """1,600 minutes in four sessions; the VIX is empty for 60 bars, so that filling backward can show."""
    frame = random_bar_frame(1600, seed=3, breaks=BREAKS)
    hole = pl.int_range(pl.len()).is_between(1000, 1060)
    return bars_of(frame.with_columns(vix_close=pl.when(~hole).then("vix_close")))


def first_component(frame: pl.DataFrame) -> pl.Expr:
    """The loadings come from all bars, those to come included."""
    columns = [CLOSE.pct_change(), (HIGH / pl.col("low") - 1.0), (CLOSE / pl.col("open") - 1.0)]
    x_NF = frame.select(column.fill_null(0.0).alias(str(index)) for index, column in enumerate(columns)).to_numpy()
    loading_F = np.linalg.svd(x_NF - x_NF.mean(axis=0), full_matrices=False)[2][0]
    return pl.sum_horizontal(column * float(weight) for column, weight in zip(columns, loading_F, strict=True))


LEAKS: dict[str, Callable[[pl.DataFrame], pl.Expr]] = {
    "next_close": lambda frame: CLOSE.shift(-1) / CLOSE - 1.0,
    "close_thirty_bars_ahead": lambda frame: CLOSE.shift(-30),
    "centred_rolling_mean": lambda frame: CLOSE.rolling_mean(21, center=True) / CLOSE - 1.0,
    "global_z_score": lambda frame: (CLOSE - CLOSE.mean()) / CLOSE.std(),
    "whole_sample_rank": lambda frame: CLOSE.rank() / pl.len(),
    "backward_fill": lambda frame: pl.col("vix_close").backward_fill(),
    "interpolated": lambda frame: pl.col("vix_close").interpolate(),
    "future_fitted_pca": first_component,
    "label_as_feature": lambda frame: (CLOSE.shift(-1) / CLOSE).log().sign(),
    "average_from_the_end": lambda frame: CLOSE.reverse().ewm_mean(alpha=0.1).reverse() / CLOSE,
    "bars_left_in_the_session": lambda frame: pl.len() - pl.int_range(pl.len()),
    "seconds_to_the_next_bar": lambda frame: (pl.col("time").shift(-1) - pl.col("time")).dt.total_seconds(),
    "scaled_by_the_largest_move": lambda frame: CLOSE.pct_change() / CLOSE.pct_change().abs().max(),
    "median_of_the_frame": lambda frame: pl.col("volume") / float(frame["volume"].median() or 1.0),
}
CROSSING: dict[str, pl.Expr] = {
    "session_high_before_its_end": HIGH.max().over("session") / CLOSE - 1.0,
    "hour_visible_before_it_closed": CLOSE.last().over("segment", pl.col("time").dt.truncate("1h")) / CLOSE - 1.0,
    "tomorrow_first_open": pl.col("open").first().over("session").shift(-600),
}


def audit(feature: Feature, seed: int = 0) -> Audit:
    auditor = Auditor(bars(), np.random.default_rng(seed))
    auditor.features([feature], cuts=12, rows=4)
    return auditor.report()


def own(name: str, function: Callable[[pl.DataFrame], pl.Expr]) -> Feature:
    feature = feature_of(function)
    return Feature(name=name, expression=feature.expression, formula=name, needs=(), look_back=None)


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_inside_the_segment_is_caught(name: str) -> None:
    found = audit(own(name, LEAKS[name])).findings
    assert [(one.rule, one.what) for one in found] == [("sees later bars", f"'{name}'")]


@pytest.mark.parametrize("name", CROSSING)
def test_a_leak_over_breaks_is_caught(name: str) -> None:
    feature = Feature(
        name=name, expression=CROSSING[name], formula=name, needs=(), look_back=60, crosses="whatever it likes"
    )
    found = audit(feature).findings
    assert [(one.rule, one.what) for one in found] == [("sees later bars", f"'{name}'")]


def test_the_finding_names_the_row_both_values_and_the_bar_it_saw() -> None:
    table = bars()
    finding = audit(own("next_close", LEAKS["next_close"])).findings[0]
    assert finding.row is not None
    close_N = table.frame["close"].to_numpy()
    assert finding.seen_row == finding.row + 1
    assert finding.values is not None
    assert finding.values[0] == pytest.approx(close_N[finding.row + 1] / close_N[finding.row] - 1.0)
    assert finding.values[1] is None, "with the later bars removed there is no next close"
    assert f"the first later bar it saw is {finding.row + 1:,}" in finding.sentence()


@pytest.mark.parametrize("ahead", [1, 5, 40])
def test_the_bar_it_saw_is_found_however_far_ahead(ahead: int) -> None:
    finding = audit(own("ahead", lambda frame: CLOSE.shift(-ahead).fill_null(0.0))).findings[0]
    assert finding.row is not None
    assert finding.seen_row == finding.row + ahead


def test_a_feature_that_reads_further_back_than_it_says_is_found() -> None:
    feature = Feature(
        name="forgets", expression=CLOSE.rolling_mean(50, min_samples=1), formula="", needs=("close",), look_back=20
    )
    found = audit(feature).findings
    assert [one.rule for one in found] == ["needs more history than declared"]
    assert "(it needs 49 bars)" in found[0].sentence()


def test_what_is_not_declared_is_measured() -> None:
    report = audit(own("mean_30", lambda frame: CLOSE.rolling_mean(30)))
    assert report.passed
    assert report.measured == {"mean_30": 29}


def test_a_causal_feature_passes_whatever_the_seed() -> None:
    feature = own("causal", lambda frame: CLOSE / CLOSE.shift(7) - CLOSE.rolling_std(11) / CLOSE)
    assert all(audit(feature, seed=seed).passed for seed in range(5))


def test_training_on_a_leak_is_refused(tmp_path: Path) -> None:
    from tailproof.auditing import refuse_leaks
    from tailproof.core.errors import LeakError

    with pytest.raises(LeakError, match="'next_close' sees later bars at bar"):
        refuse_leaks(audit(own("next_close", LEAKS["next_close"])))
