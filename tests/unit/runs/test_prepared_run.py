"""What is logged and audited of the set-up of a run before it trains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.models.fit_interactions import fit_interactions
from tailproof.models.piecewise_linear import fit_piecewise_linear
from tailproof.models.spec import PiecewiseLinear
from tailproof.runs.prepared_run import PreparedRun, prepare_run
from tailproof.runs.run_summary import run_summary
from tailproof.settings.train_settings import TrainSettings
from tailproof.walkforward import training

SETTINGS = TrainSettings(
    members=1, placebos=0, split="holdout", features=("price_range",), embedding="piecewise-linear", audit="warn"
)


def prepared(*, rows: int = 900, **changes: object) -> PreparedRun:
    frame = random_bar_frame(rows, breaks=(300, 600), interaction=1.6)
    return prepare_run(bars_of(frame), SETTINGS.replace(**changes))


def bins_of_all_rows(x_RF: np.ndarray, *, bins: int) -> PiecewiseLinear:
    assert x_RF.base is not None, "training rows are a view of all rows"
    return fit_piecewise_linear(x_RF.base, bins=bins)


def interactions_of_all_rows(x_NF: np.ndarray, y_NT: np.ndarray, *others: object, **how: bool) -> Any:
    del others, how
    return fit_interactions(x_NF, y_NT)


def test_what_is_fitted_on_training_rows_passes() -> None:
    audit = prepared().audit(())
    assert audit is not None
    assert audit.passed
    assert audit.tried["fitted statistics"] == 5


@pytest.mark.parametrize(
    ("function", "leaking", "name"),
    [
        ("set_interactions_apart", interactions_of_all_rows, "interactions"),
        ("fit_piecewise_linear", bins_of_all_rows, "embedding"),
    ],
)
def test_what_is_fitted_on_other_rows_too_is_found(
    monkeypatch: pytest.MonkeyPatch, function: str, leaking: Callable[..., Any], name: str
) -> None:
    monkeypatch.setattr(training, function, leaking)
    audit = prepared().audit(())
    assert audit is not None
    (finding,) = audit.findings
    assert (finding.rule, finding.what) == ("statistic moved by other rows", f"fitted '{name}'")


@pytest.mark.parametrize(
    ("rows", "changes", "ending"),
    [
        (2000, {}, " price_range²"),
        (900, {"features": ("vix_change_1",)}, ": none stands out from noise"),
        (600, {}, ": not looked for below 500 training rows or above 200 features"),
        (900, {"interactions": False}, None),
    ],
)
def test_the_log_says_which_interactions_there_are_or_why_none(
    rows: int, changes: dict[str, object], ending: str | None
) -> None:
    lines = [line.text for line in run_summary(prepared(rows=rows, **changes)) if "Interactions" in line.text]
    assert len(lines) == (ending is not None)
    assert all(line.endswith(ending or "") for line in lines)
