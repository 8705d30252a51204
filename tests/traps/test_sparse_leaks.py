"""A look at the next bar on few rows only: every one of them must be named before anything is trained."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from tests.worlds.sparse_leaks import ALL, ELSEWHERE, ROWS_THAT_LEAK, SparseLeak, minutes

from tailproof import pipeline
from tailproof.audit import audit_features
from tailproof.core.errors import LeakError
from tailproof.report import SILENT
from tailproof.settings.train_settings import TrainSettings
from tailproof.tasks import forward_return

SOME = tuple(
    SparseLeak(rows=rows, one_in=500, elsewhere=elsewhere)
    for rows, elsewhere in zip(ROWS_THAT_LEAK, ELSEWHERE, strict=True)
)
"""Each kind of rows and each kind of other values once, on fewer bars."""


@pytest.mark.parametrize("leak", SOME, ids=str)
def test_a_look_ahead_on_one_row_in_500_is_named(leak: SparseLeak) -> None:
    bars, label = minutes(14_000), partial(forward_return, horizon=1)
    audit = audit_features(bars, [leak.feature(bars)], label, horizon=1, random=np.random.default_rng(0))
    assert [(one.rule, one.what) for one in audit.findings] == [("sees later bars", "'leak'")]
    (finding,) = audit.findings
    assert finding.row is not None
    # What hangs on how many bars are left in the session moves with their number, not with what is in them.
    assert finding.seen_row in ((finding.row + 1, None) if leak.rows == "at_the_end" else (finding.row + 1,))


@pytest.mark.slow
@pytest.mark.parametrize("leak", ALL, ids=str)
def test_train_names_a_look_ahead_on_few_of_200_000_rows(leak: SparseLeak, tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text(
        f"from tests.worlds.sparse_leaks import SparseLeak, minutes\nleak = {leak!r}.feature(minutes(200_000))\n",
        encoding="utf-8",
    )
    settings = TrainSettings(feature_file=own, features=("leak",))
    with pytest.raises(LeakError, match="'leak' sees later bars"):
        pipeline.train_on_bars(minutes(200_000), settings=settings, out=tmp_path / "run", reporter=SILENT)
