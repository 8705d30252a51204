"""Features that see the future, each by another of the usual mistakes: the audit must name every one of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.worlds.leaks import CLOSE, CROSSING, LEAKS, bars, crossing, own

from tailproof.audit import Audit, Auditor
from tailproof.features import Feature


def audit(feature: Feature, seed: int = 0) -> Audit:
    auditor = Auditor(bars(), np.random.default_rng(seed))
    auditor.features([feature], cuts=12, rows=4)
    return auditor.report()


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_inside_the_segment_is_caught(name: str) -> None:
    findings = audit(own(name, LEAKS[name])).findings
    assert [(one.rule, one.what) for one in findings] == [("sees later bars", f"'{name}'")]


@pytest.mark.parametrize("name", CROSSING)
def test_a_leak_over_breaks_is_caught(name: str) -> None:
    findings = audit(crossing(name)).findings
    assert [(one.rule, one.what) for one in findings] == [("sees later bars", f"'{name}'")]


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
    findings = audit(feature).findings
    assert [one.rule for one in findings] == ["needs more history than declared"]
    assert "(it needs 49 bars)" in findings[0].sentence()


def test_what_is_not_declared_is_measured() -> None:
    report = audit(own("mean_30", lambda frame: CLOSE.rolling_mean(30)))
    assert report.passed
    assert report.measured == {"mean_30": 29}


def test_a_causal_feature_passes_whatever_the_seed() -> None:
    feature = own("causal", lambda frame: CLOSE / CLOSE.shift(7) - CLOSE.rolling_std(11) / CLOSE)
    assert all(audit(feature, seed=seed).passed for seed in range(5))


def test_training_on_a_leak_is_refused(tmp_path: Path) -> None:
    from tailproof.audit import refuse_leaks
    from tailproof.core.errors import LeakError

    with pytest.raises(LeakError, match="'next_close' sees later bars at bar"):
        refuse_leaks(audit(own("next_close", LEAKS["next_close"])))


def test_a_look_ahead_behind_a_condition_that_is_never_true_is_named() -> None:
    """``hour() * 60`` overflows 8 bits, so that the feature is 0 at all bars and no value can show what it does."""
    clock = pl.col("time").dt.hour() * 60 + pl.col("time").dt.minute()
    peek = (CLOSE.shift(-1) / CLOSE - 1.0).fill_null(0.0)
    never = own("never", lambda frame: pl.when(clock > 14 * 60).then(peek).otherwise(0.0))
    (finding,) = audit(never).findings
    assert (finding.rule, finding.what) == ("sees later bars", "'never'")
    assert "its formula shifts them back (-1 bars)" in finding.sentence()


def test_a_shift_back_that_is_shifted_forth_again_is_no_look_ahead() -> None:
    assert audit(own("there_and_back", lambda frame: CLOSE.shift(-1).shift(2) / CLOSE)).passed
