"""Training and the audit are handed one label: a cheat that only one of them is given is found all the same."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.audit.finding import Audit
from tailproof.core.errors import LeakError
from tailproof.core.records import Bars
from tailproof.runs.own_inputs import NO_OWN_INPUTS, OwnInputs
from tailproof.runs.prepared_run import PreparedRun, prepare_run
from tailproof.settings.train_settings import TrainSettings
from tailproof.tasks import Label, forward_return

BARS = bars_of(random_bar_frame(900, seed=1, breaks=(300, 600)))
SETTINGS = TrainSettings(features=("close_change_pct",), members=1, placebos=0, folds=2, engine="lanes", audit="warn")


def return_of_the_bar_itself(bars: Bars, *, horizon: int) -> pl.DataFrame:
    return forward_return(bars, horizon=horizon).with_columns(
        forward_return=bars.frame.select((pl.col("close") / pl.col("close").shift(1) - 1.0).over("segment")).to_series()
    )


def ends_one_bar_late(bars: Bars, *, horizon: int) -> pl.DataFrame:
    ends = bars.frame.select(pl.col("known_at").shift(-horizon - 1).over("segment")).to_series()
    return forward_return(bars, horizon=horizon).with_columns(label_end=ends)


def prepared(label: Label | None = None) -> PreparedRun:
    return prepare_run(BARS, SETTINGS, NO_OWN_INPUTS if label is None else OwnInputs(label=label))


def audit_of(run: PreparedRun) -> Audit:
    audit = run.audit(())
    assert audit is not None
    return audit


def test_one_honest_label_passes() -> None:
    assert audit_of(prepared()).passed


def test_a_cheat_given_to_both_is_named() -> None:
    """The label that a caller brings is the one that the audit looks at: else only the difference would be named."""
    sentences = [finding.sentence() for finding in audit_of(prepared(return_of_the_bar_itself)).findings]
    assert any("label not after known-at" in sentence for sentence in sentences)
    assert not any("computed again" in sentence for sentence in sentences)


@pytest.mark.parametrize("cheat", [return_of_the_bar_itself, ends_one_bar_late])
def test_a_cheat_given_to_training_alone_is_found(cheat: Label) -> None:
    run = prepared(cheat)
    audit = audit_of(replace(run, task=replace(run.task, label=forward_return)))
    assert [finding.what for finding in audit.findings] == ["the label"]
    assert "rows differ in their return or label end" in audit.findings[0].sentence()


def test_a_cheat_given_to_the_audit_alone_is_found() -> None:
    run = prepared()
    audit = audit_of(replace(run, task=replace(run.task, label=return_of_the_bar_itself)))
    assert {finding.rule for finding in audit.findings} == {"label not after known-at", "not a function of the bars"}


def test_a_label_that_differs_stops_the_run() -> None:
    run = prepare_run(BARS, SETTINGS.replace(audit="stop"), OwnInputs(label=ends_one_bar_late))
    with pytest.raises(LeakError, match="the label not a function of the bars"):
        replace(run, task=replace(run.task, label=forward_return)).audit(())
