"""Later bars that a formula openly reads, for features whose values cannot show it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from tailproof.audit.difference import numbers
from tailproof.audit.finding import Finding
from tailproof.core.records import Bars
from tailproof.features import Feature, compute

_BACKWARD = re.compile(r"\b(?:shift|diff|pct_change)\(\[?(?:dyn int: )?(-\d+)")


def hidden_looks(bars: Bars, features: Sequence[Feature]) -> list[Finding]:
    """Features that have one value at all bars, and shift later bars back in a part of their formula that never shows.

    A condition that is never true hides the rest of a formula from every test of values: an hour is a small integer,
    and ``hour * 60`` overflows. What the formula says it does counts then.
    """
    findings = []
    for feature in features:
        words = _BACKWARD.search(str(feature.on(bars.frame)))
        if words is None:
            continue
        value_N = numbers(compute(bars, [feature])[feature.name])
        known_N = value_N[~np.isnan(value_N)]
        if len(known_N) and (known_N == known_N[0]).all():
            findings.append(
                Finding(
                    rule="sees later bars",
                    what=f"'{feature.name}'",
                    detail=f"its formula shifts them back ({words[1]} bars), and no value shows it, since the feature "
                    f"is {known_N[0]:g} at all bars. Is its condition ever true? (polars keeps hour() in 8 bits, and "
                    "hour() * 60 overflows: cast it first)",
                )
            )
    return findings
