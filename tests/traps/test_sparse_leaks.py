"""A look at the next bar on few rows only: every one of them must be named before anything is trained."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from tests.worlds.leaks_by_train import names
from tests.worlds.sparse_leaks import ALL, ELSEWHERE, ONE_ROW_IN, ROWS_THAT_LEAK, SparseLeak, minutes

from tailproof.audit import audit_features
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
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("one_in", ONE_ROW_IN)
def test_train_names_every_look_ahead_on_few_of_200_000_rows(one_in: int) -> None:
    wanted = [str(leak) for leak in ALL if leak.one_in == one_in]
    missed: list[str] = []
    assert names("sparse", wanted, report=missed.append) == wanted, missed
