"""The thorough causality audit of bars, outside any run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tailproof.audit.auditor import Auditor, refuse_leaks
from tailproof.audit.finding import Audit
from tailproof.audit.sampled import THOROUGH, audit_merges
from tailproof.bars import Merged
from tailproof.core.randomness import generator
from tailproof.core.records import Bars
from tailproof.features import own_features, select_features
from tailproof.tasks import forward_return


def audit_bars(
    bars: Bars,
    names: Sequence[str],
    *,
    feature_file: Path | None,
    merged: Sequence[Merged] = (),
    horizon: int,
    seed: int = 0,
    log: Callable[[str], None] = print,
) -> Audit:
    """The thorough causality audit of ``tailproof check --audit``: bars, merges, features, labels.

    Args:
        bars: with all series joined to them.
        names: presets, names or patterns of features.
        feature_file: features of the user's own.
        merged: how the series were joined.
        horizon: bars from the close of a bar to the close that is forecast.
        seed: of the rows and cuts that are drawn.
        log: is called with every line for the screen.

    Raises:
        LeakError: names everything that knows the future.
    """
    random = generator(seed, "audit")
    auditor = Auditor(bars, random)
    auditor.order()
    own = own_features(feature_file, bars)
    chosen = select_features(bars, names, own=own).features
    audit_merges(auditor, merged, chosen, count=THOROUGH.rows)
    auditor.features(chosen, cuts=THOROUGH.cuts, rows=THOROUGH.rows)
    auditor.labels(partial(forward_return, horizon=horizon), horizon=horizon, count=THOROUGH.labels)
    audit = auditor.report()
    log(audit.lines()[0])
    refuse_leaks(audit)
    for line in audit.lines()[1:]:
        log(line)
    return audit
