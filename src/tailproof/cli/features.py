"""``tailproof features``: the list of the features."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tailproof.cli.printing import show


def features(
    *names: str,
    family: str | None = None,
    feature_file: Path | None = None,
    formulas: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """List the features: family, look-back, what columns they need, formula and source.

    Parameters
    ----------
    names
        Presets or features to list; by default all.
    family
        Only families whose name contains this.
    feature_file
        Python file with features of your own, listed too.
    formulas
        Print formula and source of each.
    """
    from tailproof.features.listing import listed

    chosen = listed(names, family=family, feature_file=feature_file)
    for title, group in groupby(chosen, key=lambda feature: feature.family):
        show(f"\n{title}")
        for feature in group:
            level = f"; a level: prefer {feature.stationary_twin or 'its change'}" if feature.level else ""
            show(f"  {feature.name:<28} {feature.history:<24} {feature.reads}{level}")
            if formulas:
                show(f"      {feature.formula}\n      {feature.source}; known {feature.known}")
    count = f"{len(chosen)} feature{'' if len(chosen) == 1 else 's'}"
    show(f"\n{count}. Presets: {_presets()}. Train on them with: tailproof train DATA --features NAME ...")


def _presets() -> str:
    from tailproof.features import PRESETS

    return ", ".join(f"{name} ({len(members)})" for name, members in PRESETS.items())
